//! The PVH boot protocol (Xen's hvm_start_info, public/arch-x86/hvm/start_info.h): memory map, command line, modules, and our own payload.

use core::ptr;

use super::directmap::{self, phys_to_virt};
use super::start;
use crate::boot::{BootInfo, MAX_MODULES, set_info};

const MAGIC: u32 = 0x336e_c578;
const RAM: u32 = 1;
const PAGE: u64 = 4096;
/// Kept for the real-mode start of other CPUs.
pub(crate) const AP_PAGE: u64 = 0x8000;
const GIB: u64 = 1 << 30;
/// Tables for GiBs of the direct map where there are no 1 GiB pages; RAM beyond is not used.
const MAX_TABLES: usize = 64;
const MAX_EXCLUDED: usize = MAX_MODULES + 10;

#[repr(C)]
#[derive(Clone, Copy)]
struct StartInfo {
    magic: u32,
    version: u32,
    flags: u32,
    modules: u32,
    module_list: u64,
    cmdline: u64,
    rsdp: u64,
    memory_map: u64,
    memory_map_entries: u32,
    reserved: u32,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct Module {
    start: u64,
    size: u64,
    cmdline: u64,
    reserved: u64,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct MapEntry {
    start: u64,
    size: u64,
    kind: u32,
    reserved: u32,
}

/// Physical ranges that must not be handed out, in no order.
struct Excluded {
    ranges: [(u64, u64); MAX_EXCLUDED],
    len: usize,
}

impl Excluded {
    fn add(&mut self, start: u64, len: u64) {
        if len == 0 {
            return;
        }
        assert!(self.len < MAX_EXCLUDED, "too many boot modules");
        self.ranges[self.len] = (start & !(PAGE - 1), (start + len).next_multiple_of(PAGE));
        self.len += 1;
    }

    /// The lowest excluded range that touches `[start, end)`.
    fn first_in(&self, start: u64, end: u64) -> Option<(u64, u64)> {
        self.ranges[..self.len].iter().copied().filter(|r| r.1 > start && r.0 < end).min()
    }
}

/// The usable ranges of RAM: whole pages of the memory map's RAM entries without what is excluded.
struct Usable<'a> {
    map: core::slice::Iter<'a, MapEntry>,
    excluded: &'a Excluded,
    now: (u64, u64),
}

impl Iterator for Usable<'_> {
    type Item = (u64, u64);

    fn next(&mut self) -> Option<(u64, u64)> {
        loop {
            let (start, end) = self.now;
            if start >= end {
                let entry = self.map.next()?;
                if entry.kind == RAM {
                    let end = entry.start.saturating_add(entry.size).min(directmap::LIMIT);
                    self.now = (entry.start.next_multiple_of(PAGE), end & !(PAGE - 1));
                }
                continue;
            }
            match self.excluded.first_in(start, end) {
                Some((from, to)) => {
                    self.now.0 = to;
                    if from > start {
                        return Some((start, from));
                    }
                }
                None => {
                    self.now.0 = end;
                    return Some((start, end));
                }
            }
        }
    }
}

/// Copies a structure out of boot memory.
///
/// # Safety
/// `phys` is RAM in the first GiB, where the loader put a `T`.
unsafe fn copy<T: Copy>(phys: u64) -> T {
    // SAFETY: the caller's contract; boot memory has no alignment promise.
    unsafe { ptr::read_unaligned(phys_to_virt(phys).cast::<T>()) }
}

/// Boot memory as a slice.
///
/// # Safety
/// `phys..phys+len` is RAM that is excluded from allocation.
unsafe fn bytes(phys: u64, len: u64) -> &'static [u8] {
    // SAFETY: the caller's contract: nobody writes it any more, and the direct map lasts for ever.
    unsafe { core::slice::from_raw_parts(phys_to_virt(phys), len as usize) }
}

fn string_length(phys: u64) -> u64 {
    let mut len = 0;
    // SAFETY: the loader put a NUL-terminated string there; the bound stops a wild pointer.
    while len < 65536 && unsafe { phys_to_virt(phys + len).read() } != 0 {
        len += 1;
    }
    len
}

