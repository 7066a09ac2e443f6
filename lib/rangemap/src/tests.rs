//! Against a plain array of pages as the model.

extern crate std;
use super::*;
use std::vec;

/// A colour, and the position in it: parts join when the colour is the same and the positions follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Colour(u8, usize);

impl Part for Colour {
    fn split(&mut self, offset: usize) -> Self {
        Colour(self.0, self.1 + offset)
    }
    fn fits(&self, len: usize, next: &Self) -> bool {
        self.0 == next.0 && self.1 + len == next.1
    }
    fn absorb(&mut self, _: usize, _: Self, _: usize) {}
}

fn check(map: &RangeMap<Colour>, model: &[Option<Colour>]) {
    let mut seen = vec![None; model.len()];
    let mut last = 0;
    let mut n = 0;
    for entry in map.iter() {
        assert!(entry.start >= last && entry.start < entry.end);
        last = entry.end;
        n += 1;
        for (at, place) in seen[entry.start..entry.end].iter_mut().enumerate() {
            *place = Some(Colour(entry.value.0, entry.value.1 + at));
        }
    }
    assert_eq!(n, map.len());
    // Not assert_eq: both would be printed whole.
    assert!(seen == model, "differs at {:?}", (0..model.len()).find(|&i| seen[i] != model[i]));
    assert!(map.blocks.iter().all(|b| b.len() > 0 && b.len() <= BLOCK));
    for (block, last) in map.blocks.iter().zip(&map.lasts) {
        assert!(block.entries.iter().map(|e| e.end).eq(block.ends[..block.len()].iter().copied()));
        assert_eq!(block.last(), *last);
    }
}

#[test]
fn as_an_array() {
    const N: usize = 1500;
    let mut map = RangeMap::new();
    let mut model = vec![None; N];
    let mut random = 88172645463325252u64;
    for round in 0..6000 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let start = (random >> 16) as usize % (N - 40);
        let end = start + 1 + (random >> 40) as usize % if random & 0x700 == 0 { 40 } else { 4 };
        let colour = (random & 3) as u8;
        match random >> 5 & 3 {
            0 | 1 => {
                assert_eq!(map.is_free(start, end), model[start..end].iter().all(Option::is_none));
                map.remove(start, end, |_| ());
                if random & 0x8000 == 0 {
                    map.insert(start, end, Colour(colour, start));
                    map.merge(start, end);
                } else {
                    map.insert_joined(start, end, Colour(colour, start));
                }
                (start..end).for_each(|i| model[i] = Some(Colour(colour, i)));
            }
            2 => {
                let mut n = 0;
                map.remove(start, end, |e| n += e.len());
                assert_eq!(n, model[start..end].iter().flatten().count());
                model[start..end].fill(None);
            }
            _ => {
                map.update(start, end, |e| e.value.0 = colour);
                model[start..end].iter_mut().flatten().for_each(|c| c.0 = colour);
            }
        }
        let at = start;
        assert_eq!(map.find(at).map(|e| e.value.0), model[at].map(|c| c.0));
        let after = map.at_or_after(at).map(|e| e.start.max(at));
        assert_eq!(after, (at..N).find(|&i| model[i].is_some()));
        assert_eq!(map.iter_from(at).count() + map.down_from(at).0.count(), map.len());
        if round % 50 == 0 {
            check(&map, &model);
        }
    }
    // All neighbours that fit are joined where something changed last; a full merge leaves none.
    map.merge(0, N);
    check(&map, &model);
    let entries: vec::Vec<_> = map.iter().collect();
    assert!(entries.windows(2).all(|w| w[0].end != w[1].start || w[0].value.0 != w[1].value.0));
}
