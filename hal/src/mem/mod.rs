//! Physical frames, page tables, kernel stacks, device memory, DMA.

pub mod dma;
pub mod frame;
pub mod mmio;
pub mod paging;

pub use frame::{Frame, PAGE_SHIFT, PAGE_SIZE, Page, Pfn};
pub use paging::{Mapping, PageTable, Perm, TlbBatch};

/// First address past the application's half: applications own `[MIN_USER, USER_END)`.
pub const USER_END: usize = 0x7fff_ffff_f000;
/// Below this nothing can be mapped (null guard, as vm.mmap_min_addr).
pub const MIN_USER: usize = 0x1_0000;

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

/// The figures now.
pub fn stats() -> MemoryStats {
    todo!()
}