/// Reads everything, fills [`BootInfo`], completes the direct map and hands the free ranges to the frame allocator.
///
/// # Safety
/// Called once at boot with the physical address that the loader passed.
pub(crate) unsafe fn init(start_info: u64) {
    // SAFETY: EBX at entry, as the protocol says.
    let info: StartInfo = unsafe { copy(start_info) };
    assert!(info.magic == MAGIC && info.version >= 1, "not started by the PVH boot protocol, version 1");
    // SAFETY: version 1 has a memory map of this length; it is excluded below.
    let map = unsafe { core::slice::from_raw_parts(phys_to_virt(info.memory_map).cast::<MapEntry>(), info.memory_map_entries as usize) };
    let mut excluded = Excluded { ranges: [(0, 0); MAX_EXCLUDED], len: 0 };
    let image = start::image_range();
    excluded.add(0, PAGE);
    excluded.add(AP_PAGE, PAGE);
    excluded.add(image.0, image.1 - image.0);
    excluded.add(start_info, size_of::<StartInfo>() as u64);
    excluded.add(info.memory_map, size_of_val(map) as u64);
    let cmdline_len = if info.cmdline == 0 { 0 } else { string_length(info.cmdline) };
    excluded.add(info.cmdline, cmdline_len + 1);
    let (modules, count) = modules(&info, &mut excluded, image);
    let (payload_config, payload_root) = payload(&mut excluded, image);
    let limit = complete_direct_map(map, &mut excluded, image);
    modules[..count].iter().for_each(|module| clear_tail(module));
    set_info(
        BootInfo {
            // SAFETY: excluded above.
            cmdline: unsafe { bytes(info.cmdline, cmdline_len) },
            modules: &[],
            payload_config,
            payload_root,
            ram_bytes: map.iter().filter(|e| e.kind == RAM).map(|e| e.size).sum(),
            rsdp: info.rsdp,
        },
        modules,
        count,
    );
    hand_out(map, &excluded, limit);
}

