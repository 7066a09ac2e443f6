//! The kernel's random numbers: ChaCha20 keyed from the host's seed, the CPU's generator and the clock. For getrandom(2), /dev/urandom, AT_RANDOM and ASLR.
//!
//! Fast key erasure: every request ends by taking a new key from the stream, so that memory read later does not tell earlier numbers.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::sync::SpinLock;

type Key = [u8; 32];

/// `None` until the first use: a program that asks for nothing pays nothing.
static POOL: SpinLock<Option<ChaCha20Rng>> = SpinLock::new(None);
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

fn with_pool<R>(f: impl FnOnce(&mut ChaCha20Rng) -> R) -> R {
    let mut pool = POOL.lock();
    let rng = pool.get_or_insert_with(|| {
        let mut key = *SEED.lock();
        hardware(&mut key);
        ChaCha20Rng::from_seed(key)
    });
    f(rng)
}

/// Fills `dst` with random bytes.
pub fn fill(dst: &mut [u8]) {
    with_pool(|rng| {
        rng.fill_bytes(dst);
        let mut key = Key::default();
        rng.fill_bytes(&mut key);
        *rng = ChaCha20Rng::from_seed(key);
    });
}

/// A random number.
pub fn next_u64() -> u64 {
    let mut bytes = [0; 8];
    fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

/// Mixes what a program wrote to /dev/random into the pool; it can make the numbers better, never worse.
pub fn mix(bytes: &[u8]) {
    with_pool(|rng| {
        let mut key = Key::default();
        rng.fill_bytes(&mut key);
        fold(&mut key, bytes);
        *rng = ChaCha20Rng::from_seed(key);
    });
}
