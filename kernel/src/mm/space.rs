//! The address space of a process.

use alloc::sync::Arc;
use alloc::vec::Vec;

use abi::process::rlimit;
use abi::{Errno, Result};
use hal::mem::{MIN_USER, OutOfMemory, PAGE_SIZE, PageTable, Perm, TlbBatch, USER_END};
use rangemap::RangeMap;

use super::imap::Resident;
use super::layout::Layout;
use super::vma::{SpecialPages, VmFlags, Vma, low_edge};
use crate::limits::Limits;
use crate::sync::RwLock;

/// Most mappings of one address space (vm.max_map_count).
pub(super) const MAPPINGS_MAX: usize = 65530;
/// The first stack's size before it grows.
const FIRST_STACK: usize = 33 * PAGE_SIZE;

/// What is counted about mappings, in pages.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) total: usize,
    pub(super) data: usize,
    pub(super) locked: usize,
}

impl Counts {
    fn add(&mut self, vma: &Vma, pages: usize) {
        self.total += pages;
        self.data += if vma.is_data() { pages } else { 0 };
        self.locked += if vma.flags.contains(VmFlags::LOCKED) { pages } else { 0 };
    }

    fn sub(&mut self, vma: &Vma, pages: usize) {
        self.total -= pages;
        self.data -= if vma.is_data() { pages } else { 0 };
        self.locked -= if vma.flags.contains(VmFlags::LOCKED) { pages } else { 0 };
    }
}

/// The mappings.
pub(super) struct Map {
    pub(super) vmas: RangeMap<Vma>,
    pub(super) counts: Counts,
    pub(super) brk_start: usize,
    pub(super) brk: usize,
    /// mlockall(MCL_FUTURE): flags of new mappings.
    pub(super) lock_future: VmFlags,
    /// Gaps between this address and the layout's mmap base are at most `hole` bytes long: the search for larger ones begins here.
    hint: usize,
    hole: usize,
}

/// An address space: page table, mappings, limits. Shared by the threads of a process.
pub struct AddressSpace {
    pub(super) resident: Arc<Resident>,
    pub(super) map: RwLock<Map>,
    pub(super) limits: Arc<Limits>,
    layout: Layout,
}

/// Mappings that were removed; dropped after the map's lock, for the last reference to a file may go with them.
#[derive(Default)]
pub(super) struct Removed {
    first: Option<Vma>,
    more: Vec<Vma>,
}

impl Removed {
    fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(super) fn push(&mut self, vma: Vma) {
        if self.first.is_none() {
            self.first = Some(vma);
        } else {
            self.more.push(vma);
        }
    }
}

impl From<OutOfMemory> for super::fault::FaultOutcome {
    fn from(_: OutOfMemory) -> Self {
        super::fault::FaultOutcome::OutOfMemory
    }
}

/// The next page border; `None` past the end.
#[inline]
pub(super) fn page_up(value: usize) -> Option<usize> {
    value.checked_next_multiple_of(PAGE_SIZE)
}

#[inline]
pub(super) fn is_aligned(value: usize) -> bool {
    value.is_multiple_of(PAGE_SIZE)
}

impl AddressSpace {
    /// An empty address space. ENOMEM.
    pub fn new(layout: Layout, limits: Arc<Limits>) -> Result<Arc<AddressSpace>> {
        let table = PageTable::new().map_err(|_| Errno::ENOMEM)?;
        let map = Map {
            vmas: RangeMap::new(),
            counts: Counts::default(),
            brk_start: 0,
            brk: 0,
            lock_future: VmFlags::empty(),
            hint: layout.mmap_base,
            hole: 0,
        };
        Ok(Arc::new(AddressSpace { resident: Arc::new(Resident::new(table)), map: RwLock::new(map), limits, layout }))
    }

    /// Makes it the current one of this CPU.
    #[inline]
    pub fn activate(&self) {
        self.resident.table.activate();
    }