/// The modules' bytes and their number. Their memory is excluded.
fn modules(info: &StartInfo, excluded: &mut Excluded, image: (u64, u64)) -> ([&'static [u8]; MAX_MODULES], usize) {
    let mut modules: [&'static [u8]; MAX_MODULES] = [&[]; MAX_MODULES];
    let count = info.modules as usize;
    assert!(count <= MAX_MODULES, "more than {MAX_MODULES} boot modules");
    for (i, slot) in modules.iter_mut().take(count).enumerate() {
        // SAFETY: the list has `count` entries.
        let module: Module = unsafe { copy(info.module_list + (i * size_of::<Module>()) as u64) };
        check_clear("boot module", module.start, module.size, image);
        excluded.add(module.start, module.size);
        // SAFETY: excluded just now.
        *slot = unsafe { bytes(module.start, module.size) };
    }
    excluded.add(info.module_list, (count * size_of::<Module>()) as u64);
    (modules, count)
}

/// Maps all RAM; the physical address at which that ends. CPUs without 1 GiB pages need a table per GiB, taken from the RAM that the boot tables map.
fn complete_direct_map(map: &[MapEntry], excluded: &mut Excluded, image: (u64, u64)) -> u64 {
    let end = |e: &MapEntry| e.start.saturating_add(e.size);
    // RAM, and the ACPI tables in it.
    let has_ram = |base: u64| map.iter().any(|e| matches!(e.kind, 1 | 3 | 4) && e.start < base + GIB && end(e) > base);
    let top = map.iter().filter(|e| e.kind == RAM).map(end).max().unwrap_or(0);
    let mut tables = [0; MAX_TABLES];
    let wanted = if super::cpuid::features().gib_pages { 0 } else { (1..512).filter(|g| has_ram(g * GIB)).count().min(MAX_TABLES) };
    for slot in tables.iter_mut().take(wanted) {
        let free = Usable { map: map.iter(), excluded, now: (0, 0) }.find(|r| r.0 >= image.1 && r.0 < GIB);
        *slot = free.expect("no memory for the direct map's tables").0;
        excluded.add_table(*slot);
    }
    let mut next_table = tables.iter().take(wanted);
    // SAFETY: boot, once; everything is reached through the direct map from here on.
    unsafe { directmap::init(top, has_ram, || next_table.next().copied()) }
}

/// Gives the free ranges below `limit` to the frame allocator.
fn hand_out(map: &[MapEntry], excluded: &Excluded, limit: u64) {
    let mut ranges = [const { 0..0 }; 2 * MAX_EXCLUDED];
    let mut found = 0;
    for (start, end) in (Usable { map: map.iter(), excluded, now: (0, 0) }).take(2 * MAX_EXCLUDED) {
        // In their order, each put where it belongs: they are few and come sorted but for a few.
        let mut at = found;
        ranges[at] = start.min(limit)..end.min(limit);
        while at > 0 && ranges[at - 1].start > ranges[at].start {
            ranges.swap(at - 1, at);
            at -= 1;
        }
        found += 1;
    }
    crate::mem::init(&ranges[..found]);
}

/// Zeroes from the end of a module to the end of its page, which an application may map. Modules may lie anywhere: the direct map is complete.
fn clear_tail(module: &[u8]) {
    let end = module.as_ptr_range().end as usize;
    let len = end.next_multiple_of(PAGE as usize) - end;
    // SAFETY: the rest of a page whose beginning is a module's: excluded from allocation, nobody else's, and in the direct map.
    unsafe { (end as *mut u8).write_bytes(0, len) };
}

impl Excluded {
    /// Adds a page that directly follows an excluded range by growing that range.
    fn add_table(&mut self, page: u64) {
        match self.ranges[..self.len].iter_mut().find(|r| r.1 == page) {
            Some(range) => range.1 += PAGE,
            None => self.add(page, PAGE),
        }
    }
}

/// QEMU lets a module overlap the kernel when memory is short: say so instead of running on damaged data.
fn check_clear(what: &str, start: u64, len: u64, image: (u64, u64)) {
    let end = start.checked_add(len).expect("a boot module wraps around");
    if start < image.1 && end > image.0 {
        panic!(
            "{what} at {start:#x}-{end:#x} overlaps the kernel at {:#x}-{:#x}: too little memory, give the machine more (-m)",
            image.0, image.1
        );
    }
}

/// The packed image's payload: eight words in the image that `unox pack` filled in (docs/boot-protocol.md, section 3).
fn payload(excluded: &mut Excluded, image: (u64, u64)) -> (&'static [u8], &'static [u8]) {
    let words = start::payload_words();
    let [_, 1, config, config_len, root, root_len, _, _] = words else { return (&[], &[]) };
    check_clear("the packed configuration", config, config_len, image);
    check_clear("the packed root image", root, root_len, image);
    assert!(root.is_multiple_of(PAGE), "the packed root image is not page aligned");
    excluded.add(config, config_len);
    excluded.add(root, root_len);
    // SAFETY: loaded by the boot loader as part of our ELF file, excluded just now.
    unsafe { (bytes(config, config_len), bytes(root, root_len)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn usable(map: &[MapEntry], cuts: &[(u64, u64)]) -> Vec<(u64, u64)> {
        let mut excluded = Excluded { ranges: [(0, 0); MAX_EXCLUDED], len: 0 };
        cuts.iter().for_each(|&(start, len)| excluded.add(start, len));
        Usable { map: map.iter(), excluded: &excluded, now: (0, 0) }.collect()
    }

    const fn ram(start: u64, size: u64) -> MapEntry {
        MapEntry { start, size, kind: RAM, reserved: 0 }
    }

    #[test]
    fn what_is_excluded_is_cut_out() {
        let map = [ram(0, 0x9_fc00), MapEntry { kind: 2, ..ram(0xf_0000, 0x1_0000) }, ram(0x10_0000, 0x30_0000)];
        let cuts = [(0x10_0000, 0x12_3456), (0, PAGE), (0x8000, 1), (0x30_0800, 0x900)];
        let left = [(0x1000, 0x8000), (0x9000, 0x9_f000), (0x22_4000, 0x30_0000), (0x30_2000, 0x40_0000)];
        assert_eq!(usable(&map, &cuts), left);
    }

    #[test]
    fn edges() {
        assert_eq!(usable(&[ram(0x1000, 0x1000)], &[(0x1000, 0x1000)]), []);
        assert_eq!(usable(&[ram(0x1800, 0x700)], &[]), [], "no whole page");
        assert_eq!(usable(&[ram(u64::MAX - 0x1fff, u64::MAX)], &[]), [], "beyond the direct map");
        assert_eq!(usable(&[ram(0x1000, 0x3000)], &[(0x2000, 0x800), (0x2000, 0x1000), (0x2800, 8)]), [(0x1000, 0x2000), (0x3000, 0x4000)]);
    }
}
