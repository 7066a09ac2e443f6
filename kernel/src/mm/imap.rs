//! Who maps the pages of a file: the reverse way from a file's range to page tables, needed by copy on write, truncation and write-back.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicUsize, Ordering};
use ordmap::OrdMap;

use hal::mem::{PAGE_SIZE, PageTable, Perm, Pfn, TlbBatch};

use super::cache::PageCache;
use super::lazy::Lazy;

/// A page table and the count of pages in it: the part of an address space that files reach.
pub struct Resident {
    /// The table.
    pub table: PageTable,
    pub(super) lazy: Lazy,
    pages: AtomicUsize,
    peak: AtomicUsize,
}

impl Resident {
    pub(super) fn new(table: PageTable) -> Resident {
        Resident { table, lazy: Lazy::new(), pages: AtomicUsize::new(0), peak: AtomicUsize::new(0) }
    }

    /// Pages mapped now.
    pub fn pages(&self) -> usize {
        self.pages.load(Ordering::Relaxed)
    }

    /// The most that were ever mapped at one time.
    pub fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed).max(self.pages())
    }

    #[inline]
    pub(super) fn add(&self, pages: usize) {
        let now = self.pages.fetch_add(pages, Ordering::Relaxed) + pages;
        if now > self.peak.load(Ordering::Relaxed) {
            self.peak.store(now, Ordering::Relaxed);
        }
    }

    #[inline]
    pub(super) fn sub(&self, pages: usize) {
        self.pages.fetch_sub(pages, Ordering::Relaxed);
    }

    /// Removes the pages of a range but keeps the tables; other threads may run.
    pub(super) fn zap(&self, start: usize, end: usize) {
        let mut batch = TlbBatch::new(&self.table);
        self.sub(self.table.zap_range(start, end, &mut batch));
    }
}

/// Who sees writes through a mapping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    /// Only the mapping itself.
    Private,
    /// Everybody; but this one can never write.
    ReadOnly,
    /// Everybody.
    Writable,
}

/// One mapping of a file's pages.
struct Mapping {
    n: u64,
    va: usize,
    sharing: Sharing,
    space: Arc<Resident>,
}

impl Mapping {
    /// Where the pages `from..to` of the file are in this mapping, which begins at page `first`.
    fn addresses(&self, first: u64, from: u64, to: u64) -> Option<(usize, usize)> {
        let from = from.max(first);
        let to = to.min(first + self.n);
        // Both are offsets inside a mapping, so they fit an address.
        (from < to).then(|| (self.va + ((from - first) as usize) * PAGE_SIZE, self.va + ((to - first) as usize) * PAGE_SIZE))
    }
}

/// The mappings of one file, by first page and a serial number.
pub(super) struct Mappings {
    by_first: OrdMap<(u64, u64), Mapping>,
    next_id: u64,
}

impl Mappings {
    pub(super) const fn new() -> Mappings {
        Mappings { by_first: OrdMap::new(), next_id: 0 }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.by_first.is_empty()
    }

    /// True when a shared mapping may write.
    pub(super) fn any_writable(&self) -> bool {
        self.by_first.values().any(|m| m.sharing == Sharing::Writable)
    }

    fn overlapping(&self, from: u64, to: u64) -> impl Iterator<Item = (usize, usize, &Mapping)> {
        self.by_first
            .iter()
            .take_while(move |((first, _), _)| *first < to)
            .filter_map(move |(&(first, _), mapping)| mapping.addresses(first, from, to).map(|(start, end)| (start, end, mapping)))
    }

    /// Removes page `index` from all tables that still map it as `old`.
    pub(super) fn zap_page(&self, index: u64, old: Option<Pfn>) {
        for (start, end, mapping) in self.overlapping(index, index + 1) {
            if old.is_none() || mapping.space.table.query(start).is_some_and(|m| Some(m.pfn) == old) {
                mapping.space.zap(start, end);
            }
        }
    }

    /// Removes the pages `from..to` from all tables: with `private_copies` also what private mappings have made their own (truncation), else only pages
    /// that `is_file_page` knows.
    pub(super) fn zap(&self, from: u64, to: u64, private_copies: bool) {
        for (start, end, mapping) in self.overlapping(from, to) {
            if private_copies || mapping.sharing != Sharing::Private {
                mapping.space.zap(start, end);
                continue;
            }
            // A private copy is owned by its entry alone; file pages have the file's reference too, or are borrowed.
            let mut at = start;
            while at < end {
                if mapping.space.table.query(at).is_some_and(|m| !m.owned || m.ref_count > 1) {
                    mapping.space.zap(at, at + PAGE_SIZE);
                }
                at += PAGE_SIZE;
            }
        }
    }

    /// Makes shared mappings of page `index` read-only, so that the next write is noticed.
    pub(super) fn write_protect(&self, index: u64) {
        for (start, end, mapping) in self.overlapping(index, index + 1).filter(|(_, _, m)| m.sharing == Sharing::Writable) {
            let table = &mapping.space.table;
            let mut batch = TlbBatch::new(table);
            table.protect_range(start, end, |_, m| m.perm & !Perm::WRITE, &mut batch);
        }
    }
}

/// The membership of one mapping in its file's list; leaving it on drop. Held by the mapping.
pub struct MappedIn {
    cache: Arc<PageCache>,
    key: (u64, u64),
}

impl MappedIn {
    /// Enters `n` pages from page `first` of `cache`, mapped at `va` in `space`.
    pub(super) fn new(cache: &Arc<PageCache>, first: u64, n: u64, va: usize, sharing: Sharing, space: &Arc<Resident>) -> MappedIn {
        let mut state = cache.state.lock();
        let mappings = &mut state.mappings;
        mappings.next_id += 1;
        let key = (first, mappings.next_id);
        mappings.by_first.insert(key, Mapping { n, va, sharing, space: space.clone() });
        drop(state);
        MappedIn { cache: cache.clone(), key }
    }

    /// The file's pages.
    pub fn cache(&self) -> &Arc<PageCache> {
        &self.cache
    }

    /// The first page mapped.
    pub fn first(&self) -> u64 {
        self.key.0
    }

    /// Changes the number of pages (the end moved).
    pub(super) fn set_len(&self, n: u64) {
        if let Some(mapping) = self.cache.state.lock().mappings.by_first.get_mut(&self.key) {
            mapping.n = n;
        }
    }

    /// Cuts behind `n` pages; the result is a new membership for the rest.
    pub(super) fn split(&self, n: u64) -> MappedIn {
        let mut state = self.cache.state.lock();
        let mappings = &mut state.mappings;
        mappings.next_id += 1;
        let key = (self.key.0 + n, mappings.next_id);
        if let Some(mapping) = mappings.by_first.get_mut(&self.key) {
            let va = mapping.va + (n as usize) * PAGE_SIZE;
            let rest = Mapping { n: mapping.n - n, va, sharing: mapping.sharing, space: mapping.space.clone() };
            mapping.n = n;
            mappings.by_first.insert(key, rest);
        }
        MappedIn { cache: self.cache.clone(), key }
    }
}

impl Drop for MappedIn {
    fn drop(&mut self) {
        self.cache.state.lock().mappings.by_first.remove(&self.key);
    }
}
