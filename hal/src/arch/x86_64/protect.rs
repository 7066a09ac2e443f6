//! The kernel image in 4 KiB pages with the least rights: code cannot be written, data cannot be run, what is not image is not there.

use super::directmap::{boot_pd_direct, boot_pd_high, phys_to_virt};
use super::{regs, start};
use crate::mem::section;

const PAGE: u64 = 4096;
const LARGE_PAGE: u64 = 2 << 20;
const ENTRIES: usize = 512;
/// Present, accessed, dirty, global.
const READ: u64 = 0x161;
const WRITE: u64 = 2;
const NO_EXECUTE: u64 = 1 << 63;
const TABLE: u64 = 3;

unsafe extern "C" {
    static __text_end: u8;
    static __rodata_end: u8;
}

/// Replaces the large pages of the image one by one. Out of memory (not at boot) leaves the rest as it is.
///
/// # Safety
/// Once at boot, after the frame allocator started and nothing writes to code any more.
pub(crate) unsafe fn init() {
    let (first, end) = start::image_range();
    let text_end = start::image_phys(&raw const __text_end as u64).next_multiple_of(PAGE);
    let rodata_end = start::image_phys(&raw const __rodata_end as u64).next_multiple_of(PAGE);
    let guard = start::image_phys(&raw const boot_pd_direct as u64);
    let directory = (&raw const boot_pd_high).cast::<u64>().cast_mut();
    let slot = start::slide() / LARGE_PAGE;
    for large in 0..end.div_ceil(LARGE_PAGE) {
        let Some(frame) = section::alloc() else { break };
        let base = large * LARGE_PAGE;
        let table = phys_to_virt(frame.0 << 12).cast::<u64>();
        // SAFETY: a frame of ours, seen through the direct map.
        let entries = unsafe {
            table.write_bytes(0, ENTRIES);
            core::slice::from_raw_parts_mut(table, ENTRIES)
        };
        for (from, to, rights) in
            [(first, text_end, READ), (text_end, rodata_end, READ | NO_EXECUTE), (rodata_end, end, READ | WRITE | NO_EXECUTE)]
        {
            let index = |at: u64| (at.max(base) - base).min(LARGE_PAGE) as usize / PAGE as usize;
            let mut entry = from.max(base) | rights;
            for slot in &mut entries[index(from)..index(to)] {
                *slot = entry;
                entry += PAGE;
            }
        }
        if let Some(slot) = guard.checked_sub(base).and_then(|at| entries.get_mut((at / PAGE) as usize)) {
            *slot = 0;
        }
        // SAFETY: the new table maps the same memory at the same addresses; rights that the image does not use go.
        unsafe { directory.add((slot + large) as usize).write_volatile(frame.0 << 12 | TABLE) };
    }
    // SAFETY: as above. The old entries were not global, so this forgets them.
    unsafe { regs::write_cr3(regs::read_cr3()) };
}
