//! Locks whose word holds the owner's thread id: FUTEX_LOCK_PI and its relatives. The kernel hands a contended lock to its best waiter. The owner is not lent
//! its waiters' priority.

use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use abi::futex::{OWNER_DIED, TID_MASK, WAITERS};
use abi::{Errno, Result};
use hal::user::atomic;

use super::bucket::{Entry, Key, Kind, PI_WAITERS, at, bucket_of, key, lock_pair};
use super::{ANY, Scope, sleep};
use crate::mm::AddressSpace;
use crate::sched::{self, Thread};
use crate::sync::Once;

type Exists = fn(i32) -> bool;

static EXISTS: Once<Exists> = Once::new();

/// Registers what knows whether a thread id is in use (an owner that does not exist is ESRCH).
pub fn set_thread_lookup(exists: Exists) {
    let _ = EXISTS.set(exists);
}

fn exists(tid: u32) -> bool {
    EXISTS.get().is_none_or(|exists| exists(tid.cast_signed()))
}

/// Replaces the word by `change(old)`; gives the old value.
fn update(addr: usize, mut change: impl FnMut(u32) -> Result<u32>) -> Result<u32> {
    let mut old = atomic::load_u32(addr)?;
    loop {
        let found = atomic::compare_exchange_u32(addr, old, change(old)?)?;
        if found == old {
            return Ok(old);
        }
        old = found;
    }
}

/// The best waiter for the lock `key`: highest priority, then longest wait.
fn best(waiters: &[Entry], key: &Key) -> Option<usize> {
    let candidates = waiters.iter().enumerate().filter(|(_, e)| e.key == *key && matches!(e.kind, Kind::Lock(_)));
    candidates.min_by_key(|(_, e)| 99 - e.thread.policy().priority.min(99)).map(|(at, _)| at)
}

fn contended(waiters: &[Entry], key: &Key) -> u32 {
    if best(waiters, key).is_some() { WAITERS } else { 0 }
}

/// FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI for thread `tid`: EDEADLK when it owns the lock, EAGAIN when `try_only` and taken, ESRCH for an owner that does not exist,
/// ETIMEDOUT.
pub fn lock(mm: &AddressSpace, addr: usize, scope: Scope, tid: i32, deadline: Option<u64>, try_only: bool) -> Result<()> {
    let key = key(mm, addr, scope)?;
    let running = sched::current();
    let me = running.to_arc();
    {
        let (index, bucket) = bucket_of(&key);
        let mut waiters = bucket.lock();
        let mine = tid.cast_unsigned();
        let marks = contended(&waiters, &key);
        let old = update(addr, |old| match old & TID_MASK {
            0 => Ok(mine | old & OWNER_DIED | marks),
            owner if owner == mine => Err(Errno::EDEADLK),
            _ if try_only => Err(Errno::EAGAIN),
            owner if !exists(owner) => Err(Errno::ESRCH),
            _ => Ok(old | WAITERS),
        })?;
        if old & TID_MASK == 0 {
            return Ok(());
        }
        me.wait_word.store(0, Ordering::Relaxed);
        me.wait_bucket.store(index, Ordering::Relaxed);
        PI_WAITERS.fetch_add(1, Ordering::Relaxed);
        waiters.push(Entry { key, bitset: ANY, thread: me.clone(), index: 0, kind: Kind::Lock(tid) });
    }
    // Linux restarts an interrupted lock whatever the handler's flags say; RESTARTSYS is the nearest that also lets a handler run.
    sleep(&me, deadline)
}

/// FUTEX_UNLOCK_PI: EPERM unless `tid` owns the lock.
pub fn unlock(mm: &AddressSpace, addr: usize, scope: Scope, tid: i32) -> Result<()> {
    let key = key(mm, addr, scope)?;
    let (_, bucket) = bucket_of(&key);
    let mut waiters = bucket.lock();
    if atomic::load_u32(addr)? & TID_MASK != tid.cast_unsigned() {
        return Err(Errno::EPERM);
    }
    hand_over(&mut waiters, &key, addr, 0)
}

