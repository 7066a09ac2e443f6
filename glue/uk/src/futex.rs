//! Waiting for a word to change (glue/include/uk/futex.h): what locks are made of.

use core::ffi::c_int;
use core::sync::atomic::AtomicU32;
use core::time::Duration;

unsafe extern "C" {
    fn uk_word_wait(word: *const AtomicU32, value: u32, deadline: u64) -> c_int;
    fn uk_word_wake(word: *const AtomicU32, count: c_int) -> c_int;
}

/// Sleeps while `word` is `value`, until woken, or until a time of [`crate::time::monotonic`]. False when the time is over. It may return without a reason: look
/// at the word again.
pub fn wait(word: &AtomicU32, value: u32, deadline: Option<Duration>) -> bool {
    let deadline = deadline.map_or(0, |at| u64::try_from(at.as_nanos()).unwrap_or(u64::MAX).max(1));
    // SAFETY: the word is there while the call runs.
    unsafe { uk_word_wait(word, value, deadline) != -110 } // ETIMEDOUT
}

/// Wakes up to `count` waiters; how many there were.
pub fn wake(word: &AtomicU32, count: u32) -> u32 {
    // SAFETY: only the word's address is used.
    let woken = unsafe { uk_word_wake(word, c_int::try_from(count).unwrap_or(c_int::MAX)) };
    u32::try_from(woken).unwrap_or(0)
}
