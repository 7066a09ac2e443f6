//! Page tables of an application's half of the address space, and the batch that owns pages until no CPU can reach them.

use super::frame::{Frame, Page, Pfn};

bitflags::bitflags! {
    /// What the application may do with a page. On x86-64 a present page is readable; no bit at all (PROT_NONE) means not present.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Perm: u8 {
        /// Load.
        const READ = 1;
        /// Store.
        const WRITE = 2;
        /// Fetch instructions.
        const EXEC = 4;
    }
}

/// One present entry.
#[derive(Debug, Clone, Copy)]
pub struct Mapping {
    /// The page mapped.
    pub pfn: Pfn,
    /// Its permissions.
    pub perm: Perm,
    /// Whether the entry holds a reference to a [`Frame`] (else the page is borrowed).
    pub owned: bool,
    /// References to the frame, 0 when borrowed.
    pub ref_count: u32,
    /// The CPU's accessed bit.
    pub accessed: bool,
    /// The CPU's dirty bit.
    pub dirty: bool,
}

/// Memory for a page-table page ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfMemory;

/// The lower half of one address space. Entries own references to the frames they map. Safe to call from several CPUs; callers keep one
/// address's operations ordered by their own VMA lock.
pub struct PageTable {
    _root: Pfn,
}

impl PageTable {
    /// An empty lower half that shares the kernel's upper half.
    pub fn new() -> Result<PageTable, OutOfMemory> {
        todo!()
    }

    /// Makes this the address space of the current CPU; does nothing if it is already.
    pub fn activate(&self) {
        todo!()
    }

    /// Maps `page` at `va` (page aligned, below USER_END). An entry that was present is replaced and its page goes to `batch`.
    pub fn map(&self, _va: usize, _page: Page, _perm: Perm, _batch: &mut TlbBatch) -> Result<(), OutOfMemory> {
        todo!()
    }

    /// The entry at `va`.
    pub fn query(&self, _va: usize) -> Option<Mapping> {
        todo!()
    }

    /// A counted handle to the page mapped at `va`.
    pub fn page(&self, _va: usize) -> Option<Page> {
        todo!()
    }

    /// Removes all entries in `[start, end)`; their pages go to `batch`. Empty table pages are freed. Returns how many entries were present. Skips absent tables at
    /// once, so terabyte ranges cost nothing.
    pub fn unmap_range(&self, _start: usize, _end: usize, _batch: &mut TlbBatch) -> usize {
        todo!()
    }

    /// Gives each present entry of the range the permissions that `perm` answers; an empty answer removes the entry.
    pub fn protect_range(&self, _start: usize, _end: usize, _perm: impl FnMut(usize, &Mapping) -> Perm, _batch: &mut TlbBatch) {
        todo!()
    }

    /// Calls `visit` for each present entry of the range.
    pub fn for_each(&self, _start: usize, _end: usize, _visit: impl FnMut(usize, &Mapping)) {
        todo!()
    }

    /// Moves the entries of `[from, from+len)` to `to` (mremap); the target must be empty.
    pub fn move_range(&self, _from: usize, _to: usize, _len: usize, _batch: &mut TlbBatch) -> Result<(), OutOfMemory> {
        todo!()
    }

    /// Copies the entries of the range into `child` for fork: owned pages gain a reference, and `perm` says the permissions both sides keep.
    pub fn share_range(
        &self,
        _child: &PageTable,
        _start: usize,
        _end: usize,
        _perm: impl FnMut(usize, &Mapping) -> Perm,
        _batch: &mut TlbBatch,
    ) -> Result<(), OutOfMemory> {
        todo!()
    }
}

/// Pages taken out of page tables. They are freed only when every CPU that could still reach them has flushed: at [`TlbBatch::flush`] or drop.
pub struct TlbBatch {
    _pages: [Option<Frame>; 0],
}

impl TlbBatch {
    /// An empty batch for `table`.
    pub fn new(_table: &PageTable) -> TlbBatch {
        todo!()
    }

    /// Invalidates what was collected and frees the pages.
    pub fn flush(&mut self) {
        todo!()
    }
}
