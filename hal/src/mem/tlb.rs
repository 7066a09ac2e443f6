//! The batch that owns pages until no CPU can reach them.

use core::mem::MaybeUninit;
use core::sync::atomic::Ordering;

use super::frame::{Frame, Pfn};
use super::paging::PageTable;
use super::table::Table;
use crate::arch::imp::pte::{self, Pte};

const ENTRIES: usize = 64;
const TABLES: usize = 8;
/// With more addresses than this, all translations are dropped at once.
const SINGLE_MAX: usize = 32;
/// Marks an entry whose page needs no free (borrowed, or only its permissions changed).
const NO_FRAME: u64 = u64::MAX;

/// Pages taken out of page tables. They are freed only when every CPU that could still reach them has flushed: at [`TlbBatch::flush`] or drop.
/// Nothing else may free a page that was mapped.
pub struct TlbBatch<'a> {
    table: &'a PageTable,
    n: usize,
    n_tables: usize,
    /// Address and frame (or `NO_FRAME`) of each removed translation; only the first `n` are written.
    entries: [MaybeUninit<(usize, u64)>; ENTRIES],
    tables: [MaybeUninit<Pfn>; TABLES],
}

impl<'a> TlbBatch<'a> {
    /// An empty batch for `table`.
    #[inline]
    pub fn new(table: &'a PageTable) -> TlbBatch<'a> {
        TlbBatch {
            table,
            n: 0,
            n_tables: 0,
            entries: [const { MaybeUninit::uninit() }; ENTRIES],
            tables: [const { MaybeUninit::uninit() }; TABLES],
        }
    }

    /// Takes over the entry `old` that was removed from (or replaced at) `va`, with the reference it held.
    #[inline]
    pub(super) fn removed(&mut self, va: usize, old: Pte) {
        let frame = if old.owned() { old.pfn().0 } else { NO_FRAME };
        if old.is_visible() || frame != NO_FRAME {
            self.push(va, frame);
        }
    }

    /// Remembers that the translation of `va` changed.
    #[inline]
    pub(super) fn changed(&mut self, va: usize) {
        self.push(va, NO_FRAME);
    }

    /// Takes over an emptied table, unlinked from its parent, that translated addresses around `va`.
    pub(super) fn table(&mut self, va: usize, table: Table) {
        if self.n_tables == TABLES {
            self.flush();
        }
        self.tables[self.n_tables].write(table.0);
        self.n_tables += 1;
        self.push(va, NO_FRAME);
    }

    #[inline]
    fn push(&mut self, va: usize, frame: u64) {
        if self.n == ENTRIES {
            self.flush();
        }
        self.entries[self.n].write((va, frame));
        self.n += 1;
    }

    /// Invalidates what was collected and frees the pages.
    pub fn flush(&mut self) {
        if self.n == 0 {
            return;
        }
        // With more than one CPU this is where the others in the mask are interrupted and waited for.
        let cpus = self.table.cpus().load(Ordering::SeqCst);
        if cpus != 0 && self.table.is_active() {
            if self.n > SINGLE_MAX {
                // SAFETY: the same root again, to drop its translations.
                unsafe { pte::set_root(self.table.root()) };
            } else {
                // SAFETY: the first `n` entries are written.
                self.entries[..self.n].iter().for_each(|e| pte::invalidate(unsafe { e.assume_init() }.0));
            }
        }
        for entry in &self.entries[..self.n] {
            // SAFETY: as above.
            let (_, frame) = unsafe { entry.assume_init() };
            if frame != NO_FRAME {
                // SAFETY: `removed` took this reference over from a page-table entry.
                drop(unsafe { Frame::from_raw(Pfn(frame)) });
            }
        }
        for table in &self.tables[..self.n_tables] {
            // SAFETY: the first `n_tables` are written.
            Table(unsafe { table.assume_init() }).release();
        }
        self.n = 0;
        self.n_tables = 0;
    }
}

impl Drop for TlbBatch<'_> {
    #[inline]
    fn drop(&mut self) {
        self.flush();
    }
}
