//! Locks whose word holds the owner's thread id: FUTEX_LOCK_PI and its relatives. What is contended is in [`super::chain`].

use alloc::sync::Arc;
use core::sync::atomic::Ordering;

use abi::futex::{TID_MASK, WAITERS};
use abi::{Errno, Result};
use hal::user::{UserPtr, atomic};

use super::bucket::{Entry, Key, Kind, bucket_of, key, lock_pair, put};
use super::chain::{IN_TABLE, TABLE, update};
use super::{ANY, Scope, sleep};
use crate::mm::AddressSpace;
use crate::sched::{self, Thread};

pub use super::chain::{abandon, policy_changed, set_thread_lookup};

fn waits_plainly(waiters: &[Entry], key: &Key) -> bool {
    waiters.iter().any(|entry| entry.key == *key)
}

/// FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI for thread `tid`: EDEADLK when it owns the lock or the owner waits for it, EAGAIN when `try_only` and taken,
/// ESRCH for an owner that does not exist, EINVAL for a word that does not fit the kernel's knowledge, ETIMEDOUT.
pub fn lock(mm: &AddressSpace, addr: usize, scope: Scope, tid: i32, deadline: Option<u64>, try_only: bool) -> Result<()> {
    let key = key(mm, addr, scope)?;
    let running = sched::current();
    let me = running.to_arc();
    {
        let waiters = bucket_of(&key).1.lock();
        let mut table = TABLE.lock();
        let Some(at) = table.attach(&key, addr, tid, waits_plainly(&waiters, &key), false)? else { return Ok(()) };
        if table.steal(at, &me, tid, addr)? {
            return Ok(());
        }
        if try_only {
            table.tidy(at);
            return Err(Errno::EAGAIN);
        }
        table.block(at, &me, tid)?;
    }
    match wait(&me, &key, addr, deadline) {
        Err(Errno::RESTARTSYS) => Err(Errno::RESTARTNOINTR),
        result => result,
    }
}

/// Sleeps until the lock is the thread's.
fn wait(me: &Arc<Thread>, key: &Key, addr: usize, deadline: Option<u64>) -> Result<()> {
    loop {
        sleep(me, deadline)?;
        if TABLE.lock().accept(key, me, addr)? {
            return Ok(());
        }
    }
}

/// FUTEX_UNLOCK_PI: the best waiter becomes the owner. EPERM unless `tid` owns the lock, EINVAL for a word that does not fit the kernel's knowledge.
pub fn unlock(mm: &AddressSpace, addr: usize, scope: Scope, tid: i32) -> Result<()> {
    let mine = tid.cast_unsigned();
    let owned = |word: u32| if word & TID_MASK == mine { Ok(()) } else { Err(Errno::EPERM) };
    owned(UserPtr::<u32>::new(addr).read()?)?; // before the address is known to be aligned, as on Linux
    let key = key(mm, addr, scope)?;
    let waiters = bucket_of(&key).1.lock();
    let mut table = TABLE.lock();
    let Some(at) = table.find(&key) else {
        if waits_plainly(&waiters, &key) {
            return Err(Errno::EINVAL);
        }
        return update(addr, |old| owned(old).map(|()| 0)).map(|_| ());
    };
    let next = table.next_owner(at).filter(|_| table.is_owner(at, &sched::current())).ok_or(Errno::EINVAL)?;
    update(addr, |old| owned(old).map(|()| next.cast_unsigned() | WAITERS).map_err(|_| Errno::EINVAL))?;
    table.pass_on(at);
    Ok(())
}

/// FUTEX_WAIT_REQUEUE_PI: waits at `addr` like FUTEX_WAIT until FUTEX_CMP_REQUEUE_PI gives it the lock at `lock_addr` or lets it wait there.
/// EAGAIN if the word differs or a signal came after the move, ETIMEDOUT.
pub fn wait_requeue(
    mm: &AddressSpace,
    addr: usize,
    lock_addr: usize,
    scope: Scope,
    expected: u32,
    tid: i32,
    deadline: Option<u64>,
) -> Result<()> {
    if addr == lock_addr {
        return Err(Errno::EINVAL);
    }
    let target = key(mm, lock_addr, scope)?;
    let source = key(mm, addr, scope)?;
    let running = sched::current();
    let me = running.to_arc();
    let (index, bucket) = bucket_of(&source);
    {
        let mut waiters = bucket.lock();
        if atomic::load_u32(addr)? != expected {
            return Err(Errno::EAGAIN);
        }
        if source == target {
            return Err(Errno::EINVAL);
        }
        me.wait_word.store(0, Ordering::Relaxed);
        me.wait_bucket.store(index, Ordering::Relaxed);
        put(&mut waiters, Entry { key: source, bitset: ANY, thread: me.clone(), index: 0, kind: Kind::Requeue(target, tid) });
    }
    let result = sleep(&me, deadline);
    let moved = me.wait_bucket.load(Ordering::Relaxed) == IN_TABLE;
    match result {
        Err(Errno::RESTARTSYS) if !moved => Err(Errno::RESTARTNOINTR),
        Ok(()) if moved && !TABLE.lock().accept(&target, &me, lock_addr)? => match wait(&me, &target, lock_addr, deadline) {
            Err(Errno::RESTARTSYS) => Err(Errno::EAGAIN),
            result => result,
        },
        // The word has changed, so the call could not go on.
        Err(Errno::RESTARTSYS) => Err(Errno::EAGAIN),
        result => result,
    }
}

/// FUTEX_CMP_REQUEUE_PI: the best waiter of `from` gets the lock at `to` if it is free; up to `move_` others wait for it. EAGAIN if the word at `from` is not `expected`,
/// EINVAL if a waiter did not come by FUTEX_WAIT_REQUEUE_PI for that lock, EDEADLK. Gives the number of woken and moved ones.
pub fn requeue(mm: &AddressSpace, from: usize, to: usize, scope: Scope, move_: u32, expected: u32) -> Result<u32> {
    let (source, target) = (key(mm, from, scope)?, key(mm, to, scope)?);
    if source == target {
        return Err(Errno::EINVAL);
    }
    let (mut waiters, others) = lock_pair(&source, &target);
    if atomic::load_u32(from)? != expected {
        return Err(Errno::EAGAIN);
    }
    let first = |waiters: &[Entry]| waiters.iter().position(|entry| entry.key == source);
    let tid_of = |entry: &Entry| match entry.kind {
        Kind::Requeue(wanted, tid) if wanted == target => Ok(tid),
        _ => Err(Errno::EINVAL),
    };
    let Some(top) = first(&waiters) else { return Ok(0) };
    let tid = tid_of(&waiters[top])?;
    let plain = waits_plainly(others.as_deref().unwrap_or(&waiters), &target);
    let mut table = TABLE.lock();
    let (mut done, mut lock) = (0, table.attach(&target, to, tid, plain, move_ > 0)?);
    if lock.is_none() {
        let entry = waiters.remove(top);
        if move_ > 0 && first(&waiters).is_some() {
            lock = Some(table.enter(&target, entry.thread.clone(), tid));
        }
        entry.signal();
        done = 1;
    }
    let Some(lock) = lock else { return Ok(done) };
    let mut result = Ok(());
    while done <= move_
        && let Some(at) = first(&waiters)
    {
        result = tid_of(&waiters[at]).and_then(|tid| table.block(lock, &waiters[at].thread, tid));
        if result.is_err() {
            break;
        }
        waiters.remove(at);
        done += 1;
    }
    if result != Err(Errno::EDEADLK) {
        table.tidy(lock); // after a deadlock it was done
    }
    result.map(|()| done)
}
