//! Values by disjoint ranges of addresses: the mappings of an address space.
//!
//! A sorted array cut into blocks of at most 32 entries: a lookup is two binary searches over neighbouring memory, an insertion moves
//! at most one block. Entries can be split and joined; the value says how.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod edit;

use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};

const BLOCK: usize = 32;

/// What a value must do so that its range can be cut and joined.
pub trait Part: Sized {
    /// Cuts at `offset` from the range's start: `self` keeps what is before, the result is what is behind.
    fn split(&mut self, offset: usize) -> Self;
    /// Whether `next`, whose range begins where the own one of `len` bytes ends, belongs to the same.
    fn fits(&self, len: usize, next: &Self) -> bool;
    /// Takes over `next`, which fits and is `next_len` bytes long.
    fn absorb(&mut self, len: usize, next: Self, next_len: usize);
}

/// One range and its value.
#[derive(Debug)]
pub struct Entry<V> {
    /// First address.
    pub start: usize,
    /// First address behind.
    pub end: usize,
    /// The value.
    pub value: V,
}

impl<V> Entry<V> {
    /// Bytes of the range.
    pub fn len(&self) -> usize {
        self.end - self.start
    }
    /// Never true: ranges in the map have a length.
    pub fn is_empty(&self) -> bool {
        self.end == self.start
    }
}

/// The map. No block is ever empty.
pub struct RangeMap<V> {
    blocks: Vec<Block<V>>,
    /// The end of each block's last range, to be searched without touching the blocks.
    lasts: Vec<usize>,
    len: usize,
    /// The place last found: faults and calls come in runs to one range. Only a hint, checked before it is used.
    finger: AtomicUsize,
}

struct Block<V> {
    /// The end of each entry, side by side for the search.
    ends: [usize; BLOCK],
    entries: Vec<Entry<V>>,
}

impl<V> Block<V> {
    fn new() -> Self {
        Block { ends: [usize::MAX; BLOCK], entries: Vec::with_capacity(BLOCK) }
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn insert(&mut self, at: usize, entry: Entry<V>) {
        self.ends.copy_within(at..self.entries.len(), at + 1);
        self.ends[at] = entry.end;
        self.entries.insert(at, entry);
    }

    fn remove(&mut self, at: usize) -> Entry<V> {
        let len = self.entries.len();
        self.ends.copy_within(at + 1..len, at);
        self.ends[len - 1] = usize::MAX;
        self.entries.remove(at)
    }

    /// Moves the upper half into a new block.
    fn halve(&mut self) -> Block<V> {
        let mut upper = Block::new();
        upper.entries.extend(self.entries.drain(BLOCK / 2..));
        upper.ends[..BLOCK / 2].copy_from_slice(&self.ends[BLOCK / 2..]);
        self.ends[BLOCK / 2..].fill(usize::MAX);
        upper
    }

    fn last(&self) -> usize {
        self.ends[self.entries.len() - 1]
    }
}

/// How many of the rising `ends` are at most `addr`; unused ones are `usize::MAX`. Five halvings without branches or bounds checks.
#[inline]
fn rank(ends: &[usize; BLOCK], addr: usize) -> usize {
    let mut base = 0;
    let mut half = BLOCK / 2;
    while half > 0 {
        // The mask changes nothing; it shows that the index is in bounds.
        base += if ends[(base + half - 1) & (BLOCK - 1)] <= addr { half } else { 0 };
        half /= 2;
    }
    base + usize::from(ends[base & (BLOCK - 1)] <= addr)
}

/// Block and position in it.
type Place = (usize, usize);

impl<V> Default for RangeMap<V> {
    fn default() -> Self {
        RangeMap::new()
    }
}

impl<V> RangeMap<V> {
    /// An empty map.
    pub const fn new() -> Self {
        RangeMap { blocks: Vec::new(), lasts: Vec::new(), len: 0, finger: AtomicUsize::new(0) }
    }

    /// Number of ranges.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True when there is no range.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Place of the first entry that ends behind `addr`.
    #[inline]
    fn place(&self, addr: usize) -> Place {
        let finger = self.finger.load(Ordering::Relaxed);
        let (block, at) = (finger / BLOCK, finger % BLOCK);
        if let Some(b) = self.blocks.get(block)
            // Unused ends are the largest address and no place.
            && addr < b.ends[at]
            && at < b.entries.len()
        {
            let below = if at > 0 {
                b.ends[at - 1]
            } else if block > 0 {
                self.lasts[block - 1]
            } else {
                0
            };
            if below <= addr {
                return (block, at);
            }
        }
        self.search(addr)
    }

    /// As `place`, by search.
    fn search(&self, addr: usize) -> Place {
        let block = self.lasts.partition_point(|&last| last <= addr);
        let Some(b) = self.blocks.get(block) else { return (block, 0) };
        // This block ends behind `addr`, so the place is in it.
        let at = rank(&b.ends, addr);
        self.finger.store(block * BLOCK + at, Ordering::Relaxed);
        (block, at)
    }

    #[inline]
    fn get(&self, place: Place) -> Option<&Entry<V>> {
        self.blocks.get(place.0)?.entries.get(place.1)
    }

    #[inline]
    fn get_mut(&mut self, place: Place) -> Option<&mut Entry<V>> {
        self.blocks.get_mut(place.0)?.entries.get_mut(place.1)
    }

    /// Moves the end of the entry at `place`.
    fn set_end_at(&mut self, (block, at): Place, end: usize) {
        let b = &mut self.blocks[block];
        b.entries[at].end = end;
        b.ends[at] = end;
        self.lasts[block] = b.last();
    }

