//! The kernel's side of PI locks that somebody waits for: who owns one, who waits, and what the owners are lent. As Linux's rt_mutex: an owner runs at the best
//! of its own and its waiters' ranks, along the chain of owners that wait themselves; real-time ranks only, nice values are not lent.
//!
//! One sleeping lock holds all of it, taken after a bucket's: uncontended locks never come here, and chains cross the buckets.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};

use abi::futex::{OWNER_DIED, TID_MASK, WAITERS};
use abi::{Errno, Result};
use hal::user::atomic;

use super::bucket::Key;
use crate::sched::{FAIR_RANK, Thread};
use crate::sync::{Mutex, Once};

/// `Thread::wait_bucket` of a thread that waits here.
pub(super) const IN_TABLE: u32 = u32::MAX;
/// `Thread::wait_bucket` of a thread that has handed over its locks and ends.
const ENDED: u32 = u32::MAX - 1;
/// Longest chain that is followed (Linux's max_lock_depth).
const DEPTH: usize = 1024;

type FindThread = fn(i32) -> Option<Arc<Thread>>;

static FIND_THREAD: Once<FindThread> = Once::new();

/// Registers what knows the threads by their ids (an owner that does not exist is ESRCH).
pub fn set_thread_lookup(find: FindThread) {
    let _ = FIND_THREAD.set(find);
}

struct Waiter {
    thread: Arc<Thread>,
    tid: i32,
    /// Arrival number, for equals.
    order: u64,
}

/// A lock with waiters, or one that was handed to a thread which has not run since.
pub(super) struct Lock {
    key: Key,
    pub owner: Arc<Thread>,
    tid: i32,
    /// The owner has not run since the lock was given to it: a better thread may still take it.
    pending: bool,
    /// The owner before died: the word is not the new owner's yet.
    left: bool,
    waiters: Vec<Waiter>,
}

pub(super) struct Table {
    locks: Vec<Lock>,
    arrivals: u64,
}

pub(super) static TABLE: Mutex<Table> = Mutex::new(Table { locks: Vec::new(), arrivals: 0 });
/// Length of the table, for those who only want to know that it is empty.
static LENGTH: AtomicUsize = AtomicUsize::new(0);

/// Replaces the word by `change(old)`; gives the old value.
pub(super) fn update(addr: usize, mut change: impl FnMut(u32) -> Result<u32>) -> Result<u32> {
    let mut old = atomic::load_u32(addr)?;
    loop {
        let found = atomic::compare_exchange_u32(addr, old, change(old)?)?;
        if found == old {
            return Ok(old);
        }
        old = found;
    }
}

/// Whether threads wait for a PI lock at `key`.
#[inline]
pub(super) fn has_waiters(key: &Key) -> bool {
    LENGTH.load(Ordering::Relaxed) != 0 && TABLE.lock().locks.iter().any(|lock| lock.key == *key && !lock.waiters.is_empty())
}

impl Lock {
    /// The best waiter: highest rank, then longest wait.
    fn best(&self) -> Option<usize> {
        self.waiters.iter().enumerate().min_by_key(|(_, waiter)| (waiter.thread.rank(), waiter.order)).map(|(at, _)| at)
    }

    /// Whether the word fits what is known here (Linux's attach_to_pi_state): EINVAL where user space has changed it.
    fn check(&self, word: u32) -> Result<()> {
        let (tid, died) = (word & TID_MASK, word & OWNER_DIED != 0);
        let fits = match (self.left, died) {
            (true, true) => tid == 0,
            (true, false) => false,
            (false, true) if tid == 0 => true,
            _ => tid == self.tid.cast_unsigned(),
        };
        if fits { Ok(()) } else { Err(Errno::EINVAL) }
    }
}

impl Table {
    pub fn find(&self, key: &Key) -> Option<usize> {
        self.locks.iter().position(|lock| lock.key == *key)
    }

    pub fn is_owner(&self, at: usize, thread: &Thread) -> bool {
        core::ptr::eq(&*self.locks[at].owner, thread)
    }

