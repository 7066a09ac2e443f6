//! futex(2): waiting on words of user memory. Hashed buckets of waiters; a bucket's sleeping lock is held over the comparison with the
//! word (which may fault), so a wake-up between comparison and sleep is not lost.

mod bucket;
mod chain;
pub mod pi;
mod requeue;
pub mod robust;
mod waitv;

use abi::futex::BITSET_MATCH_ANY;
use abi::{Errno, Result};
use core::sync::atomic::Ordering;

use crate::mm::AddressSpace;
use crate::sched::{self, Thread};
use bucket::{Entry, Key, Kind, bucket_of, key};
pub use requeue::{Operation, requeue, wake_op};
pub use waitv::{Wanted, wait_any};

/// Whether other processes may use the futex.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// FUTEX_PRIVATE_FLAG: named by address space and address.
    Private,
    /// Named by what is mapped there.
    Shared,
}

/// FUTEX_WAIT, FUTEX_WAIT_BITSET: sleeps while the word at `addr` is `expected`, until woken or `deadline` (CLOCK_MONOTONIC ns). EAGAIN if the word differs,
/// ETIMEDOUT, EFAULT; ERESTARTSYS for a signal.
pub fn wait(mm: &AddressSpace, addr: usize, scope: Scope, expected: u32, bitset: u32, deadline: Option<u64>) -> Result<()> {
    if bitset == 0 {
        return Err(Errno::EINVAL);
    }
    let key = key(mm, addr, scope)?;
    let running = sched::current();
    let me = running.to_arc();
    let (index, bucket) = bucket_of(&key);
    me.wait_word.store(0, Ordering::Relaxed);
    me.wait_bucket.store(index, Ordering::Relaxed);
    {
        let mut waiters = bucket.lock();
        if hal::user::atomic::load_u32(addr)? != expected {
            return Err(Errno::EAGAIN);
        }
        bucket::put(&mut waiters, Entry { key, bitset, thread: me.clone(), index: 0, kind: Kind::Plain });
    }
    sleep(&me, deadline)
}

/// Sleeps until a waker took the thread's entry away.
fn sleep(me: &Thread, deadline: Option<u64>) -> Result<()> {
    loop {
        if me.wait_word.load(Ordering::Acquire) != 0 {
            return Ok(());
        }
        let error = if me.signal_pending() {
            Some(Errno::RESTARTSYS)
        } else if deadline.is_some_and(|deadline| hal::clock::monotonic_ns() >= deadline) {
            Some(Errno::ETIMEDOUT)
        } else {
            None
        };
        if let Some(error) = error {
            return if leave(me) { Err(error) } else { Ok(()) };
        }
        sched::park(true, deadline);
    }
}

/// Takes the thread's entry out of the bucket it is in now; false when a waker was faster.
fn leave(me: &Thread) -> bool {
    loop {
        let index = me.wait_bucket.load(Ordering::Acquire);
        if index == chain::IN_TABLE {
            return chain::leave(me);
        }
        let mut waiters = bucket::at(index).lock();
        if me.wait_bucket.load(Ordering::Acquire) != index {
            continue; // requeued meanwhile
        }
        let at = waiters.iter().position(|entry| core::ptr::eq(&*entry.thread, me));
        if let Some(at) = at {
            waiters.remove(at);
        }
        return at.is_some();
    }
}

/// FUTEX_WAKE, FUTEX_WAKE_BITSET: wakes up to `count` waiters whose bit sets meet; gives their number. EINVAL when one of them waits for a PI lock.
pub fn wake(mm: &AddressSpace, addr: usize, scope: Scope, count: u32, bitset: u32) -> Result<u32> {
    if bitset == 0 {
        return Err(Errno::EINVAL);
    }
    let key = key(mm, addr, scope)?;
    wake_key(&key, count, bitset)
}

fn wake_key(key: &Key, count: u32, bitset: u32) -> Result<u32> {
    let (_, bucket) = bucket_of(key);
    let mut waiters = bucket.lock();
    bucket::wake_in(&mut waiters, key, count, bitset)
}

/// Any bit set of FUTEX_WAIT and FUTEX_WAKE.
pub const ANY: u32 = BITSET_MATCH_ANY;
