//! Advisory locks of one inode: byte ranges of processes (fcntl F_SETLK) and of open file descriptions (F_OFD_SETLK), which exclude each
//! other, and whole-file locks (flock(2)), which are a world of their own, as on Linux.

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use abi::{Errno, Result};

use super::inode::Inode;
use crate::sched::wait::WaitQueue;
use crate::sync::SpinLock;

/// Who holds a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// A process, by a number of its descriptor table that is unique while it lives.
    Process(u64),
    /// An open file description, by its address ([`super::file::File::id`]).
    Description(usize),
}

/// A lock's last byte when it reaches to the end, wherever that will be (Linux's OFFSET_MAX).
pub const TO_END: u64 = i64::MAX as u64;

/// One lock, held or wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lock {
    /// Holder.
    pub owner: Owner,
    /// Excludes all others, else only exclusive ones.
    pub exclusive: bool,
    /// First byte.
    pub start: u64,
    /// Last byte.
    pub end: u64,
    /// What F_GETLK tells: the process id, -1 for a description's lock.
    pub pid: i32,
}

impl Lock {
    fn overlaps(&self, other: &Lock) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    fn conflicts(&self, other: &Lock) -> bool {
        self.owner != other.owner && (self.exclusive || other.exclusive) && self.overlaps(other)
    }
}

/// The ranges of one inode, kept sorted by start; those of one owner never overlap.
#[derive(Default)]
pub struct Ranges {
    held: Vec<Lock>,
}

impl Ranges {
    /// The first lock that stands in the way of `want`.
    pub fn conflict(&self, want: &Lock) -> Option<Lock> {
        self.held.iter().find(|l| l.conflicts(want)).copied()
    }

    /// Removes what `owner` holds within `[start, end]`, splitting and trimming.
    pub fn release(&mut self, owner: Owner, start: u64, end: u64) {
        let mut rest = Vec::new();
        self.held.retain(|l| {
            if l.owner != owner || l.start > end || l.end < start {
                return true;
            }
            if l.start < start {
                rest.push(Lock { end: start - 1, ..*l });
            }
            if l.end > end {
                rest.push(Lock { start: end + 1, ..*l });
            }
            false
        });
        rest.into_iter().for_each(|l| self.put(l));
    }

    /// Grants `want`, which conflicts with nothing, replacing what its owner had there and joining neighbours of the same kind.
    pub fn grant(&mut self, mut want: Lock) {
        self.release(want.owner, want.start, want.end);
        self.held.retain(|l| {
            let same = l.owner == want.owner && l.exclusive == want.exclusive;
            let touches = l.end.checked_add(1) == Some(want.start) || want.end.checked_add(1) == Some(l.start);
            if same && touches {
                want.start = want.start.min(l.start);
                want.end = want.end.max(l.end);
            }
            !(same && touches)
        });
        self.put(want);
    }

    fn put(&mut self, lock: Lock) {
        let at = self.held.partition_point(|l| l.start <= lock.start);
        self.held.insert(at, lock);
    }

    /// All of them (/proc/locks).
    pub fn held(&self) -> &[Lock] {
        &self.held
    }
}

/// The locks of one inode.
#[derive(Default)]
pub struct LockTable {
    ranges: SpinLock<Ranges>,
    whole: SpinLock<Ranges>,
    queue: WaitQueue,
}

/// Processes that wait for a lock, and for whom: what deadlock detection follows.
static WAITING: SpinLock<Vec<(Owner, Owner)>> = SpinLock::new(Vec::new());

/// EDEADLK if `blocker` waits, through any chain, for `owner`; else notes that `owner` waits for it.
fn note_wait(owner: Owner, blocker: Owner) -> Result<()> {
    let mut waiting = WAITING.lock();
    let mut at = blocker;
    for _ in 0..waiting.len() + 1 {
        if at == owner {
            return Err(Errno::EDEADLK);
        }
        match waiting.iter().find(|(who, _)| *who == at) {
            Some((_, next)) => at = *next,
            None => break,
        }
    }
    waiting.push((owner, blocker));
    Ok(())
}

fn forget_wait(owner: Owner) {
    let mut waiting = WAITING.lock();
    if let Some(at) = waiting.iter().position(|(who, _)| *who == owner) {
        waiting.swap_remove(at);
    }
}

impl LockTable {
    /// Takes `want` in one of the two worlds; EAGAIN when it conflicts and `wait` is false.
    fn take(&self, world: &SpinLock<Ranges>, want: Lock, wait: bool) -> Result<()> {
        let attempt = || {
            let mut ranges = world.lock();
            match ranges.conflict(&want) {
                None => {
                    ranges.grant(want);
                    None
                }
                conflict => conflict,
            }
        };
        loop {
            let Some(blocker) = attempt() else {
                // Replacing an exclusive lock by a shared one, or a part of it, lets others in.
                self.queue.wake_all();
                return Ok(());
            };
            if !wait {
                return Err(Errno::EAGAIN);
            }
            let watched = matches!(want.owner, Owner::Process(_));
            if watched {
                note_wait(want.owner, blocker.owner)?;
            }
            let slept = self.queue.wait_interruptible(|| match world.lock().conflict(&want) {
                // Another holder in the way: leave, to look for a deadlock through that one.
                Some(other) if other.owner == blocker.owner => None,
                _ => Some(()),
            });
            if watched {
                forget_wait(want.owner);
            }
            slept?;
        }
    }
}

