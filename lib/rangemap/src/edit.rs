//! Changing the map where ranges are cut and joined.

use super::{Entry, Part, Place, RangeMap};

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