    /// The lock `key` with its owner; made if nobody waited for it yet.
    pub fn enter(&mut self, key: &Key, owner: Arc<Thread>, tid: i32) -> usize {
        self.find(key).unwrap_or_else(|| {
            self.locks.push(Lock { key: *key, owner, tid, pending: false, left: false, waiters: Vec::new() });
            LENGTH.store(self.locks.len(), Ordering::Relaxed);
            self.locks.len() - 1
        })
    }

    /// Forgets a lock that the word alone describes.
    pub fn tidy(&mut self, at: usize) {
        if self.locks[at].waiters.is_empty() && !self.locks[at].pending {
            self.locks.swap_remove(at);
            LENGTH.store(self.locks.len(), Ordering::Relaxed);
        }
    }

    /// Takes the lock at `addr` for thread `tid` if it is free (`None`), else finds whom to wait for. `plain`: somebody waits there by FUTEX_WAIT; `mark`: set
    /// FUTEX_WAITERS also in a free word. EDEADLK, ESRCH, EINVAL as futex(2).
    pub fn attach(&mut self, key: &Key, addr: usize, tid: i32, plain: bool, mark: bool) -> Result<Option<usize>> {
        let mine = tid.cast_unsigned();
        let word = atomic::load_u32(addr)?;
        if word & TID_MASK == mine {
            return Err(Errno::EDEADLK);
        }
        if let Some(at) = self.find(key) {
            return self.locks[at].check(word).map(|()| Some(at));
        }
        if plain {
            return Err(Errno::EINVAL);
        }
        let marks = if mark { WAITERS } else { 0 };
        let old = update(addr, |old| match old & TID_MASK {
            0 => Ok(mine | old & OWNER_DIED | marks),
            owner if owner == mine => Err(Errno::EDEADLK),
            _ => Ok(old | WAITERS),
        })?;
        let owner = (old & TID_MASK).cast_signed();
        if owner == 0 {
            return Ok(None);
        }
        let thread = FIND_THREAD.get().and_then(|find| find(owner));
        let thread = thread.filter(|thread| thread.wait_bucket.load(Ordering::Relaxed) != ENDED).ok_or(Errno::ESRCH)?;
        Ok(Some(self.enter(key, thread, owner)))
    }

    /// Takes a lock that was given to a lesser thread which has not run since.
    pub fn steal(&mut self, at: usize, thread: &Arc<Thread>, tid: i32, addr: usize) -> Result<bool> {
        let lock = &mut self.locks[at];
        if !lock.pending || thread.rank() >= lock.owner.rank() {
            return Ok(false);
        }
        claim(lock, tid, addr)?;
        let loser = core::mem::replace(&mut lock.owner, thread.clone());
        let loser = Waiter { thread: loser, tid: core::mem::replace(&mut lock.tid, tid), order: 0 };
        loser.thread.wait_word.store(0, Ordering::Release);
        (lock.pending, lock.left) = (false, false);
        let former = loser.thread.clone();
        lock.waiters.push(loser);
        self.settle(former);
        self.settle(thread.clone());
        Ok(true)
    }

    /// Makes `thread` a waiter of lock `at` and lends its rank along the chain. EDEADLK if it would wait for itself.
    pub fn block(&mut self, at: usize, thread: &Arc<Thread>, tid: i32) -> Result<()> {
        if self.leads_to(at, thread) {
            self.tidy(at);
            return Err(Errno::EDEADLK);
        }
        thread.wait_word.store(0, Ordering::Relaxed);
        thread.wait_bucket.store(IN_TABLE, Ordering::Release);
        self.arrivals += 1;
        let waiter = Waiter { thread: thread.clone(), tid, order: self.arrivals };
        self.locks[at].waiters.push(waiter);
        self.settle(self.locks[at].owner.clone());
        Ok(())
    }

    /// Whether the owner of lock `at`, or the one it waits for, and so on, is `thread`.
    fn leads_to(&self, mut at: usize, thread: &Thread) -> bool {
        for _ in 0..DEPTH {
            if self.is_owner(at, thread) {
                return true;
            }
            match self.waited_for(&self.locks[at].owner) {
                Some((next, _)) => at = next,
                None => return false,
            }
        }
        true
    }

