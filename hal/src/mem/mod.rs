//! Physical frames, page tables, kernel stacks, the heap, device memory, DMA.
//!
//! Nothing here touches a page of RAM before it is handed out: boot does not grow with the size of the machine.

pub mod dma;
pub mod frame;
pub mod heap;
pub(crate) mod kmap;
// Used by the tasks of the machine layer.
#[allow(dead_code)]
pub(crate) mod kstack;
pub mod mmio;
pub mod paging;
pub(crate) mod phys;
pub(crate) mod section;
pub(crate) mod table;
mod tlb;

use core::ops::Range;

use crate::sync::Once;

pub use frame::{Frame, PAGE_SHIFT, PAGE_SIZE, Page, Pfn};
pub use paging::{Mapping, PageTable, Perm};
pub use tlb::TlbBatch;

/// First address past the application's half: applications own `[MIN_USER, USER_END)`.
pub const USER_END: usize = 0x7fff_ffff_f000;
/// Below this nothing can be mapped (null guard, as vm.mmap_min_addr).
pub const MIN_USER: usize = 0x1_0000;

/// Memory for a page or a page-table page ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfMemory;

/// Figures of physical memory, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct MemoryStats {
    /// RAM the machine has.
    pub total: u64,
    /// RAM not handed out.
    pub free: u64,
    /// The most that was ever handed out at one time.
    pub peak_used: u64,
}

/// Starts the allocators over an arena of the test process (feature `fake-memory`); may be called by every test.
#[cfg(feature = "fake-memory")]
pub fn start_fake() {
    phys::fake::start();
}

/// Reads the arena of [`start_fake`] at a physical address, as a device of a test does. Panics outside.
#[cfg(feature = "fake-memory")]
pub fn fake_read(phys: u64, dst: &mut [u8]) {
    let last = dst.len().saturating_sub(1) as u64;
    let (source, _) = (phys::virt(phys), phys::virt(phys + last));
    // SAFETY: both ends are in the arena (checked by `virt`), which is one block that is never freed and never seen as a Rust object.
    unsafe { dst.as_mut_ptr().copy_from_nonoverlapping(source, dst.len()) }
}

/// As [`fake_read`], writing.
#[cfg(feature = "fake-memory")]
pub fn fake_write(phys: u64, src: &[u8]) {
    let last = src.len().saturating_sub(1) as u64;
    let (target, _) = (phys::virt(phys), phys::virt(phys + last));
    // SAFETY: as in `fake_read`.
    unsafe { target.copy_from_nonoverlapping(src.as_ptr(), src.len()) }
}

/// The figures now.
pub fn stats() -> MemoryStats {
    section::stats()
}

/// True when only the kernel's reserve of memory is left: calls that make something new for an application then say ENOMEM.
pub fn is_low() -> bool {
    below(1)
}

/// True when half of the kernel's reserve is gone too: even what is needed to give something up must wait.
pub fn is_exhausted() -> bool {
    below(2)
}

/// Whether there is less left than the kernel's reserve divided by `share`, and nothing to free.
fn below(share: u64) -> bool {
    while section::is_below(share) {
        if !reclaim() {
            return true;
        }
    }
    false
}

static RECLAIMER: Once<fn() -> bool> = Once::new();

/// Registers what frees pages when an allocation finds none (false: there are none to free). It runs inside the allocation, so it takes no lock that somebody
/// may hold who allocates, does not sleep and does not allocate.
pub fn set_reclaimer(reclaimer: fn() -> bool) {
    let _ = RECLAIMER.set(reclaimer);
}

/// Frees something; false when there is nothing left to free.
#[cold]
fn reclaim() -> bool {
    table::release_spare() || RECLAIMER.get().is_some_and(|reclaimer| reclaimer())
}

/// Tries an allocation, and again for as long as memory can be freed for it. Not under the heap's locks.
#[inline]
fn find_memory<T>(mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    match attempt() {
        None => reclaim_for(attempt),
        found => found,
    }
}

/// Tries an allocation that has failed again for as long as memory can be freed for it. Not under the heap's locks: freeing takes them.
#[cold]
fn reclaim_for<T>(mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    while reclaim() {
        let result = attempt();
        if result.is_some() {
            return result;
        }
    }
    None
}

/// Starts the allocators. Called once by the boot code, on the kernel's own page tables, with the direct map of `usable` in place. `usable` holds
/// physical byte ranges, ascending and disjoint, without the kernel's image, the modules, the boot page tables and the page kept for
/// starting other CPUs.
#[allow(dead_code)] // called by the boot code
pub(crate) fn init(usable: &[Range<u64>]) {
    section::init(usable);
    crate::arch::imp::pageops::init();
    kmap::init();
}
