//! The numbers of a descriptor table: which are in use, which of these are closed by execve(2), the lowest free one from a start, the next in use.
//!
//! Kept apart from the table so that its corner cases are tested on the host, and so that it is built for speed: open(2) and close(2) come by here.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;

/// Why no number was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// None is free below the limit.
    Full,
    /// No memory for a larger map.
    OutOfMemory,
}

/// 64 numbers.
#[derive(Debug, Clone, Copy, Default)]
struct Word {
    used: u64,
    cloexec: u64,
}

/// A set of small numbers, each with a mark. Numbers past the end are not in the set.
#[derive(Debug, Clone, Default)]
pub struct FdBits {
    words: Vec<Word>,
    /// Every number below this is in the set.
    hint: usize,
}

impl FdBits {
    /// The empty set.
    pub const fn new() -> FdBits {
        FdBits { words: Vec::new(), hint: 0 }
    }

    fn word(&self, n: usize) -> Word {
        self.words.get(n / 64).copied().unwrap_or_default()
    }

    /// Whether `n` is in the set.
    pub fn used(&self, n: usize) -> bool {
        self.word(n).used >> (n % 64) & 1 != 0
    }

    /// Whether `n` is marked close-on-exec.
    pub fn cloexec(&self, n: usize) -> bool {
        self.word(n).cloexec >> (n % 64) & 1 != 0
    }

    /// Takes the lowest number from `min` that is below `limit`.
    pub fn take(&mut self, min: usize, limit: usize, cloexec: bool) -> Result<usize, Refused> {
        let n = min.max(self.hint);
        // Mostly the number at the hint is free: then this is all.
        let bit = 1 << (n % 64);
        match self.words.get_mut(n / 64) {
            Some(word) if word.used & bit == 0 && n < limit => {
                word.used |= bit;
                if cloexec {
                    word.cloexec |= bit;
                }
                if n == self.hint {
                    self.hint = n + 1;
                }
                Ok(n)
            }
            _ => self.search(n, limit, cloexec),
        }
    }

    #[inline(never)]
    fn search(&mut self, start: usize, limit: usize, cloexec: bool) -> Result<usize, Refused> {
        let n = self.first_free(start);
        if n >= limit {
            return Err(Refused::Full);
        }
        self.set(n, cloexec)?;
        Ok(n)
    }

    #[cold]
    fn grow(&mut self, index: usize) -> Result<(), Refused> {
        let more = index + 1 - self.words.len();
        self.words.try_reserve(more).map_err(|_| Refused::OutOfMemory)?;
        self.words.resize(index + 1, Word::default());
        Ok(())
    }

    /// Adds `n` and sets its mark, growing as needed.
    pub fn set(&mut self, n: usize, cloexec: bool) -> Result<(), Refused> {
        if n / 64 >= self.words.len() {
            self.grow(n / 64)?;
        }
        let word = &mut self.words[n / 64];
        word.used |= 1 << (n % 64);
        word.cloexec = word.cloexec & !(1 << (n % 64)) | u64::from(cloexec) << (n % 64);
        if n == self.hint {
            self.hint = n + 1;
        }
        Ok(())
    }

    /// Removes `n` and its mark.
    #[inline(never)]
    pub fn clear(&mut self, n: usize) {
        if let Some(word) = self.words.get_mut(n / 64) {
            let bit = !(1 << (n % 64));
            word.used &= bit;
            word.cloexec &= bit;
            self.hint = self.hint.min(n);
        }
    }

    /// Whether a number from `min` below `limit` is free.
    pub fn has_room(&self, min: usize, limit: usize) -> bool {
        self.first_free(min) < limit
    }

    /// The lowest number from `min` that is not in the set.
    pub fn first_free(&self, min: usize) -> usize {
        let start = min.max(self.hint);
        let mut index = start / 64;
        // Bits below the start count as taken in the first word.
        let mut taken = self.words.get(index).map_or(0, |word| word.used) | ((1u64 << (start % 64)) - 1);
        while taken == u64::MAX {
            index += 1;
            taken = self.words.get(index).map_or(0, |word| word.used);
        }
        index * 64 + taken.trailing_ones() as usize // below 64
    }

