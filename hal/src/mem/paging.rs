//! Page tables of an application's half of the address space.

mod ranges;

use core::sync::atomic::{AtomicU64, Ordering};

use super::frame::{Frame, Page, Pfn};
use super::table::{self, ENTRIES, GROUP, Table};
use super::{OutOfMemory, PAGE_SIZE, TlbBatch, USER_END, kmap, section};
use crate::arch::imp::pte::{self, Pte};
use crate::cpu;

flags::flags! {
    /// What the application may do with a page. On x86-64 a visible page is readable; no bit at all (PROT_NONE) keeps the page out of the CPU's sight.
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

/// One entry that holds a page.
#[derive(Debug, Clone, Copy)]
pub struct Mapping {
    /// The page mapped.
    pub pfn: Pfn,
    /// Its permissions; empty for a page kept behind PROT_NONE.
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

impl Mapping {
    #[inline]
    fn of(entry: Pte) -> Mapping {
        let owned = entry.owned();
        let ref_count = if owned { section::count(entry.pfn()).load(Ordering::Acquire) } else { 0 };
        Mapping { pfn: entry.pfn(), perm: entry.perm(), owned, ref_count, accessed: entry.accessed(), dirty: entry.dirty() }
    }
}

/// The lower half of one address space. Entries own references to the frames they map. Safe to call from several CPUs; callers keep one
/// address's operations ordered by their own VMA lock, and call the functions that free tables ([`PageTable::unmap_range`],
/// [`PageTable::move_range`]) only while nobody else maps into this space.
pub struct PageTable {
    root: Table,
    /// CPUs on which it is active.
    cpus: AtomicU64,
}

const TOP: usize = 3;

impl PageTable {
    /// An empty lower half that shares the kernel's upper half.
    pub fn new() -> Result<PageTable, OutOfMemory> {
        let root = Table::new().ok_or(OutOfMemory)?;
        kmap::share_upper_half(root);
        Ok(PageTable { root, cpus: AtomicU64::new(0) })
    }

    /// Makes this the address space of the current CPU; does nothing if it is already.
    #[inline]
    pub fn activate(&self) {
        if self.is_active() {
            return;
        }
        self.cpus.fetch_or(1 << (cpu::id() & 63), Ordering::SeqCst);
        // SAFETY: the root shares the kernel's half; `drop` leaves it before it is freed.
        unsafe { pte::set_root(self.root.0) };
    }

    #[inline]
    pub(super) fn is_active(&self) -> bool {
        pte::root() == self.root.0
    }

    pub(super) fn root(&self) -> Pfn {
        self.root.0
    }

    pub(super) fn cpus(&self) -> &AtomicU64 {
        &self.cpus
    }

    #[inline]
    fn leaf(&self, va: usize) -> Option<Table> {
        assert!(va < USER_END, "not an application address");
        self.root.child(table::index(va, 3))?.child(table::index(va, 2))?.child(table::index(va, 1))
    }

    #[inline]
    fn leaf_or_new(&self, va: usize) -> Result<Table, OutOfMemory> {
        assert!(va < USER_END, "not an application address");
        let upper = self.root.child_or_new(table::index(va, 3)).ok_or(OutOfMemory)?;
        let middle = upper.child_or_new(table::index(va, 2)).ok_or(OutOfMemory)?;
        middle.child_or_new(table::index(va, 1)).ok_or(OutOfMemory)
    }

    /// Maps `page` at `va` (page aligned, below USER_END). An entry that held a page is replaced and its page goes to `batch`;
    /// true when the entry was empty.
    pub fn map(&self, va: usize, page: Page, perm: Perm, batch: &mut TlbBatch) -> Result<bool, OutOfMemory> {
        let leaf = self.leaf_or_new(va)?;
        let new = entry_for(page, perm);
        let old = {
            let mut guard = leaf.lock();
            let old = Pte(leaf.entry(table::index(va, 0)).swap(new.0, Ordering::AcqRel));
            if old.is_absent() {
                guard.add(table::index(va, 0));
            }
            old
        };
        if !old.is_absent() {
            batch.removed(va, old);
        }
        Ok(old.is_absent())
    }

    /// Maps `page` at `va` unless a page is there already (another thread was faster); says whether it did. Needs no batch: nothing is removed.
    pub fn map_new(&self, va: usize, page: Page, perm: Perm) -> Result<bool, OutOfMemory> {
        self.fill(va, perm, || Some(page)).map(|present| present.is_none())
    }

    /// Maps what `page` makes at `va`, or answers what is there. OutOfMemory also when `page` makes nothing. One walk of the tables: the way of a first touch.
    #[inline]
    pub fn fill(&self, va: usize, perm: Perm, page: impl FnOnce() -> Option<Page>) -> Result<Option<Mapping>, OutOfMemory> {
        let leaf = self.leaf_or_new(va)?;
        let entry = leaf.entry(table::index(va, 0));
        let old = Pte(entry.load(Ordering::Acquire));
        if !old.is_absent() {
            return Ok(Some(Mapping::of(old)));
        }
        let new = entry_for(page().ok_or(OutOfMemory)?, perm);
        let mut guard = leaf.lock();
        let old = Pte(entry.load(Ordering::Relaxed));
        if !old.is_absent() {
            drop(guard);
            discard(new);
            return Ok(Some(Mapping::of(old)));
        }
        entry.store(new.0, Ordering::Release);
        guard.add(table::index(va, 0));
        Ok(None)
    }

    /// Offers each empty entry of `[start, end)` to `page`, which may give a page for it; returns how many it gave. Stops at the end of the table page that
    /// maps `start`, which must exist already (fault-around after [`PageTable::fill`]). `page` runs under the table's lock and must not use this page table.
    pub fn map_around(&self, start: usize, end: usize, mut page: impl FnMut(usize) -> Option<(Page, Perm)>) -> usize {
        let Some(leaf) = self.leaf(start) else { return 0 };
        let first = table::index(start, 0);
        let last = ENTRIES.min(first + end.saturating_sub(start) / PAGE_SIZE);
        let mut guard = leaf.lock();
        let before = guard.used();
        for index in first..last {
            if leaf.get(index).is_absent()
                && let Some((page, perm)) = page(start + (index - first) * PAGE_SIZE)
            {
                leaf.entry(index).store(entry_for(page, perm).0, Ordering::Release);
                guard.add(index);
            }
        }
        (guard.used() - before) as usize
    }

    /// The entry at `va`.
    #[inline]
    pub fn query(&self, va: usize) -> Option<Mapping> {
        let entry = self.leaf(va)?.get(table::index(va, 0));
        (!entry.is_absent()).then(|| Mapping::of(entry))
    }

    /// A counted handle to the page of RAM mapped at `va`; `None` also for borrowed pages.
    pub fn frame(&self, va: usize) -> Option<Frame> {
        let leaf = self.leaf(va)?;
        let _guard = leaf.lock();
        let entry = leaf.get(table::index(va, 0));
        (!entry.is_absent() && entry.owned()).then(|| clone_of(entry))
    }

    /// Gives the page at `va` other permissions and marks it dirty when they include WRITE. False when no page is there.
    pub fn set_perm(&self, va: usize, perm: Perm, batch: &mut TlbBatch) -> bool {
        let Some(leaf) = self.leaf(va) else { return false };
        let _guard = leaf.lock();
        let entry = leaf.entry(table::index(va, 0));
        let old = Pte(entry.load(Ordering::Relaxed));
        if old.is_absent() {
            return false;
        }
        let mut new = old.with_perm(perm);
        if perm.contains(Perm::WRITE) {
            new = new.with_dirty();
        }
        replace(entry, old, new);
        if old.is_visible() {
            batch.changed(va);
        }
        true
    }

    /// Removes all entries in `[start, end)`; their pages go to `batch`. Empty table pages are freed. Returns how many entries there were. Skips absent tables at
    /// once, so terabyte ranges cost nothing.
    pub fn unmap_range(&self, start: usize, end: usize, batch: &mut TlbBatch) -> usize {
        let end = end.min(USER_END);
        // Most often one page, or a few under one table that stays in use.
        if start < end && (start ^ (end - 1)) >> 21 == 0 {
            let Some(leaf) = self.leaf(start) else { return 0 };
            let removed = remove_leaf(leaf, start, end, batch);
            if leaf.used() > 0 {
                return removed;
            }
            return removed + self.remove(self.root, TOP, start, end, batch);
        }
        self.remove(self.root, TOP, start, end, batch)
    }

    /// As [`PageTable::unmap_range`] but keeps the tables, so that other threads may map into the space meanwhile.
    pub fn zap_range(&self, start: usize, end: usize, batch: &mut TlbBatch) -> usize {
        let mut removed = 0;
        self.each_leaf(start, end, |leaf, va, n| {
            removed += remove_leaf(leaf, va, va + n * PAGE_SIZE, batch);
            Ok(())
        })
        .unwrap_or(());
        removed
    }

    fn remove(&self, table: Table, level: usize, start: usize, end: usize, batch: &mut TlbBatch) -> usize {
        if level == 0 {
            return remove_leaf(table, start, end, batch);
        }
        let mut removed = 0;
        let mut at = start;
        while at < end {
            let next = next_boundary(at, level).min(end);
            let index = table::index(at, level);
            if let Some(child) = table.child(index) {
                removed += self.remove(child, level - 1, at, next, batch);
                if child.used() == 0 {
                    table.entry(index).store(0, Ordering::Release);
                    table.lock().remove();
                    batch.table(at, child);
                }
            }
            at = next;
        }
        removed
    }
}

impl Drop for PageTable {
    fn drop(&mut self) {
        if self.is_active() {
            kmap::activate_kernel_root();
        }
        self.cpus.store(0, Ordering::SeqCst);
        let root = self.root;
        {
            let table = &*self;
            let mut batch = TlbBatch::new(table);
            table.unmap_range(0, USER_END, &mut batch);
        }
        kmap::forget_upper_half(root);
        root.release();
    }
}

/// First address after `at` that belongs to the next entry of a table of `level`.
#[inline]
fn next_boundary(at: usize, level: usize) -> usize {
    (at | (table::span(level) - 1)) + 1
}

#[inline]
fn entry_for(page: Page, perm: Perm) -> Pte {
    let entry = match page {
        Page::Owned(frame) => Pte::user(frame.into_raw(), perm, true),
        Page::Borrowed(page) => {
            debug_assert!(!perm.contains(Perm::WRITE), "borrowed pages are never written");
            Pte::user(page.pfn, perm & !Perm::WRITE, false)
        }
    };
    if perm.contains(Perm::WRITE) { entry.with_dirty() } else { entry }
}

/// Gives up an entry that was never stored.
#[cold]
fn discard(entry: Pte) {
    if entry.owned() {
        // SAFETY: the entry holds the reference that `entry_for` put into it, and nobody else has seen it.
        drop(unsafe { Frame::from_raw(entry.pfn()) });
    }
}

/// A new reference to the frame of an owned entry.
fn clone_of(entry: Pte) -> Frame {
    // SAFETY: the entry holds a reference and its table is locked, so the frame is alive; the borrowed handle is forgotten, only the clone is kept.
    let held = core::mem::ManuallyDrop::new(unsafe { Frame::from_raw(entry.pfn()) });
    (*held).clone()
}

/// Stores `new` in place of `old`; bits that the CPU set meanwhile are kept.
#[inline]
fn replace(entry: &AtomicU64, old: Pte, new: Pte) {
    if let Err(now) = entry.compare_exchange(old.0, new.0, Ordering::AcqRel, Ordering::Relaxed) {
        // Only the CPU's accessed and dirty bits can differ: the table is locked.
        entry.store(new.0 | now & !old.0, Ordering::Release);
    }
}

/// Takes the entries of `start..end` out, which are under one table and at least one.
fn remove_leaf(leaf: Table, start: usize, end: usize, batch: &mut TlbBatch) -> usize {
    let first = table::index(start, 0);
    let last = table::index(end - 1, 0) + 1;
    let mut guard = leaf.lock();
    let before = guard.used();
    // The untouched part of a stack is passed over.
    let mut groups = guard.groups(first, last);
    while groups != 0 {
        let group = groups.trailing_zeros() as usize * GROUP; // below ENTRIES
        groups &= groups - 1;
        for index in first.max(group)..last.min(group + GROUP) {
            let entry = leaf.entry(index);
            if entry.load(Ordering::Relaxed) != 0 {
                let old = Pte(entry.swap(0, Ordering::AcqRel));
                guard.remove();
                batch.removed(start + (index - first) * PAGE_SIZE, old);
            }
        }
    }
    (before - guard.used()) as usize
}

#[cfg(test)]
mod tests;
