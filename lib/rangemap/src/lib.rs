//! Values by disjoint ranges of addresses: the mappings of an address space.
//!
//! A sorted array cut into blocks of at most 32 entries: a lookup is two binary searches over neighbouring memory, an insertion moves
//! at most one block. Entries can be split and joined; the value says how.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

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
        self.ends.copy_within(at..BLOCK - 1, at + 1);
        self.ends[at] = entry.end;
        self.entries.insert(at, entry);
    }

    fn remove(&mut self, at: usize) -> Entry<V> {
        self.ends.copy_within(at + 1.., at);
        self.ends[BLOCK - 1] = usize::MAX;
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

impl<V: Part> RangeMap<V> {
    /// Adds a range that overlaps none and joins it with its neighbours.
    pub fn insert_joined(&mut self, start: usize, end: usize, mut value: V) {
        let place = self.place(start);
        assert!(start < end && self.get(place).is_none_or(|next| next.start >= end), "range in use");
        let mut end = end;
        let mut joined_next = false;
        if let Some(next) = self.get(place)
            && next.start == end
            && value.fits(end - start, &next.value)
        {
            // The next entry becomes the joined one.
            joined_next = true;
            end = next.end;
        }
        let before = self.previous(place).filter(|&p| {
            let entry = &self.blocks[p.0].entries[p.1];
            entry.end == start && entry.value.fits(entry.len(), &value)
        });
        if joined_next {
            if before.is_some() {
                let next = self.take(place);
                value.absorb(next.start - start, next.value, next.end - next.start);
            } else if let Some(next) = self.get_mut(place) {
                let next_len = next.len();
                let old = core::mem::replace(&mut next.value, value);
                let len = next.start - start;
                next.start = start;
                next.value.absorb(len, old, next_len);
                return;
            }
        }
        match before {
            Some(p) => {
                let entry = &mut self.blocks[p.0].entries[p.1];
                let len = entry.len();
                entry.value.absorb(len, value, end - start);
                self.set_end_at(p, end);
            }
            None => self.insert_at(place, Entry { start, end, value }),
        }
    }

    /// Removes everything in `start..end`, cutting ranges at the borders.
    pub fn remove(&mut self, start: usize, end: usize, mut taken: impl FnMut(Entry<V>)) {
        if start >= end {
            return;
        }
        let mut place = self.place(start);
        loop {
            let Some(entry) = self.get_mut(place) else { return };
            if entry.start >= end {
                return;
            }
            if entry.start < start {
                let mut tail = entry.value.split(start - entry.start);
                let tail_end = entry.end;
                self.set_end_at(place, start);
                place = self.settled((place.0, place.1 + 1));
                if tail_end > end {
                    let rest = tail.split(end - start);
                    self.insert_at(place, Entry { start: end, end: tail_end, value: rest });
                    taken(Entry { start, end, value: tail });
                    return;
                }
                taken(Entry { start, end: tail_end, value: tail });
            } else if entry.end > end {
                let rest = entry.value.split(end - entry.start);
                let value = core::mem::replace(&mut entry.value, rest);
                let from = core::mem::replace(&mut entry.start, end);
                taken(Entry { start: from, end, value });
                return;
            } else {
                let last_of_block = self.blocks[place.0].len() == 1;
                taken(self.take(place));
                // The next entry is at the same place, or in the block that took the removed one's.
                place = if last_of_block { (place.0, 0) } else { self.settled(place) };
            }
        }
    }

    /// Changes the values in `start..end`, cutting ranges at the borders, and joins what belongs together afterwards.
    pub fn update(&mut self, start: usize, end: usize, mut change: impl FnMut(&mut Entry<V>)) {
        if start >= end {
            return;
        }
        let mut place = self.place(start);
        if self.get(place).is_some_and(|e| e.start < start) {
            place = self.cut(place, start);
        }
        while self.get(place).is_some_and(|e| e.start < end) {
            if let Some(first) = self.get(place).filter(|e| e.end > end).map(|e| e.start) {
                self.cut(place, end);
                // A full block was halved if the entry is not there any more.
                if self.get(place).is_none_or(|e| e.start != first) {
                    place = self.place(first);
                }
            }
            if let Some(entry) = self.get_mut(place) {
                change(entry);
            }
            place = self.join_before(place);
        }
        self.join_before(place);
    }

    /// Cuts the entry at `place` in two at `at`, which is inside; gives the place of the second part.
    fn cut(&mut self, place: Place, at: usize) -> Place {
        let entry = &mut self.blocks[place.0].entries[place.1];
        let value = entry.value.split(at - entry.start);
        let end = entry.end;
        self.set_end_at(place, at);
        let next = self.settled((place.0, place.1 + 1));
        self.insert_at(next, Entry { start: at, end, value });
        // A full block may have been halved by this.
        if self.get(next).is_some_and(|e| e.start == at) { next } else { self.place(at) }
    }

    /// Joins the entry at `place` to the one before if they belong together; gives the place behind it.
    fn join_before(&mut self, place: Place) -> Place {
        let behind = self.settled((place.0, place.1 + 1));
        let (Some(entry), Some(before)) = (self.get(place), self.previous(place)) else { return behind };
        let fits = self.get(before).is_some_and(|b| b.end == entry.start && b.value.fits(b.len(), &entry.value));
        if !fits {
            return behind;
        }
        let entry = self.take(place);
        let b = &mut self.blocks[before.0].entries[before.1];
        let len = b.len();
        b.value.absorb(len, entry.value, entry.end - entry.start);
        self.set_end_at(before, entry.end);
        self.settled((before.0, before.1 + 1))
    }

    /// Joins neighbours that belong together, from the range before `start` to the one behind `end`.
    pub fn merge(&mut self, start: usize, end: usize) {
        let first = self.place(start);
        let mut place = self.previous(first).unwrap_or(first);
        loop {
            let after = self.settled((place.0, place.1 + 1));
            let (Some(entry), Some(next)) = (self.get(place), self.get(after)) else { return };
            if next.start > end {
                return;
            }
            if entry.end != next.start || !entry.value.fits(entry.len(), &next.value) {
                place = after;
                continue;
            }
            let next = self.take(after);
            let entry = &mut self.blocks[place.0].entries[place.1];
            let len = entry.len();
            entry.value.absorb(len, next.value, next.end - next.start);
            self.set_end_at(place, next.end);
        }
    }
}

#[cfg(test)]
mod tests;
