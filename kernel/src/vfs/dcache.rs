//! The dentry cache: (directory, name) to dentry by hashing, with a bound, and second-chance replacement. One spin lock, held for a few dozen
//! instructions; nothing is ever freed under it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pathname::{Component, Recent};

use super::dentry::{Dentry, Name, UNHASHED};
use super::perm::{self, MAY_EXEC};
use super::superblock::SuperBlock;
use super::types::FileType;
use crate::cred::Cred;
use crate::sync::SpinLock;

const NONE: u32 = u32::MAX;
const FIRST_BUCKETS: usize = 256;

struct Slot {
    hash: u64,
    /// The name's beginning and length: all of a short name, so that its dentry need not be looked into.
    word: u64,
    len: usize,
    next: u32,
    /// Looked up since the hand last passed.
    used: AtomicBool,
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
    /// Slots that whole paths led to by way of directories that everybody may search.
    recent: Recent,
}

/// Counts what makes a remembered path untrue: a dentry that leaves its place, a directory's permissions, a mount.
static GENERATION: AtomicU64 = AtomicU64::new(1);

/// Forgets remembered paths, after a change of what they may depend on.
pub(super) fn paths_changed() {
    GENERATION.fetch_add(1, Ordering::Release);
}

static CACHE: SpinLock<Table> =
    SpinLock::new(Table { buckets: Vec::new(), slots: Vec::new(), free: NONE, count: 0, hand: 0, limit: 0, recent: Recent::new() });

#[inline]
fn id(dentry: &Arc<Dentry>) -> usize {
    Arc::as_ptr(dentry).addr()
}

#[inline]
fn place_hash(parent: usize, name_hash: u64) -> u64 {
    name_hash ^ parent as u64 // widening
}

/// The dentry of `name` in `parent`, if it is known.
pub fn lookup(parent: &Arc<Dentry>, name: &[u8]) -> Option<Arc<Dentry>> {
    CACHE.lock().find(id(parent), name, &pathname::component(name, name)).cloned()
}

/// Goes from `start` along `path` from byte `at` as far as it takes nothing but the cache: plain names of directories that `cred` may search.
/// Stops before a component that needs more (a name not known or known not to exist, a symbolic link, a covered directory, `.` and `..`, a
/// refused search) and behind the last one. Gives the place reached, unless it is the start, and the byte to go on from.
#[inline(never)] // its registers are its own: inlined, half of its instructions were spills
pub fn walk(start: &Arc<Dentry>, path: &[u8], at: usize, cred: &Cred) -> (Option<Arc<Dentry>>, usize) {
    const SEARCH_ALL: u32 = 0o111;
    const DOT: u64 = 0x2e;
    const DOTDOT: u64 = 0x2e2e;
    let Some(mut dir) = start.inode().filter(|i| i.is_dir()) else { return (None, at) };
    let Some(mut rest) = path.get(at..) else { return (None, at) };
    let mut table = CACHE.lock();
    let (begin, generation) = (rest, GENERATION.load(Ordering::Acquire));
    // A dentry in its slot keeps all above it, so `start` is the one it was; a slot that was emptied since has ended the generation.
    if let Some(slot) = table.recent.find(id(start), begin, generation)
        && let Some(Slot { dentry: Some(dentry), used, .. }) = table.slots.get(slot as usize)
    {
        used.store(true, Ordering::Relaxed);
        return (Some(dentry.clone()), path.len());
    }
    let mut reached = start;
    let mut for_all = true;
    while !rest.is_empty() {
        let name = pathname::component(path, rest);
        if name.word == DOT || name.word == DOTDOT || perm::check(dir, cred, MAY_EXEC).is_err() {
            break;
        }
        for_all &= dir.perm() & SEARCH_ALL == SEARCH_ALL;
        let Some(child) = table.find(id(reached), rest, &name) else { break };
        let Some(inode) = child.inode() else { break };
        if inode.kind == FileType::Symlink || child.needs_care() {
            break;
        }
        let Some(mut next) = rest.get(name.len..) else { break };
        if !next.is_empty() {
            if !inode.is_dir() {
                break;
            }
            while let Some((b'/', more)) = next.split_first() {
                next = more;
            }
        }
        rest = next;
        reached = child;
        dir = inode;
    }
    let done = path.len() - rest.len();
    if done == at {
        return (None, done);
    }
    let reached = reached.clone();
    if rest.is_empty() && for_all {
        table.recent.put(id(start), begin, generation, reached.slot.load(Ordering::Relaxed));
    }
    (Some(reached), done)
}

/// Enters a new dentry. The caller holds the directory's lock, so that there is none of that place yet.
pub fn insert(dentry: &Arc<Dentry>) {
    let victim = {
        let mut table = CACHE.lock();
        let victim = table.make_room();
        table.link(dentry);
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
    paths_changed();
    let held = table.unlink(dentry.slot.load(Ordering::Relaxed), dentry);
    let old = {
        let mut place = dentry.place.lock();
        place.name = Name::new(name);
        place.parent.replace(parent.clone())
    };
    table.link(dentry);
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
        // The product that ends the name's hash is best in its upper half.
        (hash ^ hash >> 32) as usize & self.buckets.len().wrapping_sub(1) // the low bits are what is wanted
    }

    /// `name` begins with the component described by `key`.
    #[inline(always)]
    fn find(&self, parent: usize, name: &[u8], key: &Component) -> Option<&Arc<Dentry>> {
        let hash = place_hash(parent, key.hash);
        let mut at = *self.buckets.get(self.bucket(hash))?;
        while let Some(slot) = self.slots.get(at as usize) {
            if slot.hash == hash
                && slot.parent == parent
                && slot.word == key.word
                && slot.len == key.len
                && let Some(dentry) = &slot.dentry
                && (key.len <= 8 || name.get(..key.len).is_some_and(|name| dentry.is_called(name)))
            {
                slot.used.store(true, Ordering::Relaxed);
                return Some(dentry);
            }
            at = slot.next;
        }
        None
    }

    fn link(&mut self, dentry: &Arc<Dentry>) {
        if self.count >= self.buckets.len() {
            self.grow();
        }
        let (parent, key) = {
            let place = dentry.place.lock();
            (place.parent.as_ref().map_or(0, id), pathname::component(place.name.as_bytes(), place.name.as_bytes()))
        };
        let hash = place_hash(parent, key.hash);
        let bucket = self.bucket(hash);
        let (word, len, next) = (key.word, key.len, self.buckets[bucket]);
        let slot = Slot { hash, word, len, next, used: AtomicBool::new(true), parent, dentry: Some(dentry.clone()) };
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
        paths_changed();
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
            if core::mem::take(slot.used.get_mut()) || Arc::strong_count(dentry) > 1 {
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
