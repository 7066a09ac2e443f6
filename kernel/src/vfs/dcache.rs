//! The dentry cache: (directory, name) to dentry by hashing, with a bound, and second-chance replacement. One spin lock, held for a few dozen
//! instructions; nothing is ever freed under it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::Ordering;

use super::dentry::{Dentry, Name, UNHASHED};
use super::superblock::SuperBlock;
use crate::sync::SpinLock;

const NONE: u32 = u32::MAX;
const FIRST_BUCKETS: usize = 256;

struct Slot {
    hash: u64,
    next: u32,
    /// Looked up since the hand last passed.
    used: bool,
    /// Address of the parent: it cannot be reused while `dentry`, which holds the parent, is here.
    parent: usize,
    dentry: Option<Arc<Dentry>>,
}

struct Table {
    /// Heads of chains; the length is a power of two.
    buckets: Vec<u32>,
    slots: Vec<Slot>,
    free: u32,
    count: usize,
    hand: usize,
    limit: usize,
}

static CACHE: SpinLock<Table> = SpinLock::new(Table { buckets: Vec::new(), slots: Vec::new(), free: NONE, count: 0, hand: 0, limit: 0 });

#[inline]
fn id(dentry: &Arc<Dentry>) -> usize {
    Arc::as_ptr(dentry).addr()
}

#[inline]
fn place_hash(parent: usize, name_hash: u64) -> u64 {
    name_hash ^ (parent >> 4) as u64 // widening
}

/// The dentry of `name` (with that [`pathname`] hash) in `parent`, if it is known.
#[inline]
pub fn lookup(parent: &Arc<Dentry>, name: &[u8], name_hash: u64) -> Option<Arc<Dentry>> {
    CACHE.lock().find(id(parent), name, place_hash(id(parent), name_hash))
}

/// Enters a new dentry. The caller holds the directory's lock, so that there is none of that place yet.
pub fn insert(dentry: &Arc<Dentry>, name_hash: u64) {
    let victim = {
        let mut table = CACHE.lock();
        let victim = table.make_room();
        table.link(dentry, name_hash);
        victim
    };
    drop(victim);
}

/// Takes a dentry out (its file was removed, or it is replaced).
pub fn remove(dentry: &Arc<Dentry>) {
    let gone = CACHE.lock().unlink(dentry.slot.load(Ordering::Relaxed), dentry);
    drop(gone);
}

/// Moves a dentry to another place.
pub fn relocate(dentry: &Arc<Dentry>, parent: &Arc<Dentry>, name: &[u8]) {
    let mut table = CACHE.lock();
    let held = table.unlink(dentry.slot.load(Ordering::Relaxed), dentry);
    let old = {
        let mut place = dentry.place.lock();
        place.name = Name::new(name);
        place.parent.replace(parent.clone())
    };
    table.link(dentry, pathname::hash_name(name));
    drop(table);
    drop((held, old));
}

/// Takes out everything of a file system (it was unmounted) that nobody uses.
pub fn purge(sb: &Arc<SuperBlock>) {
    loop {
        // Leaves first: each round frees those whose children went in the last.
        let mut gone = Vec::new();
        {
            let mut table = CACHE.lock();
            for at in 0..table.slots.len() {
                let Some(dentry) = table.slots[at].dentry.clone() else { continue };
                let of = |d: &Arc<Dentry>| d.inode().is_some_and(|i| Arc::ptr_eq(&i.sb, sb));
                if (of(&dentry) || dentry.parent().is_some_and(|p| of(&p))) && Arc::strong_count(&dentry) == 2 {
                    gone.extend(table.unlink(dentry.slot.load(Ordering::Relaxed), &dentry));
                }
                gone.push(dentry);
                if gone.len() >= 512 {
                    break;
                }
            }
            gone.retain(|d| d.slot.load(Ordering::Relaxed) == UNHASHED);
        }
        if gone.is_empty() {
            return;
        }
    }
}

/// Names remembered now, and the most there will be.
pub fn counts() -> (usize, usize) {
    let table = CACHE.lock();
    (table.count, table.limit)
}

/// Forgets up to `count` names that nobody uses (memory is short); says how many.
pub fn shrink(count: usize) -> usize {
    let mut freed = 0;
    while freed < count {
        let victim = CACHE.lock().evict();
        if victim.is_none() {
            break;
        }
        freed += 1;
    }
    freed
}