    /// Where things go.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Pages mapped now and at most.
    pub fn resident(&self) -> &Resident {
        &self.resident
    }

    /// Makes the first stack, which grows down from the layout's top; gives its top. For the loader.
    pub fn map_stack(&self, perm: Perm) -> Result<usize> {
        let top = self.layout.stack_top;
        let flags = VmFlags::GROWS_DOWN | VmFlags::MAY_READ | VmFlags::MAY_WRITE | VmFlags::MAY_EXEC;
        let mut map = self.map.write();
        if !map.vmas.is_free(top - FIRST_STACK, top) {
            return Err(Errno::ENOMEM);
        }
        map.add(top - FIRST_STACK, top, Vma::anonymous(perm, flags));
        Ok(top)
    }

    /// Maps a fixed list of pages (vDSO), readable and with `perm`, where room is; gives the address.
    pub fn map_special(&self, pages: Arc<SpecialPages>, perm: Perm) -> Result<usize> {
        let len = pages.pages.len() * PAGE_SIZE;
        let flags = VmFlags::MAY_READ | VmFlags::MAY_EXEC | VmFlags::DONT_DUMP;
        let mut map = self.map.write();
        let start = map.find_gap(len, &self.layout).ok_or(Errno::ENOMEM)?;
        map.add(start, start + len, Vma { perm, flags, source: super::vma::Source::Special(pages, 0), name: None });
        Ok(start)
    }

    /// The limit `resource` in pages.
    pub(super) fn limit_pages(&self, resource: usize) -> usize {
        usize::try_from(self.limits.soft(resource) / PAGE_SIZE as u64).unwrap_or(usize::MAX)
    }

    /// Whether `pages` more may be mapped under RLIMIT_AS, and under RLIMIT_DATA if they are data.
    pub(super) fn may_expand(&self, map: &Map, pages: usize, data: bool) -> bool {
        map.counts.total.saturating_add(pages) <= self.limit_pages(rlimit::AS)
            && (!data || map.counts.data.saturating_add(pages) <= self.limit_pages(rlimit::DATA))
    }

    /// Removes everything in a range: mappings, then pages. Tables go too; the map is held for writing, so nobody faults in.
    pub(super) fn unmap_locked(&self, map: &mut Map, start: usize, end: usize, removed: &mut Removed) {
        map.take(start, end, removed);
        if removed.is_empty() {
            return;
        }
        self.resident.keep(start, end);
        {
            let mut batch = TlbBatch::new(&self.resident.table);
            self.resident.sub(self.resident.table.unmap_range(start, end, &mut batch));
        }
        map.note_gap(start, &self.layout);
    }
}

impl Drop for AddressSpace {
    fn drop(&mut self) {
        // Files may still hold the table while they remove their pages from it; its pages go now.
        self.resident.keep(0, USER_END);
        let mut batch = TlbBatch::new(&self.resident.table);
        self.resident.table.unmap_range(0, USER_END, &mut batch);
    }
}

impl Map {
    /// Whether there may be `more` mappings: neither their number nor the memory for what describes them is used up.
    pub(super) fn has_room(&self, more: usize) -> bool {
        self.vmas.len() + more <= MAPPINGS_MAX && !hal::mem::is_low()
    }

    /// Adds a mapping to a free range and joins it with its neighbours.
    pub(super) fn add(&mut self, start: usize, end: usize, vma: Vma) {
        self.counts.add(&vma, (end - start) / PAGE_SIZE);
        self.vmas.insert_joined(start, end, vma);
    }

    /// Takes the mappings of a range out (not their pages).
    #[inline]
    pub(super) fn take(&mut self, start: usize, end: usize, removed: &mut Removed) {
        let Map { vmas, counts, .. } = self;
        vmas.remove(start, end, |entry| {
            counts.sub(&entry.value, entry.len() / PAGE_SIZE);
            removed.push(entry.value);
        });
    }

