//! Values by disjoint ranges of addresses: the mappings of an address space.
//!
//! A sorted array cut into blocks of at most 32 entries: a lookup is two binary searches over neighbouring memory, an insertion moves
//! at most one block. Entries can be split and joined; the value says how.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;

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
    blocks: Vec<Vec<Entry<V>>>,
    len: usize,
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
        RangeMap { blocks: Vec::new(), len: 0 }
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
        // The last block that starts at or before `addr`.
        let block = self.blocks.partition_point(|b| b[0].start <= addr).saturating_sub(1);
        let Some(entries) = self.blocks.get(block) else { return (0, 0) };
        let at = entries.partition_point(|e| e.end <= addr);
        if at == entries.len() { (block + 1, 0) } else { (block, at) }
    }

    #[inline]
    fn get(&self, place: Place) -> Option<&Entry<V>> {
        self.blocks.get(place.0)?.get(place.1)
    }

    /// The range that contains `addr`.
    #[inline]
    pub fn find(&self, addr: usize) -> Option<&Entry<V>> {
        self.at_or_after(addr).filter(|e| e.start <= addr)
    }

    /// The range that contains `addr`, to be changed. Its bounds may be moved too, as long as it keeps a length and overlaps no other.
    #[inline]
    pub fn find_mut(&mut self, addr: usize) -> Option<&mut Entry<V>> {
        let place = self.place(addr);
        self.blocks.get_mut(place.0)?.get_mut(place.1).filter(|e| e.start <= addr)
    }

    /// The first range that ends behind `addr` (Linux's find_vma).
    #[inline]
    pub fn at_or_after(&self, addr: usize) -> Option<&Entry<V>> {
        self.get(self.place(addr))
    }

    /// The last range that ends at or before `addr`.
    pub fn before(&self, addr: usize) -> Option<&Entry<V>> {
        let (block, at) = self.place(addr);
        match at.checked_sub(1) {
            Some(at) => self.get((block, at)),
            None => self.blocks.get(block.checked_sub(1)?)?.last(),
        }
    }

    /// True when no range overlaps `start..end`.
    pub fn is_free(&self, start: usize, end: usize) -> bool {
        self.at_or_after(start).is_none_or(|e| e.start >= end)
    }

    /// Ranges in order, from the first that ends behind `addr`.
    pub fn iter_from(&self, addr: usize) -> impl Iterator<Item = &Entry<V>> {
        let (block, at) = self.place(addr);
        let first = self.blocks.get(block).map_or(&[][..], |b| &b[at..]);
        let rest = self.blocks.get(block + 1..).unwrap_or(&[]);
        first.iter().chain(rest.iter().flatten())
    }

    /// All ranges in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Entry<V>> {
        self.blocks.iter().flatten()
    }

    /// Ranges in falling order, from the last that starts before `addr`.
    pub fn iter_down(&self, addr: usize) -> impl Iterator<Item = &Entry<V>> {
        let block = self.blocks.partition_point(|b| b[0].start < addr);
        let (rest, last) = match block.checked_sub(1) {
            Some(last) => (&self.blocks[..last], &self.blocks[last][..]),
            None => (&[][..], &[][..]),
        };
        let n = last.partition_point(|e| e.start < addr);
        last[..n].iter().rev().chain(rest.iter().rev().flat_map(|b| b.iter().rev()))
    }

    /// Adds a range that overlaps none. Panics when it does: the caller has looked.
    pub fn insert(&mut self, start: usize, end: usize, value: V) {
        assert!(start < end && self.is_free(start, end), "range in use");
        self.len += 1;
        let entry = Entry { start, end, value };
        if self.blocks.is_empty() {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        // Into the block that starts below, or the first one.
        let block = self.blocks.partition_point(|b| b.first().is_some_and(|e| e.start <= start)).saturating_sub(1);
        let at = self.blocks[block].partition_point(|e| e.start < start);
        if self.blocks[block].len() < BLOCK {
            self.blocks[block].insert(at, entry);
            return;
        }
        // Full. Appending opens a new block; otherwise the block is halved.
        let mut upper = Vec::with_capacity(BLOCK);
        if at == BLOCK {
            upper.push(entry);
        } else {
            upper.extend(self.blocks[block].drain(BLOCK / 2..));
            match at.checked_sub(BLOCK / 2) {
                Some(at) => upper.insert(at, entry),
                None => self.blocks[block].insert(at, entry),
            }
        }
        self.blocks.insert(block + 1, upper);
    }

    fn take(&mut self, place: Place) -> Entry<V> {
        let block = &mut self.blocks[place.0];
        let entry = block.remove(place.1);
        if block.is_empty() {
            self.blocks.remove(place.0);
        }
        self.len -= 1;
        entry
    }
}

impl<V: Part> RangeMap<V> {
    /// Makes `addr` a border: a range that contains it inside is cut in two.
    pub fn split_at(&mut self, addr: usize) {
        if let Some(entry) = self.find_mut(addr)
            && entry.start < addr
        {
            let value = entry.value.split(addr - entry.start);
            let end = core::mem::replace(&mut entry.end, addr);
            self.insert(addr, end, value);
        }
    }

    /// Removes everything in `start..end`, cutting ranges at the borders.
    pub fn remove(&mut self, start: usize, end: usize, mut taken: impl FnMut(Entry<V>)) {
        if start >= end {
            return;
        }
        self.split_at(start);
        self.split_at(end);
        loop {
            let place = self.place(start);
            if self.get(place).is_none_or(|e| e.start >= end) {
                return;
            }
            taken(self.take(place));
        }
    }

    /// Changes the values in `start..end`, cutting ranges at the borders, and joins what belongs together afterwards.
    pub fn update(&mut self, start: usize, end: usize, mut change: impl FnMut(&mut Entry<V>)) {
        if start >= end {
            return;
        }
        self.split_at(start);
        self.split_at(end);
        let (mut block, mut at) = self.place(start);
        while let Some(entries) = self.blocks.get_mut(block) {
            match entries.get_mut(at) {
                Some(entry) if entry.start < end => change(entry),
                Some(_) => break,
                None => {
                    (block, at) = (block + 1, 0);
                    continue;
                }
            }
            at += 1;
        }
        self.merge(start, end);
    }

    /// Joins neighbours that belong together, from the range before `start` to the one behind `end`.
    pub fn merge(&mut self, start: usize, end: usize) {
        let mut at = self.before(start).map_or(start, |e| e.start);
        while let Some(entry) = self.at_or_after(at) {
            let (first, border) = (entry.start, entry.end);
            if first > end {
                return;
            }
            at = border;
            let fits = self
                .at_or_after(border)
                .is_some_and(|next| next.start == border && self.find(first).is_some_and(|e| e.value.fits(e.len(), &next.value)));
            if fits {
                let next = self.take(self.place(border));
                if let Some(entry) = self.find_mut(first) {
                    entry.value.absorb(border - first, next.value, next.end - next.start);
                    entry.end = next.end;
                }
                at = first;
            }
        }
    }
}

#[cfg(test)]
mod tests;