/// Gives the lock to the best waiter, or frees it; `marks` is or-ed into the word.
fn hand_over(waiters: &mut Vec<Entry>, key: &Key, addr: usize, marks: u32) -> Result<()> {
    let Some(at) = best(waiters, key) else {
        return update(addr, |_| Ok(marks)).map(|_| ());
    };
    let entry = waiters.remove(at);
    entry.forget_pi();
    let Kind::Lock(tid) = entry.kind else { return Ok(()) };
    let word = tid.cast_unsigned() | contended(waiters, key) | marks;
    update(addr, |_| Ok(word))?;
    entry.signal();
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
    let (source, target) = (key(mm, addr, scope)?, key(mm, lock_addr, scope)?);
    if source == target {
        return Err(Errno::EINVAL);
    }
    let running = sched::current();
    let me = running.to_arc();
    let (index, bucket) = bucket_of(&source);
    {
        let mut waiters = bucket.lock();
        if atomic::load_u32(addr)? != expected {
            return Err(Errno::EAGAIN);
        }
        me.wait_word.store(0, Ordering::Relaxed);
        me.wait_bucket.store(index, Ordering::Relaxed);
        waiters.push(Entry { key: source, bitset: ANY, thread: me.clone(), index: 0, kind: Kind::Requeue(target, tid) });
    }
    match sleep(&me, deadline) {
        Err(Errno::RESTARTSYS) if was_moved(&me, index, &target) => Err(Errno::EAGAIN),
        result => result,
    }
}

fn was_moved(me: &Thread, index: u32, target: &Key) -> bool {
    me.wait_bucket.load(Ordering::Relaxed) != index || bucket_of(target).0 == index
}

/// FUTEX_CMP_REQUEUE_PI: the best waiter of `from` gets the lock at `to` if it is free; up to `move_` others wait for it. EAGAIN if the word at `from` is not `expected`,
/// EINVAL if a waiter did not come by FUTEX_WAIT_REQUEUE_PI for that lock. Gives the number of woken and moved ones.
pub fn requeue(mm: &AddressSpace, from: usize, to: usize, scope: Scope, move_: u32, expected: u32) -> Result<u32> {
    let (source, target) = (key(mm, from, scope)?, key(mm, to, scope)?);
    let (mut waiters, mut others) = lock_pair(&source, &target);
    if atomic::load_u32(from)? != expected {
        return Err(Errno::EAGAIN);
    }
    let (target_index, _) = bucket_of(&target);
    let mut done = 0;
    let mut at = 0;
    while at < waiters.len() && done <= move_ {
        if waiters[at].key != source {
            at += 1;
            continue;
        }
        let Kind::Requeue(wanted, tid) = waiters[at].kind else { return Err(Errno::EINVAL) };
        if wanted != target {
            return Err(Errno::EINVAL);
        }
        let mine = tid.cast_unsigned();
        let old = update(to, |old| Ok(if old & TID_MASK == 0 { old & OWNER_DIED | old & WAITERS | mine } else { old | WAITERS }))?;
        let mut entry = waiters.remove(at);
        done += 1;
        if old & TID_MASK == 0 {
            entry.signal();
            continue;
        }
        entry.key = target;
        entry.kind = Kind::Lock(tid);
        PI_WAITERS.fetch_add(1, Ordering::Relaxed);
        entry.thread.wait_bucket.store(target_index, Ordering::Release);
        match &mut others {
            Some(others) => others.push(entry),
            None => {
                waiters.insert(at, entry);
                at += 1;
            }
        }
    }
    Ok(done)
}

/// The thread `tid` ends: locks it owns and others wait for are handed over, marked as left behind.
pub fn abandon(_mm: &AddressSpace, tid: i32) {
    if PI_WAITERS.load(Ordering::Relaxed) == 0 {
        return;
    }
    for index in 0..256 {
        let mut waiters = at(index).lock();
        let keys: Vec<Key> = waiters.iter().filter(|e| matches!(e.kind, Kind::Lock(_))).map(|e| e.key).collect();
        for key in keys {
            let Ok(addr) = usize::try_from(key.offset & !1) else { continue };
            if atomic::load_u32(addr).is_ok_and(|word| word & TID_MASK == tid.cast_unsigned()) {
                let _ = hand_over(&mut waiters, &key, addr, OWNER_DIED);
            }
        }
    }
}
