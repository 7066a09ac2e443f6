//! Paths that were walked last and where they led, so that a path walked again is not taken apart again. What is remembered is a number of the
//! caller's, good for one generation: whoever changes a tree of names raises the generation, and everything is forgotten.

use alloc::vec::Vec;

/// Bytes of the longest path remembered.
const LONGEST: usize = 48;
/// Bytes of the shortest: a shorter one is one component, or two, and as quickly walked as looked up.
const SHORTEST: usize = 8;
const ENTRIES: usize = 64; // 5.5 KiB
const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Clone, Copy)]
struct Entry {
    path: [u8; LONGEST],
    hash: u64,
    /// What the walk started from.
    start: usize,
    generation: u64,
    len: usize,
    found: u32,
}

/// The paths.
pub struct Recent {
    /// None before the first path.
    entries: Vec<Entry>,
}

/// The first and last eight bytes (which may overlap) and the words between: all of a path of a known length.
#[inline(always)]
fn parts(path: &[u8]) -> Option<(u64, &[[u8; 8]], u64)> {
    let (first, rest) = path.split_first_chunk::<SHORTEST>()?;
    let last = path.last_chunk::<SHORTEST>()?;
    Some((u64::from_le_bytes(*first), rest.as_chunks::<8>().0, u64::from_le_bytes(*last)))
}

#[inline(always)]
fn hash_of(start: usize, (first, middle, last): (u64, &[[u8; 8]], u64)) -> u64 {
    let mix = |hash: u64, word: u64| (hash.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER);
    let hash = mix(start as u64, first); // widening
    mix(middle.iter().fold(hash, |hash, word| mix(hash, u64::from_le_bytes(*word))), last)
}

#[inline(always)]
fn place(hash: u64) -> usize {
    (hash >> 58) as usize // the best bits of a product; below ENTRIES
}

impl Recent {
    /// None yet. Generations begin at 1.
    pub const fn new() -> Recent {
        const { assert!(ENTRIES == 1 << (64 - 58)) };
        Recent { entries: Vec::new() }
    }

    /// Where `path` led from `start`.
    #[inline(never)] // in the walk, which is built for size, it would be twice as long
    pub fn find(&self, start: usize, path: &[u8], generation: u64) -> Option<u32> {
        let key = parts(path)?;
        let hash = hash_of(start, key);
        let entry = self.entries.get(place(hash))?;
        if entry.hash != hash || entry.len != path.len() || entry.start != start || entry.generation != generation {
            return None;
        }
        let (first, middle, last) = parts(entry.path.get(..entry.len)?)?;
        (first == key.0 && last == key.2 && middle.iter().eq(key.1)).then_some(entry.found)
    }

    /// Remembers that `path` led to `found`.
    pub fn put(&mut self, start: usize, path: &[u8], generation: u64, found: u32) {
        if path.len() > LONGEST {
            return;
        }
        let Some(key) = parts(path) else { return };
        let hash = hash_of(start, key);
        if self.entries.is_empty() && !self.make() {
            return;
        }
        let entry = &mut self.entries[place(hash)];
        entry.path[..path.len()].copy_from_slice(path);
        (entry.hash, entry.start, entry.generation, entry.len, entry.found) = (hash, start, generation, path.len(), found);
    }
}

impl Recent {
    #[cold]
    fn make(&mut self) -> bool {
        let none = Entry { path: [0; LONGEST], hash: 0, start: 0, generation: 0, len: 0, found: 0 };
        let room = self.entries.try_reserve_exact(ENTRIES).is_ok();
        if room {
            self.entries.resize(ENTRIES, none);
        }
        room
    }
}

impl Default for Recent {
    fn default() -> Self {
        Recent::new()
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn finds_what_was_put_and_nothing_else() {
        let mut recent = Recent::new();
        for len in SHORTEST..=LONGEST {
            let path: std::vec::Vec<u8> = (0..len).map(|i| b'a' + (i * 7 % 26) as u8).collect();
            recent.put(len, &path, 1, 7);
            assert_eq!(recent.find(len, &path, 1), Some(7));
            assert_eq!(recent.find(0, &path, 1), None, "another start");
            assert_eq!(recent.find(len, &path, 2), None, "another generation");
            for at in 0..len {
                let mut other = path.clone();
                other[at] ^= 1;
                assert_eq!(recent.find(len, &other, 1), None);
            }
            assert_eq!(recent.find(len, &path[..len - 1], 1), None);
        }
    }

    #[test]
    fn too_short_and_too_long_are_walked() {
        let mut recent = Recent::new();
        for path in [&b""[..], b"etc", b"usr/lib", &[b'x'; LONGEST + 1]] {
            recent.put(1, path, 1, 5);
            assert_eq!(recent.find(1, path, 1), None);
        }
    }

    /// Against a map that forgets nothing: an answer is the last one put, or none.
    #[test]
    fn answers_are_true() {
        let mut recent = Recent::new();
        let mut all = std::collections::HashMap::new();
        let mut seed = 7u32;
        let mut hits = 0;
        for turn in 0..50_000u32 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (start, name) = ((seed >> 8) as usize % 3, std::format!("usr/lib/file{}", (seed >> 16) % 40));
            if seed >> 30 == 0 {
                recent.put(start, name.as_bytes(), 1, turn);
                all.insert((start, name), turn);
            } else if let Some(found) = recent.find(start, name.as_bytes(), 1) {
                hits += 1;
                assert_eq!(all.get(&(start, name)), Some(&found));
            }
        }
        assert!(hits > 10_000, "{hits}");
    }
}
