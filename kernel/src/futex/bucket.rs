//! Keys, entries and buckets.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use abi::{Errno, Result};
use hal::user::in_range;

use super::{Scope, chain};
use crate::mm::AddressSpace;
use crate::sched::{FAIR_RANK, Thread};
use crate::sync::{Mutex, MutexGuard};

/// Names a word of memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub object: u64,
    pub offset: u64,
}

/// What the waiter waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A wake-up.
    Plain,
    /// To be requeued to the PI lock with this key by FUTEX_CMP_REQUEUE_PI; its thread id.
    Requeue(Key, i32),
}

pub(super) struct Entry {
    pub key: Key,
    pub bitset: u32,
    pub thread: Arc<Thread>,
    /// Which of the words of futex_waitv.
    pub index: u32,
    pub kind: Kind,
}

impl Entry {
    /// Says to the thread that this entry was woken; false if another entry of the thread was first.
    pub fn signal(&self) -> bool {
        let won = self.thread.wait_word.compare_exchange(0, self.index + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        if won {
            self.thread.unpark();
        }
        won
    }
}

/// A power of two. The buckets stand in the kernel's file (an empty list is not all zeros).
const BUCKETS: usize = 64;

pub(super) type Bucket = Mutex<Vec<Entry>>;

static TABLE: [Bucket; BUCKETS] = [const { Mutex::new(Vec::new()) }; BUCKETS];

/// Puts a waiter behind its equals: real-time threads are woken first, by priority.
#[inline]
pub(super) fn put(waiters: &mut Vec<Entry>, entry: Entry) {
    let rank = entry.thread.own_rank();
    if rank == FAIR_RANK {
        waiters.push(entry);
    } else {
        let at = waiters.iter().position(|other| other.thread.own_rank() > rank).unwrap_or(waiters.len());
        waiters.insert(at, entry);
    }
}

/// The name of the word at `addr`. EINVAL if it is not aligned, EFAULT outside the application's half.
#[inline]
pub(super) fn key(mm: &AddressSpace, addr: usize, scope: Scope) -> Result<Key> {
    if !addr.is_multiple_of(4) {
        return Err(Errno::EINVAL);
    }
    if !in_range(addr, 4) {
        return Err(Errno::EFAULT);
    }
    match scope {
        Scope::Private => Ok(private(mm, addr)),
        Scope::Shared => match mm.shared_key(addr)? {
            // Page caches count from 1 on, addresses of kernel objects are in the upper half: the two kinds do not meet.
            Some((object, offset)) => Ok(Key { object, offset }),
            // Memory of one process under a shared name is another futex than under the private name (words are aligned: the low bit is free).
            None => Ok(Key { offset: addr as u64 | 1, ..private(mm, addr) }), // widening
        },
    }
}

/// The name of a word that no other address space has.
fn private(mm: &AddressSpace, addr: usize) -> Key {
    Key { object: core::ptr::from_ref(mm).addr() as u64, offset: addr as u64 } // widening
}

#[inline]
pub(super) fn bucket_of(key: &Key) -> (u32, &'static Bucket) {
    let mixed = (key.offset ^ key.object.rotate_left(17)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let index = (mixed >> (64 - BUCKETS.trailing_zeros())) as u32; // few bits are left
    (index, at(index))
}

#[inline]
pub(super) fn at(index: u32) -> &'static Bucket {
    &TABLE[index as usize % BUCKETS] // widening
}

/// Both buckets locked, in table order; one guard if they are the same. The first is that of `a`.
pub(super) fn lock_pair(a: &Key, b: &Key) -> (MutexGuard<'static, Vec<Entry>>, Option<MutexGuard<'static, Vec<Entry>>>) {
    let (ia, ba) = bucket_of(a);
    let (ib, bb) = bucket_of(b);
    match ia.cmp(&ib) {
        core::cmp::Ordering::Equal => (ba.lock(), None),
        core::cmp::Ordering::Less => {
            let first = ba.lock();
            (first, Some(bb.lock()))
        }
        core::cmp::Ordering::Greater => {
            let second = bb.lock();
            (ba.lock(), Some(second))
        }
    }
}

/// Wakes up to `count` waiters of `key`.
pub(super) fn wake_in(waiters: &mut Vec<Entry>, key: &Key, count: u32, bitset: u32) -> Result<u32> {
    let matches = |entry: &Entry| entry.key == *key && entry.bitset & bitset != 0;
    if waiters.iter().any(|entry| matches(entry) && entry.kind != Kind::Plain) || chain::has_waiters(key) {
        return Err(Errno::EINVAL);
    }
    let mut woken = 0;
    let mut at = 0;
    while woken < count && at < waiters.len() {
        if matches(&waiters[at]) {
            if waiters.remove(at).signal() {
                woken += 1;
            }
        } else {
            at += 1;
        }
    }
    Ok(woken)
}