    /// The lowest number from `min` that is in the set.
    pub fn next_used(&self, min: usize) -> Option<usize> {
        self.next(min, |word| word.used)
    }

    /// The lowest number from `min` that is marked.
    pub fn next_cloexec(&self, min: usize) -> Option<usize> {
        self.next(min, |word| word.cloexec)
    }

    fn next(&self, min: usize, bits: fn(&Word) -> u64) -> Option<usize> {
        let mut index = min / 64;
        let mut word = bits(self.words.get(index)?) & (u64::MAX << (min % 64));
        while word == 0 {
            index += 1;
            word = bits(self.words.get(index)?);
        }
        Some(index * 64 + word.trailing_zeros() as usize) // below 64
    }
}

#[cfg(test)]
mod tests {
    use super::{FdBits, Refused};

    fn with(numbers: &[usize]) -> FdBits {
        let mut bits = FdBits::new();
        for &n in numbers {
            bits.set(n, false).unwrap();
        }
        bits
    }

    #[test]
    fn lowest_free_follows_sets_and_clears() {
        let mut bits = with(&[0, 1, 2, 4]);
        assert_eq!(bits.first_free(0), 3);
        assert_eq!(bits.first_free(4), 5);
        assert_eq!(bits.take(0, 100, true), Ok(3));
        assert!(bits.cloexec(3) && !bits.cloexec(4));
        assert_eq!(bits.first_free(0), 5);
        bits.clear(1);
        assert_eq!(bits.first_free(0), 1);
        assert_eq!(bits.first_free(2), 5);
        assert_eq!(bits.take(0, 1, false), Err(Refused::Full));
        assert_eq!(bits.take(2, 5, false), Err(Refused::Full));
        bits.clear(3);
        assert!(!bits.cloexec(3), "a number that is given back loses its mark");
    }

    #[test]
    fn word_borders() {
        let mut bits = FdBits::new();
        for n in 0..128 {
            assert_eq!(bits.first_free(0), n);
            assert_eq!(bits.take(0, 128, n % 2 == 0), Ok(n));
        }
        assert_eq!(bits.take(0, 128, false), Err(Refused::Full));
        assert!(!bits.has_room(0, 128) && bits.has_room(0, 129));
        assert_eq!(bits.first_free(63), 128);
        assert_eq!(bits.first_free(1000), 1000);
        assert_eq!(bits.take(1000, 2000, false), Ok(1000));
        bits.clear(1000);
        bits.clear(127);
        assert_eq!(bits.first_free(0), 127);
        assert_eq!(bits.next_used(127), None);
        assert_eq!(bits.next_used(126), Some(126));
        assert_eq!(bits.next_cloexec(63), Some(64));
    }

    #[test]
    fn the_hint_survives_random_use() {
        let mut bits = FdBits::new();
        let mut model = [None; 300];
        let mut seed = 12345u32;
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let n = (seed >> 8) as usize % 300;
            let mark = seed & 4 != 0;
            match seed & 3 {
                0 => {
                    bits.set(n, mark).unwrap();
                    model[n] = Some(mark);
                }
                1 => {
                    let free = (n..300).find(|&i| model[i].is_none());
                    assert_eq!(bits.take(n, 300, mark).ok(), free);
                    if let Some(free) = free {
                        model[free] = Some(mark);
                    }
                }
                _ => {
                    bits.clear(n);
                    model[n] = None;
                }
            }
            let min = (seed >> 16) as usize % 300;
            let free = (min..).find(|&i| model.get(i).copied().flatten().is_none()).unwrap();
            assert_eq!(bits.first_free(min), free);
            assert_eq!(bits.next_used(min), (min..300).find(|&i| model[i].is_some()));
            assert_eq!(bits.next_cloexec(min), (min..300).find(|&i| model[i] == Some(true)));
        }
    }
}