    /// The lock that `thread` waits for, and its place among the waiters.
    fn waited_for(&self, thread: &Thread) -> Option<(usize, usize)> {
        if thread.wait_bucket.load(Ordering::Relaxed) != IN_TABLE {
            return None;
        }
        let place = |lock: &Lock| lock.waiters.iter().position(|waiter| core::ptr::eq(&*waiter.thread, thread));
        self.locks.iter().enumerate().find_map(|(at, lock)| place(lock).map(|place| (at, place)))
    }

    /// Lends `owner` what its waiters have now, then those it waits for.
    fn settle(&mut self, mut owner: Arc<Thread>) {
        for _ in 0..DEPTH {
            let owned = self.locks.iter().filter(|lock| Arc::ptr_eq(&lock.owner, &owner));
            let best = owned.flat_map(|lock| &lock.waiters).map(|waiter| waiter.thread.rank()).min();
            if !owner.lend(best.unwrap_or(FAIR_RANK)) {
                return;
            }
            match self.reorder(&owner) {
                Some(next) => owner = next,
                None => return,
            }
        }
    }

    /// The rank of `thread` has changed: behind its new equals where it waits. Gives the owner of that lock.
    fn reorder(&mut self, thread: &Thread) -> Option<Arc<Thread>> {
        let (at, place) = self.waited_for(thread)?;
        self.arrivals += 1;
        self.locks[at].waiters[place].order = self.arrivals;
        Some(self.locks[at].owner.clone())
    }

    /// Gives lock `at` to its best waiter and wakes it. The word is the caller's matter.
    pub fn pass_on(&mut self, at: usize) {
        let lock = &mut self.locks[at];
        let Some(best) = lock.best() else { return };
        let next = lock.waiters.swap_remove(best);
        let former = core::mem::replace(&mut lock.owner, next.thread.clone());
        lock.tid = next.tid;
        lock.pending = true;
        self.settle(former);
        self.settle(next.thread.clone());
        next.thread.wait_word.store(1, Ordering::Release);
        next.thread.unpark();
    }

    /// The thread id of the waiter that [`Table::pass_on`] takes.
    pub fn next_owner(&self, at: usize) -> Option<i32> {
        let lock = &self.locks[at];
        lock.best().map(|best| lock.waiters[best].tid)
    }

    /// A thread that was woken looks whether the lock is its own: false if a better one was faster.
    pub fn accept(&mut self, key: &Key, thread: &Thread, addr: usize) -> Result<bool> {
        let Some(at) = self.find(key) else { return Ok(true) };
        if !self.is_owner(at, thread) {
            return Ok(false);
        }
        let lock = &mut self.locks[at];
        let result = if lock.left { claim(lock, lock.tid, addr) } else { Ok(()) };
        lock.pending = false;
        if result.is_err() {
            self.pass_on(at); // it stays left behind for the next
        } else {
            lock.left = false;
        }
        self.tidy(at);
        result.map(|()| true)
    }
}

/// Writes a new owner into the word.
fn claim(lock: &Lock, tid: i32, addr: usize) -> Result<()> {
    let died = if lock.left { OWNER_DIED } else { 0 };
    update(addr, |old| Ok(tid.cast_unsigned() | WAITERS | died | old & OWNER_DIED)).map(|_| ())
}

/// `me` waits no longer: false if it was given the lock before.
pub(super) fn leave(me: &Thread) -> bool {
    let mut table = TABLE.lock();
    let Some((at, place)) = table.waited_for(me) else { return false };
    table.locks[at].waiters.swap_remove(place);
    let owner = table.locks[at].owner.clone();
    table.settle(owner);
    table.tidy(at);
    true
}

/// The policy of `thread` was changed: whom it waits for is lent the new rank.
pub fn policy_changed(thread: &Thread) {
    if LENGTH.load(Ordering::Relaxed) == 0 {
        return;
    }
    let mut table = TABLE.lock();
    if let Some(owner) = table.reorder(thread) {
        table.settle(owner);
    }
}

/// `thread` ends: the locks it owns go to their best waiters, marked as left behind.
pub fn abandon(thread: &Thread) {
    let mut table = TABLE.lock();
    thread.wait_bucket.store(ENDED, Ordering::Relaxed);
    for at in 0..table.locks.len() {
        if table.is_owner(at, thread) {
            table.locks[at].left = true;
            table.pass_on(at);
        }
    }
}
