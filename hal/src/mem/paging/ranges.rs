//! Operations on ranges of an address space: protect, visit, move, share. Absent tables are passed over at once.

use core::sync::atomic::{AtomicU64, Ordering};

use super::{Mapping, PageTable, Perm, TOP, clone_of, next_boundary, replace};
use crate::arch::imp::pte::Pte;
use crate::mem::table::{self, Table};
use crate::mem::{OutOfMemory, PAGE_SIZE, TlbBatch, USER_END};

/// Gives the entry of the page at `at` other bits, and says so to the batch if a CPU may know the old ones.
#[inline]
fn change(entry: &AtomicU64, old: Pte, new: Pte, at: usize, batch: &mut TlbBatch) {
    if new != old {
        replace(entry, old, new);
        if old.is_visible() {
            batch.changed(at);
        }
    }
}

impl PageTable {
    /// Gives each page of the range the permissions that `perm` answers; an empty answer keeps the page out of sight (PROT_NONE).
    pub fn protect_range(&self, start: usize, end: usize, mut perm: impl FnMut(usize, &Mapping) -> Perm, batch: &mut TlbBatch) {
        self.each_leaf(start, end, |leaf, va, n| {
            let guard = leaf.lock();
            for i in 0..if guard.used() == 0 { 0 } else { n } {
                let entry = leaf.entry(table::index(va, 0) + i);
                let old = Pte(entry.load(Ordering::Relaxed));
                if old.is_absent() {
                    continue;
                }
                let at = va + i * PAGE_SIZE;
                let new = old.with_perm(perm(at, &Mapping::of(old)));
                change(entry, old, new, at, batch);
            }
            Ok(())
        })
        .unwrap_or(());
    }

    /// Forgets that the pages of the range were written, so that [`PageTable::zap_clean_range`] can tell which are written from now on.
    pub fn clean_range(&self, start: usize, end: usize, batch: &mut TlbBatch) {
        self.each_leaf(start, end, |leaf, va, n| {
            let guard = leaf.lock();
            for i in 0..if guard.used() == 0 { 0 } else { n } {
                let entry = leaf.entry(table::index(va, 0) + i);
                let old = Pte(entry.load(Ordering::Relaxed));
                if !old.is_absent() && old.dirty() {
                    replace(entry, old, old.cleaned());
                    batch.changed(va + i * PAGE_SIZE);
                }
            }
            Ok(())
        })
        .unwrap_or(());
    }

    /// Removes the entries of the range that hold a page of RAM not written since [`PageTable::clean_range`]; keeps the tables. Says how many.
    pub fn zap_clean_range(&self, start: usize, end: usize, batch: &mut TlbBatch) -> usize {
        let mut removed = 0;
        self.each_leaf(start, end, |leaf, va, n| {
            let mut guard = leaf.lock();
            for i in 0..if guard.used() == 0 { 0 } else { n } {
                let entry = leaf.entry(table::index(va, 0) + i);
                let old = Pte(entry.load(Ordering::Relaxed));
                if old.is_absent() || old.dirty() || !old.owned() {
                    continue;
                }
                // The CPU may write to the page right now; then the dirty bit is there, and the page stays.
                if entry.compare_exchange(old.0, 0, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                    guard.remove();
                    removed += 1;
                    batch.removed(va + i * PAGE_SIZE, old);
                }
            }
            Ok(())
        })
        .unwrap_or(());
        removed
    }

    /// Calls `visit` for each page of the range.
    pub fn for_each(&self, start: usize, end: usize, mut visit: impl FnMut(usize, &Mapping)) {
        self.each_leaf(start, end, |leaf, va, n| {
            for i in 0..n {
                let entry = leaf.get(table::index(va, 0) + i);
                if !entry.is_absent() {
                    visit(va + i * PAGE_SIZE, &Mapping::of(entry));
                }
            }
            Ok(())
        })
        .unwrap_or(());
    }

    /// Moves the entries of `[from, from+len)` to `to` (mremap); the target must be empty and not overlap. On error some have moved; moving back is the caller's.
    pub fn move_range(&self, from: usize, to: usize, len: usize, batch: &mut TlbBatch) -> Result<(), OutOfMemory> {
        self.each_leaf(from, from + len, |leaf, va, n| {
            for i in 0..n {
                let source = leaf.entry(table::index(va, 0) + i);
                if source.load(Ordering::Relaxed) == 0 {
                    continue;
                }
                let target_va = va + i * PAGE_SIZE - from + to;
                let target = self.leaf_or_new(target_va)?;
                let old = {
                    let mut guard = leaf.lock();
                    guard.remove();
                    source.swap(0, Ordering::AcqRel)
                };
                let mut guard = target.lock();
                let before = Pte(target.entry(table::index(target_va, 0)).swap(old, Ordering::AcqRel));
                if before.is_absent() {
                    guard.add(table::index(target_va, 0));
                }
                drop(guard);
                if !before.is_absent() {
                    batch.removed(target_va, before);
                }
                batch.changed(va + i * PAGE_SIZE);
            }
            Ok(())
        })?;
        // The source's tables are empty now.
        self.unmap_range(from, from + len, batch);
        Ok(())
    }

    /// Copies the entries of the range into `child` for fork: owned pages gain a reference, and `perm` says the permissions both sides keep.
    pub fn share_range(
        &self,
        child: &PageTable,
        start: usize,
        end: usize,
        mut perm: impl FnMut(usize, &Mapping) -> Perm,
        batch: &mut TlbBatch,
    ) -> Result<(), OutOfMemory> {
        self.each_leaf(start, end, |leaf, va, n| {
            let target = child.leaf_or_new(va)?;
            let mut target_guard = target.lock();
            let _guard = leaf.lock();
            for i in 0..n {
                let index = table::index(va, 0) + i;
                let entry = leaf.entry(index);
                let old = Pte(entry.load(Ordering::Relaxed));
                if old.is_absent() {
                    continue;
                }
                let at = va + i * PAGE_SIZE;
                let new = old.with_perm(perm(at, &Mapping::of(old)));
                change(entry, old, new, at, batch);
                if new.owned() {
                    core::mem::forget(clone_of(new));
                }
                target.entry(index).store(new.cleaned().0, Ordering::Release);
                target_guard.add(index);
            }
            Ok(())
        })
    }

    /// Calls `visit(leaf, va, n)` for each stretch of entries of the range whose leaf table exists.
    pub(super) fn each_leaf(
        &self,
        start: usize,
        end: usize,
        mut visit: impl FnMut(Table, usize, usize) -> Result<(), OutOfMemory>,
    ) -> Result<(), OutOfMemory> {
        let end = end.min(USER_END);
        let mut at = start;
        while at < end {
            let mut table = self.root;
            let mut level = TOP;
            while level > 0 {
                match table.child(table::index(at, level)) {
                    Some(child) => table = child,
                    None => break,
                }
                level -= 1;
            }
            let next = next_boundary(at, level.max(1)).min(end);
            if level == 0 {
                visit(table, at, (next - at).div_ceil(PAGE_SIZE))?;
            }
            at = next;
        }
        Ok(())
    }
}
