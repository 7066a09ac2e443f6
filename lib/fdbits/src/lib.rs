//! A growing bitmap with the questions a descriptor table asks: the lowest free number from a start, the next number in use.
//!
//! Kept apart from the table so that its corner cases are tested on the host.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

use alloc::vec::Vec;

/// No memory for a larger bitmap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfMemory;

/// A set of small numbers. Bits past the end read as clear.
#[derive(Debug, Clone, Default)]
pub struct FdBits {
    words: Vec<u64>,
    /// Every number below this is in the set.
    hint: usize,
}

impl FdBits {
    /// The empty set.
    pub const fn new() -> FdBits {
        FdBits { words: Vec::new(), hint: 0 }
    }

    /// Whether `n` is in the set.
    #[inline]
    pub fn get(&self, n: usize) -> bool {
        self.words.get(n / 64).is_some_and(|word| word >> (n % 64) & 1 != 0)
    }

    /// Adds `n`, growing as needed.
    pub fn set(&mut self, n: usize) -> Result<(), OutOfMemory> {
        let index = n / 64;
        if index >= self.words.len() {
            self.words.try_reserve(index + 1 - self.words.len()).map_err(|_| OutOfMemory)?;
            self.words.resize(index + 1, 0);
        }
        self.words[index] |= 1 << (n % 64);
        if n == self.hint {
            self.hint = n + 1;
        }
        Ok(())
    }

    /// Removes `n`.
    pub fn clear(&mut self, n: usize) {
        if let Some(word) = self.words.get_mut(n / 64) {
            *word &= !(1 << (n % 64));
            self.hint = self.hint.min(n);
        }
    }

    /// The lowest number from `min` that is not in the set.
    pub fn first_free(&self, min: usize) -> usize {
        let start = min.max(self.hint);
        let mut index = start / 64;
        // Bits below the start count as taken in the first word.
        let mut taken = self.words.get(index).copied().unwrap_or(0) | ((1u64 << (start % 64)) - 1);
        while taken == u64::MAX {
            index += 1;
            taken = self.words.get(index).copied().unwrap_or(0);
        }
        index * 64 + ones(taken)
    }

    /// The lowest number from `min` that is in the set.
    pub fn next_set(&self, min: usize) -> Option<usize> {
        let mut index = min / 64;
        let mut word = self.words.get(index)? & (u64::MAX << (min % 64));
        while word == 0 {
            index += 1;
            word = *self.words.get(index)?;
        }
        Some(index * 64 + zeros(word))
    }

    /// Removes everything.
    pub fn clear_all(&mut self) {
        self.words.fill(0);
        self.hint = 0;
    }
}

fn ones(word: u64) -> usize {
    word.trailing_ones() as usize // at most 64
}

fn zeros(word: u64) -> usize {
    word.trailing_zeros() as usize // at most 64
}

#[cfg(test)]
mod tests {
    use super::FdBits;

    fn with(numbers: &[usize]) -> FdBits {
        let mut bits = FdBits::new();
        for &n in numbers {
            bits.set(n).unwrap();
        }
        bits
    }

    #[test]
    fn lowest_free_follows_sets_and_clears() {
        let mut bits = with(&[0, 1, 2, 4]);
        assert_eq!(bits.first_free(0), 3);
        assert_eq!(bits.first_free(4), 5);
        bits.set(3).unwrap();
        assert_eq!(bits.first_free(0), 5);
        bits.clear(1);
        assert_eq!(bits.first_free(0), 1);
        assert_eq!(bits.first_free(2), 5);
    }

    #[test]
    fn word_borders() {
        let mut bits = FdBits::new();
        for n in 0..128 {
            assert_eq!(bits.first_free(0), n);
            bits.set(n).unwrap();
        }
        assert_eq!(bits.first_free(0), 128);
        assert_eq!(bits.first_free(63), 128);
        assert_eq!(bits.first_free(1000), 1000);
        bits.clear(127);
        assert_eq!(bits.first_free(0), 127);
        assert_eq!(bits.next_set(127), None);
        assert_eq!(bits.next_set(126), Some(126));
    }

    #[test]
    fn the_hint_survives_random_use() {
        let mut bits = FdBits::new();
        let mut model = [false; 300];
        let mut seed = 12345u32;
        for _ in 0..20_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let n = (seed >> 8) as usize % 300;
            if seed & 1 == 0 {
                bits.set(n).unwrap();
                model[n] = true;
            } else {
                bits.clear(n);
                model[n] = false;
            }
            let min = (seed >> 16) as usize % 300;
            let free = (min..).find(|&i| !model.get(i).copied().unwrap_or(false)).unwrap();
            assert_eq!(bits.first_free(min), free);
            assert_eq!(bits.next_set(min), (min..300).find(|&i| model[i]));
        }
    }
}
