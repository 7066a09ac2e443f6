//! The kernel's random numbers: ChaCha20 keyed from the host's seed, the CPU's generator and the clock. For getrandom(2), /dev/urandom, AT_RANDOM and ASLR.
//!
//! Fast key erasure: every request begins by taking the next request's key from the stream, so that memory read later does not tell earlier numbers.

use rand_chacha::ChaCha20Core;
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::rand_core::block::Generator;

use crate::sync::{Once, SpinLock};

type Key = [u8; 32];

/// The next request's key. `None` until the first use: a program that asks for nothing pays nothing.
static POOL: SpinLock<Option<Key>> = SpinLock::new(None);
/// What boot gave us, until the pool exists.
static SEED: SpinLock<Key> = SpinLock::new([0; 32]);

fn fold(key: &mut Key, bytes: &[u8]) {
    for (at, byte) in bytes.iter().enumerate() {
        key[at % key.len()] ^= byte;
    }
}

/// The machine's own randomness: RDRAND where there is one, and the counter's jitter.
fn hardware(key: &mut Key) {
    for word in key.chunks_exact_mut(8) {
        let mut value = hal::cpu::cycles().rotate_left(29);
        if let Some(random) = hal::cpu::hardware_random() {
            value ^= random;
        }
        word.iter_mut().zip(value.to_le_bytes()).for_each(|(k, b)| *k ^= b);
    }
}

/// Adds the seed from the boot configuration.
pub fn seed(bytes: &[u8]) {
    fold(&mut SEED.lock(), bytes);
}

static SOURCE: Once<fn(&mut [u8]) -> usize> = Once::new();

/// Registers a device that gives randomness: says how many bytes it gave, and returns soon. It is asked once, and only where the CPU has no generator: starting
/// a device costs more than boot does otherwise.
pub fn set_source(source: fn(&mut [u8]) -> usize) {
    let _ = SOURCE.set(source);
}

/// The first key.
#[cold]
fn first() -> Key {
    let mut key = *SEED.lock();
    hardware(&mut key);
    if hal::cpu::hardware_random().is_none()
        && let Some(source) = SOURCE.get()
    {
        let mut bytes = Key::default();
        source(&mut bytes);
        fold(&mut key, &bytes);
    }
    key
}

/// Words that the generator makes at a time.
const BLOCK: usize = 64;
/// Words of a key.
const KEY: usize = 8;

/// Copies words as bytes, as many as fit; gives what of `dst` is still to fill.
fn copy<'a>(dst: &'a mut [u8], words: &[u32]) -> &'a mut [u8] {
    let n = dst.len().min(words.len() * 4);
    let (now, rest) = dst.split_at_mut(n);
    let (whole, tail) = now.as_chunks_mut::<4>();
    let mut words = words.iter();
    whole.iter_mut().zip(words.by_ref()).for_each(|(to, word)| *to = word.to_le_bytes());
    if let Some(word) = words.next() {
        tail.iter_mut().zip(word.to_le_bytes()).for_each(|(to, byte)| *to = byte);
    }
    rest
}

/// A generator of its own for one request and its first block, of which the first words are used; `mixed` goes into the key that the next request gets.
fn stream(block: &mut [u32; BLOCK], mixed: &[u8]) -> ChaCha20Core {
    let mut pool = POOL.lock();
    if pool.is_none() {
        // Made with the lock free: a device may be asked. Of two that are made at once, one is used.
        drop(pool);
        let fresh = first();
        pool = POOL.lock();
        pool.get_or_insert(fresh);
    }
    let key = pool.get_or_insert_with(first);
    let mut core = ChaCha20Core::from_seed(*key);
    core.generate(block);
    copy(key, &block[..KEY]);
    fold(key, mixed);
    core
}

/// Fills `dst` with random bytes.
pub fn fill(dst: &mut [u8]) {
    let mut block = [0; BLOCK];
    let mut core = stream(&mut block, &[]);
    let mut rest = copy(dst, &block[KEY..]);
    while !rest.is_empty() {
        core.generate(&mut block);
        rest = copy(rest, &block);
    }
}

/// A random number.
pub fn next_u64() -> u64 {
    let [word] = words();
    word
}

/// Random numbers.
pub fn words<const N: usize>() -> [u64; N] {
    let mut bytes = [[0; 8]; N];
    fill(bytes.as_flattened_mut());
    bytes.map(u64::from_le_bytes)
}

/// Mixes what a program wrote to /dev/random into the pool; it can make the numbers better, never worse.
pub fn mix(bytes: &[u8]) {
    stream(&mut [0; BLOCK], bytes);
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::collections::BTreeSet;
    use std::vec::Vec;

    #[test]
    fn every_word_is_filled_and_none_comes_twice() {
        let mut seen = BTreeSet::new();
        let mut words = 0;
        for len in [1usize, 7, 16, 223, 224, 225, 256, 480, 481, 5000] {
            let mut bytes = std::vec![0u8; len];
            fill(&mut bytes);
            mix(&bytes);
            let all: Vec<_> = bytes.as_chunks::<8>().0.to_vec();
            words += all.len();
            seen.extend(all);
            assert!(len < 16 || bytes[len - 8..].iter().any(|b| *b != 0), "{len}");
        }
        assert_eq!(seen.len(), words);
        assert_ne!(next_u64(), next_u64());
    }
}
