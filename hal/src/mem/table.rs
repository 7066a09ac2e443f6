//! Pages that hold page-table entries. The reference count of such a frame is not needed as one, so it serves as the table's lock (top bit),
//! its number of entries in use (low bits), and a map of where they are (a bit for each [`GROUP`] entries between): an empty table, or part of one, is known
//! without looking at it.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::frame::Pfn;
use super::section;
use crate::arch::imp::pageops;
use crate::arch::imp::pte::Pte;
use crate::sync::SpinLock;

/// Entries of a table.
pub(crate) const ENTRIES: usize = 512;
const LOCKED: u32 = 1 << 31;
const COUNT: u32 = (1 << 10) - 1;
/// Lowest bit of the map.
const MAP: usize = 15;
/// Entries that share a bit of the map.
pub(crate) const GROUP: usize = ENTRIES / 16;
const SPARE_MAX: usize = 8;

/// Table frames that are known to be all zero: tables become free only when empty.
struct Spare {
    pfns: [Pfn; SPARE_MAX],
    n: usize,
}

static SPARE: SpinLock<Spare> = SpinLock::new(Spare { pfns: [Pfn(0); SPARE_MAX], n: 0 });

/// One table page of an address space. A plain pointer: who holds one makes sure that the table is not freed meanwhile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Table(pub(crate) Pfn);

impl Table {
    /// A table without entries.
    pub(crate) fn new() -> Option<Table> {
        let mut spare = SPARE.lock();
        if spare.n > 0 {
            spare.n -= 1;
            return Some(Table(spare.pfns[spare.n]));
        }
        drop(spare);
        let pfn = super::find_memory(section::alloc)?;
        // SAFETY: a fresh frame nobody else knows.
        unsafe { pageops::clear(pfn.virt()) };
        section::count(pfn).store(0, Ordering::Relaxed);
        Some(Table(pfn))
    }

    /// Gives an empty table back; no CPU may still walk it.
    pub(crate) fn release(self) {
        debug_assert!(self.used() == 0);
        let mut spare = SPARE.lock();
        if spare.n < SPARE_MAX {
            let n = spare.n;
            spare.pfns[n] = self.0;
            spare.n += 1;
        } else {
            drop(spare);
            section::free(self.0);
        }
    }

    /// Entry `index`.
    #[inline]
    pub(crate) fn entry(self, index: usize) -> &'static AtomicU64 {
        debug_assert!(index < ENTRIES);
        // SAFETY: a live table page (see the type); entries are only touched as atomics. The mask keeps the access inside the page.
        unsafe { &*self.0.virt().cast::<AtomicU64>().add(index & (ENTRIES - 1)) }
    }

    /// Entry `index`, as it is now.
    #[inline]
    pub(crate) fn get(self, index: usize) -> Pte {
        Pte(self.entry(index).load(Ordering::Acquire))
    }

    /// The table below entry `index`.
    #[inline]
    pub(crate) fn child(self, index: usize) -> Option<Table> {
        let entry = self.get(index);
        (!entry.is_absent()).then(|| Table(entry.pfn()))
    }

    /// The table below entry `index`, made if there is none. Other CPUs may do the same at the same time.
    #[inline]
    pub(crate) fn child_or_new(self, index: usize) -> Option<Table> {
        match self.child(index) {
            Some(child) => Some(child),
            None => self.new_child(index),
        }
    }

    #[cold]
    fn new_child(self, index: usize) -> Option<Table> {
        let child = Table::new()?;
        let mut guard = self.lock();
        if let Some(other) = self.child(index) {
            drop(guard);
            child.release();
            return Some(other);
        }
        self.entry(index).store(Pte::user_table(child.0).0, Ordering::Release);
        guard.add(index);
        Some(child)
    }

    /// Entries in use.
    #[inline]
    pub(crate) fn used(self) -> u32 {
        section::count(self.0).load(Ordering::Relaxed) & COUNT
    }

    /// Locks the table's entries against other CPUs.
    #[inline]
    pub(crate) fn lock(self) -> TableGuard {
        let word = section::count(self.0);
        loop {
            let before = word.fetch_or(LOCKED, Ordering::Acquire);
            if before & LOCKED == 0 {
                return TableGuard { word, state: before };
            }
            while word.load(Ordering::Relaxed) & LOCKED != 0 {
                core::hint::spin_loop();
            }
        }
    }
}

/// Holds a table's lock; what is known of its entries is written back on drop.
pub(crate) struct TableGuard {
    word: &'static AtomicU32,
    state: u32,
}

impl TableGuard {
    /// Entry `index` is in use now.
    #[inline]
    pub(crate) fn add(&mut self, index: usize) {
        self.state = (self.state + 1) | 1 << (MAP + index / GROUP);
    }

    /// An entry is in use no longer. (Its group's bit stays until the table is empty.)
    #[inline]
    pub(crate) fn remove(&mut self) {
        self.state -= 1;
    }

    /// Entries in use.
    #[inline]
    pub(crate) fn used(&self) -> u32 {
        self.state & COUNT
    }

    /// A bit for each group that has entries in use between `first` and `last` (not with it), or had since the table was empty.
    #[inline]
    pub(crate) fn groups(&self, first: usize, last: usize) -> u32 {
        (self.state >> MAP) & ((2 << ((last - 1) / GROUP)) - (1 << (first / GROUP)))
    }
}

impl Drop for TableGuard {
    #[inline]
    fn drop(&mut self) {
        self.word.store(if self.used() == 0 { 0 } else { self.state }, Ordering::Release);
    }
}

/// Gives the spare tables back to the frame allocator; true if there were any.
#[cold]
pub(crate) fn release_spare() -> bool {
    let mut any = false;
    loop {
        let mut spare = SPARE.lock();
        if spare.n == 0 {
            return any;
        }
        spare.n -= 1;
        let pfn = spare.pfns[spare.n];
        drop(spare);
        section::free(pfn);
        any = true;
    }
}

/// Index of `va` in a table of `level` (0 is the one that maps 4 KiB pages).
#[inline]
pub(crate) fn index(va: usize, level: usize) -> usize {
    va >> (12 + 9 * level) & (ENTRIES - 1)
}

/// Bytes that one entry of a table of `level` covers.
#[inline]
pub(crate) fn span(level: usize) -> usize {
    1 << (12 + 9 * level)
}
