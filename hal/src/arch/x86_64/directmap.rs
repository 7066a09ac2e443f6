//! The direct map: all RAM at a fixed place in the kernel's half, with the largest pages the CPU has.
//!
//! One table of 512 entries covers 512 GiB. With 1 GiB pages an entry is all a GiB costs; without them each GiB needs a table of 2 MiB
//! pages, taken from the RAM itself.

use super::cpuid::features;
use super::regs;

/// Virtual address of physical 0.
pub(crate) const DIRECT_MAP: u64 = 0xffff_8880_0000_0000;
/// Its entry in the root table.
pub(crate) const SLOT: usize = (DIRECT_MAP >> 39 & 511) as usize;
/// First physical address that is not in the map.
pub(crate) const LIMIT: u64 = 512 << 30;

const GIB: u64 = 1 << 30;
/// Present, writable, accessed, dirty, global, no-execute.
const PAGE: u64 = 0x163 | 1 << 63;
const LARGE: u64 = 1 << 7;
const TABLE: u64 = 0x3;

unsafe extern "C" {
    static boot_pml4: u8;
    static boot_pdpt_direct: u8;
    pub(super) static boot_pd_direct: u8;
    pub(super) static boot_pd_high: u8;
}

/// Where RAM at `phys` is in the kernel's address space. Pure arithmetic: whether there is RAM is the caller's knowledge.
#[inline]
pub(crate) fn phys_to_virt(phys: u64) -> *mut u8 {
    (DIRECT_MAP + phys) as *mut u8
}

/// Points entry `index` of the GiB that holds the kernel image (at -2 GiB) at 2 MiB of device memory, uncached. The address it appears at.
pub(crate) fn map_device_2m(index: usize, phys: u64) -> u64 {
    let table = (&raw const boot_pd_high).cast::<u64>().cast_mut();
    // SAFETY: the table belongs to the kernel for ever; the entry is one of the two that are kept for this (SLIDE_SLOTS).
    unsafe { table.add(index).write_volatile(phys | PAGE | LARGE | 0x18) };
    super::IMAGE_OFFSET + (index as u64) * (2 << 20)
}

/// Maps every GiB below `top` for which `has_ram` says so and takes low addresses away from the kernel. `table` gives a physical page for a table. Returns the end of what
/// could be mapped.
///
/// # Safety
/// Called once at boot, on the boot tables; what is reached by low addresses is not used any more.
pub(crate) unsafe fn init(top: u64, has_ram: impl Fn(u64) -> bool, mut table: impl FnMut() -> Option<u64>) -> u64 {
    let pdpt = (&raw const boot_pdpt_direct).cast::<u64>().cast_mut();
    let pml4 = (&raw const boot_pml4).cast::<u64>().cast_mut();
    let mut limit = LIMIT;
    for gib in 0..top.clamp(GIB, LIMIT).div_ceil(GIB) {
        let base = gib * GIB;
        let entry = if gib > 0 && !has_ram(base) {
            0
        } else if features().gib_pages {
            base | PAGE | LARGE
        } else {
            let first = || Some(super::start::image_phys(&raw const boot_pd_direct as u64));
            let Some(phys) = (if gib == 0 { first() } else { table() }) else {
                limit = base;
                break;
            };
            let entries = phys_to_virt(phys).cast::<u64>();
            for i in 0..512 {
                // SAFETY: the page is a table of ours, reached through the part of the map that exists.
                unsafe { entries.add(i as usize).write_volatile((base + i * (2 << 20)) | PAGE | LARGE) };
            }
            phys | TABLE
        };
        // SAFETY: the boot tables belong to us, and GiB 0, which holds what we run on, keeps its address.
        unsafe { pdpt.add(gib as usize).write_volatile(entry) };
    }
    // SAFETY: the kernel runs in the high half by now.
    unsafe {
        pml4.write_volatile(0);
        regs::write_cr3(regs::read_cr3());
    }
    limit
}