impl LockTable {
    /// flock(2): EWOULDBLOCK (EAGAIN), ERESTARTSYS. A change of kind gives the old lock up first, as Linux does.
    pub fn flock(&self, owner: Owner, exclusive: bool, wait: bool) -> Result<()> {
        let want = Lock { owner, exclusive, start: 0, end: TO_END, pid: 0 };
        {
            let mut whole = self.whole.lock();
            if whole.held().iter().any(|l| l.owner == owner && l.exclusive != exclusive) {
                whole.release(owner, 0, TO_END);
                drop(whole);
                self.queue.wake_all();
            }
        }
        self.take(&self.whole, want, wait)
    }

    /// flock(LOCK_UN).
    pub fn funlock(&self, owner: Owner) {
        self.whole.lock().release(owner, 0, TO_END);
        self.queue.wake_all();
    }

    /// The table of an object without an inode (a pipe, by its device and number), shared by all who have it open.
    pub fn of_object(object: (u64, u64)) -> Arc<LockTable> {
        type Tables = Vec<((u64, u64), Weak<LockTable>)>;
        static TABLES: SpinLock<Tables> = SpinLock::new(Vec::new());
        let fresh = Arc::new(LockTable::default());
        let mut tables = TABLES.lock();
        tables.retain(|(_, table)| table.strong_count() > 0);
        if let Some(table) = tables.iter().find(|(of, _)| *of == object).and_then(|(_, table)| table.upgrade()) {
            return table;
        }
        tables.push((object, Arc::downgrade(&fresh)));
        fresh
    }
}

impl Inode {
    fn lock_table(&self) -> &LockTable {
        self.locks.get_or_init(Box::default)
    }

    /// F_GETLK: the lock that `want` would wait for.
    pub fn range_conflict(&self, want: &Lock) -> Option<Lock> {
        self.locks.get()?.ranges.lock().conflict(want)
    }

    /// F_SETLK, F_SETLKW and their OFD kin: EAGAIN, EDEADLK, ERESTARTSYS.
    pub fn range_lock(&self, want: Lock, wait: bool) -> Result<()> {
        let table = self.lock_table();
        table.take(&table.ranges, want, wait)
    }

    /// F_UNLCK of `[start, end]`.
    pub fn range_unlock(&self, owner: Owner, start: u64, end: u64) {
        if let Some(table) = self.locks.get() {
            table.ranges.lock().release(owner, start, end);
            table.queue.wake_all();
        }
    }

    /// [`LockTable::flock`] of this file.
    pub fn flock(&self, owner: Owner, exclusive: bool, wait: bool) -> Result<()> {
        self.lock_table().flock(owner, exclusive, wait)
    }

    /// [`LockTable::funlock`] of this file.
    pub fn funlock(&self, owner: Owner) {
        if let Some(table) = self.locks.get() {
            table.funlock(owner);
        }
    }

    /// Whether anybody ever locked it: a load, for the path of close(2).
    #[inline]
    pub fn has_locks(&self) -> bool {
        self.locks.get().is_some()
    }

    /// All byte-range and whole-file locks, for /proc/locks.
    pub fn all_locks(&self) -> (Vec<Lock>, Vec<Lock>) {
        match self.locks.get() {
            Some(table) => (table.ranges.lock().held().to_vec(), table.whole.lock().held().to_vec()),
            None => (Vec::new(), Vec::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec;

    fn lock(who: u64, exclusive: bool, start: u64, end: u64) -> Lock {
        Lock { owner: Owner::Process(who), exclusive, start, end, pid: 1 }
    }

    #[test]
    fn readers_share_writers_do_not() {
        let mut r = Ranges::default();
        r.grant(lock(1, false, 0, 9));
        assert_eq!(r.conflict(&lock(2, false, 5, 6)), None);
        assert_eq!(r.conflict(&lock(2, true, 9, 12)), Some(lock(1, false, 0, 9)));
        assert_eq!(r.conflict(&lock(2, true, 10, 12)), None);
        assert_eq!(r.conflict(&lock(1, true, 0, 9)), None, "an owner never conflicts with itself");
    }

    #[test]
    fn split_join_and_replace() {
        let mut r = Ranges::default();
        r.grant(lock(1, true, 0, 99));
        r.release(Owner::Process(1), 40, 59);
        assert_eq!(r.held(), vec![lock(1, true, 0, 39), lock(1, true, 60, 99)]);
        r.grant(lock(1, false, 30, 69));
        assert_eq!(r.held(), vec![lock(1, true, 0, 29), lock(1, false, 30, 69), lock(1, true, 70, 99)]);
        r.grant(lock(1, true, 30, 69));
        assert_eq!(r.held(), vec![lock(1, true, 0, 99)]);
        r.release(Owner::Process(1), 0, TO_END);
        assert!(r.held().is_empty());
    }

    #[test]
    fn a_cycle_of_waiters_is_a_deadlock() {
        let p = |n: u64| Owner::Process(1000 + n);
        note_wait(p(1), p(2)).unwrap();
        note_wait(p(2), p(3)).unwrap();
        assert_eq!(note_wait(p(3), p(1)), Err(Errno::EDEADLK));
        forget_wait(p(2));
        note_wait(p(3), p(1)).unwrap();
        forget_wait(p(1));
        forget_wait(p(3));
    }
}