impl Table {
    #[inline]
    fn bucket(&self, hash: u64) -> usize {
        (hash ^ hash >> 17) as usize & self.buckets.len().wrapping_sub(1) // the low bits are what is wanted
    }

    #[inline]
    fn find(&mut self, parent: usize, name: &[u8], hash: u64) -> Option<Arc<Dentry>> {
        let mut at = *self.buckets.get(self.bucket(hash))?;
        while let Some(slot) = self.slots.get_mut(at as usize) {
            if slot.hash == hash
                && slot.parent == parent
                && let Some(dentry) = &slot.dentry
                && dentry.place.lock().name.as_bytes() == name
            {
                slot.used = true;
                return Some(dentry.clone());
            }
            at = slot.next;
        }
        None
    }

    fn link(&mut self, dentry: &Arc<Dentry>, name_hash: u64) {
        if self.count >= self.buckets.len() {
            self.grow();
        }
        let parent = dentry.place.lock().parent.as_ref().map_or(0, id);
        let hash = place_hash(parent, name_hash);
        let bucket = self.bucket(hash);
        let slot = Slot { hash, next: self.buckets[bucket], used: true, parent, dentry: Some(dentry.clone()) };
        let at = match self.slots.get_mut(self.free as usize) {
            Some(free) => {
                let at = self.free;
                self.free = free.next;
                *free = slot;
                at
            }
            None => {
                self.slots.push(slot);
                u32::try_from(self.slots.len() - 1).unwrap_or(NONE)
            }
        };
        self.buckets[bucket] = at;
        dentry.slot.store(at, Ordering::Relaxed);
        self.count += 1;
    }

    /// Empties slot `at` if it holds `dentry`; the reference is for the caller to drop after unlocking.
    fn unlink(&mut self, at: u32, dentry: &Arc<Dentry>) -> Option<Arc<Dentry>> {
        let slot = self.slots.get(at as usize)?;
        if !slot.dentry.as_ref().is_some_and(|d| Arc::ptr_eq(d, dentry)) {
            return None;
        }
        self.clear(at)
    }

    fn clear(&mut self, at: u32) -> Option<Arc<Dentry>> {
        let (hash, next) = (self.slots[at as usize].hash, self.slots[at as usize].next);
        let bucket = self.bucket(hash);
        let mut before = self.buckets[bucket];
        if before == at {
            self.buckets[bucket] = next;
        } else {
            while let Some(slot) = self.slots.get_mut(before as usize) {
                if slot.next == at {
                    slot.next = next;
                    break;
                }
                before = slot.next;
            }
        }
        let slot = &mut self.slots[at as usize];
        let dentry = slot.dentry.take();
        slot.next = self.free;
        self.free = at;
        self.count -= 1;
        if let Some(dentry) = &dentry {
            dentry.slot.store(UNHASHED, Ordering::Relaxed);
        }
        dentry
    }

    /// One victim when the cache is full.
    fn make_room(&mut self) -> Option<Arc<Dentry>> {
        if self.limit == 0 {
            // One name for each 16 KiB of memory, so that a small machine is not filled with names.
            let total = usize::try_from(hal::mem::stats().total).unwrap_or(usize::MAX);
            self.limit = (total / 16384).clamp(256, 65536);
        }
        if self.count < self.limit { None } else { self.evict() }
    }

    /// Takes out a dentry that only the cache holds and that was not looked up since the hand last came by.
    fn evict(&mut self) -> Option<Arc<Dentry>> {
        // Two rounds clear every mark; bounded further so that no walk of a cache in full use takes long.
        for _ in 0..(2 * self.slots.len()).min(1024) {
            self.hand = if self.hand + 1 >= self.slots.len() { 0 } else { self.hand + 1 };
            let slot = self.slots.get_mut(self.hand)?;
            let Some(dentry) = &slot.dentry else { continue };
            if core::mem::take(&mut slot.used) || Arc::strong_count(dentry) > 1 {
                continue;
            }
            return self.clear(u32::try_from(self.hand).unwrap_or(NONE));
        }
        None
    }

    #[cold]
    fn grow(&mut self) {
        let len = (self.buckets.len() * 2).max(FIRST_BUCKETS);
        self.buckets = alloc::vec![NONE; len];
        for at in 0..self.slots.len() {
            if self.slots[at].dentry.is_some() {
                let bucket = self.bucket(self.slots[at].hash);
                self.slots[at].next = self.buckets[bucket];
                self.buckets[bucket] = u32::try_from(at).unwrap_or(NONE);
            }
        }
    }
}