    /// Changes the mappings of a range and keeps the counts right.
    pub(super) fn change(&mut self, start: usize, end: usize, mut change: impl FnMut(&mut Vma)) {
        let Map { vmas, counts, .. } = self;
        vmas.update(start, end, |entry| {
            let pages = entry.len() / PAGE_SIZE;
            counts.sub(&entry.value, pages);
            change(&mut entry.value);
            counts.add(&entry.value, pages);
        });
    }

    /// Pages of a range that are in mappings.
    pub(super) fn pages_in(&self, start: usize, end: usize) -> usize {
        self.vmas.iter_from(start).take_while(|e| e.start < end).map(|e| (e.end.min(end) - e.start.max(start)) / PAGE_SIZE).sum()
    }

    /// Counts pages by which the mapping at the start of a range has grown.
    pub(super) fn grown(&mut self, at: usize, pages: usize) {
        if let Some(entry) = self.vmas.find(at) {
            self.counts.add(&entry.value, pages);
        }
    }

    /// True when `start..end` is free and leaves the gap below a stack behind it.
    pub(super) fn fits(&self, start: usize, end: usize) -> bool {
        self.vmas.at_or_after(start).is_none_or(|next| low_edge(next) >= end)
    }

    /// The highest gap of `len` bytes below the mmap base, else the lowest above it.
    pub(super) fn find_gap(&mut self, len: usize, layout: &Layout) -> Option<usize> {
        if len > USER_END {
            return None;
        }
        let mut ceiling = self.hint;
        if len <= self.hole {
            ceiling = layout.mmap_base;
            self.hole = 0;
        }
        let mut hole = self.hole;
        let found = self.gap_below(len, ceiling, &mut hole);
        self.hole = hole;
        match found {
            Some(start) => {
                // Not `start`: the caller may still give up, and then this gap stays.
                self.hint = start + len;
                Some(start)
            }
            None => {
                self.hint = MIN_USER;
                self.gap_above(len, layout.mmap_base)
            }
        }
    }

    /// The highest gap of `len` bytes below `ceiling`; `hole` becomes at least the largest gap passed over.
    pub(super) fn gap_below(&self, len: usize, mut ceiling: usize, hole: &mut usize) -> Option<usize> {
        // What covers the ceiling, or keeps a gap below it, lowers it.
        let (mut below, next) = self.vmas.down_from(ceiling);
        if let Some(next) = next {
            ceiling = ceiling.min(low_edge(next));
        }
        for entry in &mut below {
            let gap = ceiling.saturating_sub(entry.end);
            if gap >= len {
                return Some(ceiling - len);
            }
            *hole = (*hole).max(gap);
            ceiling = ceiling.min(low_edge(entry));
        }
        let gap = ceiling.saturating_sub(MIN_USER);
        if gap < len {
            *hole = (*hole).max(gap);
            return None;
        }
        Some(ceiling - len)
    }

    /// The lowest gap of `len` bytes from `floor` up.
    fn gap_above(&self, len: usize, floor: usize) -> Option<usize> {
        let mut start = floor;
        for entry in self.vmas.iter_from(floor) {
            if start.checked_add(len).is_some_and(|end| end <= low_edge(entry)) {
                return Some(start);
            }
            start = start.max(entry.end);
        }
        start.checked_add(len).filter(|&end| end <= USER_END).map(|_| start)
    }

    /// Remembers that the gap around `start` became larger.
    fn note_gap(&mut self, start: usize, layout: &Layout) {
        let (low, high) = self.vmas.around(start);
        let low = low.map_or(MIN_USER, |e| e.end);
        let high = high.map_or(USER_END, low_edge).min(layout.mmap_base);
        if high <= self.hint {
            return;
        }
        if low >= self.hint {
            self.hole = self.hole.max(high.saturating_sub(low));
        } else {
            self.hint = high;
        }
    }
}