    /// The range that contains `addr`.
    #[inline]
    pub fn find(&self, addr: usize) -> Option<&Entry<V>> {
        self.at_or_after(addr).filter(|e| e.start <= addr)
    }

    /// The value of the range that contains `addr`, to be changed.
    #[inline]
    pub fn value_mut(&mut self, addr: usize) -> Option<&mut V> {
        let place = self.place(addr);
        self.get_mut(place).filter(|e| e.start <= addr).map(|e| &mut e.value)
    }

    /// Moves the start of the range that contains `addr`; what is between must be free.
    pub fn set_start(&mut self, addr: usize, start: usize) {
        let place = self.place(addr);
        if let Some(entry) = self.get_mut(place).filter(|e| e.start <= addr && start < e.end) {
            entry.start = start;
        }
    }

    /// Moves the end of the range that contains `addr`; what is between must be free.
    pub fn set_end(&mut self, addr: usize, end: usize) {
        let place = self.place(addr);
        if self.get(place).is_some_and(|e| e.start <= addr && e.start < end) {
            self.set_end_at(place, end);
        }
    }

    /// The first range that ends behind `addr` (Linux's find_vma).
    #[inline]
    pub fn at_or_after(&self, addr: usize) -> Option<&Entry<V>> {
        self.get(self.place(addr))
    }

    /// The last range that ends at or before `addr`.
    pub fn before(&self, addr: usize) -> Option<&Entry<V>> {
        self.get(self.previous(self.place(addr))?)
    }

    /// The neighbours of the free address `at`: the last range before it and the first behind.
    #[inline]
    pub fn around(&self, at: usize) -> (Option<&Entry<V>>, Option<&Entry<V>>) {
        let place = self.place(at);
        (self.previous(place).and_then(|p| self.get(p)), self.get(place))
    }

    /// True when no range overlaps `start..end`.
    pub fn is_free(&self, start: usize, end: usize) -> bool {
        self.at_or_after(start).is_none_or(|e| e.start >= end)
    }

    /// Ranges in order, from the first that ends behind `addr`.
    pub fn iter_from(&self, addr: usize) -> impl Iterator<Item = &Entry<V>> {
        let (block, at) = self.place(addr);
        let first = self.blocks.get(block).map_or(&[][..], |b| &b.entries[at..]);
        let rest = self.blocks.get(block + 1..).unwrap_or(&[]);
        first.iter().chain(rest.iter().flat_map(|b| &b.entries))
    }

    /// All ranges in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry<V>> {
        self.blocks.iter().flat_map(|b| &b.entries)
    }

    /// Ranges in falling order from the last that ends at or before `addr`, and the first that ends behind it.
    pub fn down_from(&self, addr: usize) -> (impl Iterator<Item = &Entry<V>>, Option<&Entry<V>>) {
        let place = self.place(addr);
        let mut at = self.previous(place);
        let down = core::iter::from_fn(move || {
            let place = at?;
            at = self.previous(place);
            self.get(place)
        });
        (down, self.get(place))
    }

    /// Adds a range that overlaps none. Panics when it does: the caller has looked.
    pub fn insert(&mut self, start: usize, end: usize, value: V) {
        let place = self.place(start);
        assert!(start < end && self.get(place).is_none_or(|next| next.start >= end), "range in use");
        self.insert_at(place, Entry { start, end, value });
    }

    /// Adds an entry before the one at `place` (or behind the last of the block before).
    fn insert_at(&mut self, (mut block, mut at): Place, entry: Entry<V>) {
        self.len += 1;
        if at == 0 && block > 0 {
            // Behind the block before, where most often is room.
            block -= 1;
            at = self.blocks[block].len();
        }
        if self.blocks.is_empty() {
            self.blocks.push(Block::new());
            self.lasts.push(0);
        }
        if self.blocks[block].len() < BLOCK {
            self.blocks[block].insert(at, entry);
            self.lasts[block] = self.blocks[block].last();
            return;
        }
        // Full. Appending at the end opens a new block; otherwise the block is halved.
        let upper = if at == BLOCK && block + 1 == self.blocks.len() {
            let mut upper = Block::new();
            upper.insert(0, entry);
            upper
        } else {
            let mut upper = self.blocks[block].halve();
            match at.checked_sub(BLOCK / 2) {
                Some(at) => upper.insert(at, entry),
                None => self.blocks[block].insert(at, entry),
            }
            upper
        };
        self.lasts[block] = self.blocks[block].last();
        self.lasts.insert(block + 1, upper.last());
        self.blocks.insert(block + 1, upper);
    }

    /// The place of the entry before `place`.
    #[inline]
    fn previous(&self, (block, at): Place) -> Option<Place> {
        match at.checked_sub(1) {
            Some(at) => Some((block, at)),
            None => block.checked_sub(1).map(|block| (block, self.blocks[block].len() - 1)),
        }
    }

    /// The same place, moved to the next block when it is behind the last entry of its own.
    #[inline]
    fn settled(&self, (block, at): Place) -> Place {
        if self.blocks.get(block).is_some_and(|b| at == b.len()) { (block + 1, 0) } else { (block, at) }
    }

    fn take(&mut self, place: Place) -> Entry<V> {
        self.len -= 1;
        let block = &mut self.blocks[place.0];
        let entry = block.remove(place.1);
        if block.len() > 0 {
            self.lasts[place.0] = block.last();
        } else {
            self.blocks.remove(place.0);
            self.lasts.remove(place.0);
        }
        entry
    }
}

#[cfg(test)]
mod tests;
