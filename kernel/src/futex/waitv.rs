//! futex_waitv(2): waiting for any of several words.

use core::sync::atomic::Ordering;

use abi::{Errno, Result};

use super::bucket::{Entry, Key, Kind, at, bucket_of, key, put};
use super::{ANY, Scope};
use crate::mm::AddressSpace;
use crate::sched::{self, Thread};

/// One word to wait for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Its address.
    pub addr: usize,
    /// Its scope.
    pub scope: Scope,
    /// The value to sleep at.
    pub expected: u32,
}

/// Sleeps while every word has its expected value; gives the index of one that was woken. EAGAIN if a word differs, ETIMEDOUT, ERESTARTSYS.
pub fn wait_any(mm: &AddressSpace, wanted: &[Wanted], deadline: Option<u64>) -> Result<usize> {
    let running = sched::current();
    let me = running.to_arc();
    me.wait_word.store(0, Ordering::Relaxed);
    let mut failed = None;
    for (index, word) in wanted.iter().enumerate() {
        if let Err(errno) = enter(mm, word, index, &me) {
            failed = Some(errno);
            break;
        }
    }
    let error = match failed {
        Some(errno) => errno,
        None => wait(&me, deadline),
    };
    for word in wanted {
        if let Ok(key) = key(mm, word.addr, word.scope) {
            leave(&key, &me);
        }
    }
    match me.wait_word.load(Ordering::Acquire) {
        0 => Err(error),
        index => Ok(index as usize - 1), // widening
    }
}

fn enter(mm: &AddressSpace, word: &Wanted, index: usize, me: &alloc::sync::Arc<Thread>) -> Result<()> {
    let key = key(mm, word.addr, word.scope)?;
    let (_, bucket) = bucket_of(&key);
    let mut waiters = bucket.lock();
    if hal::user::atomic::load_u32(word.addr)? != word.expected {
        return Err(Errno::EAGAIN);
    }
    let index = u32::try_from(index).map_err(|_| Errno::EINVAL)?;
    put(&mut waiters, Entry { key, bitset: ANY, thread: me.clone(), index, kind: Kind::Plain });
    Ok(())
}

/// Sleeps; the error counts only when no word was woken.
fn wait(me: &Thread, deadline: Option<u64>) -> Errno {
    loop {
        if me.wait_word.load(Ordering::Acquire) != 0 {
            return Errno::EAGAIN;
        }
        if me.signal_pending() {
            return Errno::RESTARTSYS;
        }
        if deadline.is_some_and(|deadline| hal::clock::monotonic_ns() >= deadline) {
            return Errno::ETIMEDOUT;
        }
        sched::park(true, deadline);
    }
}

/// Removes what is left of this thread's entries: where they were put, or anywhere if one was requeued.
fn leave(key: &Key, me: &Thread) {
    let mine = |entry: &Entry| core::ptr::eq(&*entry.thread, me);
    let (index, bucket) = bucket_of(key);
    let mut waiters = bucket.lock();
    let before = waiters.len();
    waiters.retain(|entry| !mine(entry));
    let removed = before != waiters.len();
    drop(waiters);
    if !removed && me.wait_bucket.load(Ordering::Relaxed) != index {
        at(me.wait_bucket.load(Ordering::Relaxed)).lock().retain(|entry| !mine(entry));
    }
}
