//! Inodes: what a file is, whatever its names. Attributes that every walk and stat need are plain atomics here; what differs between file
//! systems is behind [`InodeOps`].

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, Ordering};

use abi::fs::{Stat, mode};
use abi::{Errno, Result};

use super::ops::InodeOps;
use super::seals::Seals;
use super::superblock::SuperBlock;
use super::types::{Dev, FileType, Timestamp, coarse_seconds, now};
use super::{dcache, locks, notify};
use crate::mm::PageCache;
use crate::sync::{Mutex, Once, SpinLock};

/// The four times of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// Last read.
    pub access: Timestamp,
    /// Last change of the contents.
    pub modify: Timestamp,
    /// Last change of the inode.
    pub change: Timestamp,
    /// Creation.
    pub birth: Timestamp,
}

impl Times {
    /// All four the same.
    pub const fn all(t: Timestamp) -> Times {
        Times { access: t, modify: t, change: t, birth: t }
    }
}

/// What a new inode starts with.
#[derive(Debug, Clone, Copy)]
pub struct Attr {
    /// Its kind; never changes.
    pub kind: FileType,
    /// Permission, set-id and sticky bits (`0o7777`).
    pub perm: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Names.
    pub nlink: u32,
    /// Bytes.
    pub size: u64,
    /// The device of a special file.
    pub rdev: Dev,
    /// The times.
    pub times: Times,
}

impl Attr {
    /// A file of `kind` owned by root, with one name (a directory has two), made now.
    pub fn new(kind: FileType, perm: u32) -> Attr {
        let nlink = if kind == FileType::Directory { 2 } else { 1 };
        Attr { kind, perm, uid: 0, gid: 0, nlink, size: 0, rdev: Dev::NONE, times: Times::all(now()) }
    }
}

/// A file.
pub struct Inode {
    /// Inode number, unique in its file system.
    pub ino: u64,
    /// Its kind.
    pub kind: FileType,
    /// The device of a special file.
    pub rdev: Dev,
    /// Its file system.
    pub sb: Arc<SuperBlock>,
    perm: AtomicU32,
    uid: AtomicU32,
    gid: AtomicU32,
    nlink: AtomicU32,
    size: AtomicU64,
    times: SpinLock<Times>,
    /// Serialises changes: of a directory's entries, of a file's contents and size (Linux's i_rwsem).
    pub lock: Mutex<()>,
    /// Above 0: descriptions open for writing. Below: running programs, which may not be written (ETXTBSY).
    writers: AtomicI32,
    /// Made by O_TMPFILE without O_EXCL: may get a name although it has none.
    linkable: AtomicBool,
    /// What may no longer be done to it (memfd_create(2)).
    pub seals: Seals,
    /// The pages, made when first asked for.
    pages: Once<Arc<PageCache>>,
    /// What the file system does.
    pub ops: Box<dyn InodeOps>,
    /// Locks of fcntl(2) and flock(2), made at the first one.
    pub(super) locks: Once<Box<locks::LockTable>>,
    /// Who wants to hear of events (inotify), made at the first watch.
    pub(super) watches: Once<Box<notify::Watches>>,
    /// Something that lives as long as the inode: the pipe of a FIFO, the listener of a socket.
    pub attached: SpinLock<Option<Arc<dyn Any + Send + Sync>>>,
}

impl Inode {
    /// An inode of `sb` with number `ino`.
    pub fn new(sb: &Arc<SuperBlock>, ino: u64, attr: Attr, ops: Box<dyn InodeOps>) -> Arc<Inode> {
        Arc::new(Inode {
            ino,
            kind: attr.kind,
            rdev: attr.rdev,
            sb: sb.clone(),
            perm: AtomicU32::new(attr.perm & 0o7777),
            uid: AtomicU32::new(attr.uid),
            gid: AtomicU32::new(attr.gid),
            nlink: AtomicU32::new(attr.nlink),
            size: AtomicU64::new(attr.size),
            times: SpinLock::new(attr.times),
            lock: Mutex::new(()),
            writers: AtomicI32::new(0),
            linkable: AtomicBool::new(false),
            seals: Seals::default(),
            pages: Once::new(),
            ops,
            locks: Once::new(),
            watches: Once::new(),
            attached: SpinLock::new(None),
        })
    }

    /// Whether it is a directory.
    #[inline]
    pub fn is_dir(&self) -> bool {
        self.kind == FileType::Directory
    }

    /// Type and permission bits, as `st_mode`.
    #[inline]
    pub fn mode(&self) -> u32 {
        self.kind.mode_bits() | self.perm()
    }

    /// Permission, set-id and sticky bits.
    #[inline]
    pub fn perm(&self) -> u32 {
        self.perm.load(Ordering::Relaxed)
    }

    /// Replaces the permission bits.
    pub fn set_perm(&self, perm: u32) {
        self.perm.store(perm & 0o7777, Ordering::Relaxed);
        if self.is_dir() {
            dcache::paths_changed();
        }
    }

    /// Owner.
    #[inline]
    pub fn uid(&self) -> u32 {
        self.uid.load(Ordering::Relaxed)
    }

    /// Group.
    #[inline]
    pub fn gid(&self) -> u32 {
        self.gid.load(Ordering::Relaxed)
    }

    /// Replaces owner and group.
    pub fn set_owner(&self, uid: u32, gid: u32) {
        self.uid.store(uid, Ordering::Relaxed);
        self.gid.store(gid, Ordering::Relaxed);
    }

    /// Names.
    #[inline]
    pub fn nlink(&self) -> u32 {
        self.nlink.load(Ordering::Relaxed)
    }

    /// Sets the number of names.
    pub fn set_nlink(&self, nlink: u32) {
        self.nlink.store(nlink, Ordering::Relaxed);
    }

    /// One name more.
    pub fn inc_nlink(&self) {
        self.nlink.fetch_add(1, Ordering::Relaxed);
    }

    /// One name less.
    pub fn dec_nlink(&self) {
        let _ = self.nlink.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1));
    }

    /// Whether it may be given a name again.
    pub fn linkable(&self) -> bool {
        self.linkable.load(Ordering::Relaxed)
    }

    /// Says whether it may be.
    pub fn set_linkable(&self, linkable: bool) {
        self.linkable.store(linkable, Ordering::Relaxed);
    }

    /// The pages of a regular file; EINVAL for what has none.
    #[inline]
    pub fn pages(&self) -> Result<&Arc<PageCache>> {
        match self.pages.get() {
            Some(pages) => Ok(pages),
            None => self.make_pages(),
        }
    }

    #[cold]
    fn make_pages(&self) -> Result<&Arc<PageCache>> {
        let fresh = self.ops.make_pages(self)?;
        Ok(self.pages.get_or_init(|| fresh))
    }

    /// The pages if they were ever asked for.
    pub fn pages_if_made(&self) -> Option<&Arc<PageCache>> {
        self.pages.get()
    }

    /// Bytes.
    #[inline]
    pub fn size(&self) -> u64 {
        match self.pages.get() {
            Some(pages) => pages.size(),
            None => self.size.load(Ordering::Acquire),
        }
    }

    /// Sets the size of what has no pages (a regular file's is changed by [`super::content`]).
    pub fn set_size(&self, size: u64) {
        self.size.store(size, Ordering::Release);
    }

    /// The times.
    pub fn times(&self) -> Times {
        *self.times.lock()
    }

    /// Changes the times.
    pub fn update_times(&self, change: impl FnOnce(&mut Times)) {
        change(&mut self.times.lock());
    }

    /// The contents (and so the inode) changed now.
    pub fn touch_modify(&self) {
        let t = now();
        let mut times = self.times.lock();
        times.modify = t;
        times.change = t;
    }

    /// The inode changed now.
    pub fn touch_change(&self) {
        let t = now();
        self.times.lock().change = t;
    }

    /// Read now, under the rule of relatime: only if the file changed since the last noted read, or a day has gone by (mount(8)).
    #[inline]
    pub fn touch_access(&self, always: bool) {
        const DAY: i64 = 24 * 3600;
        let fresh = {
            let known = self.times.lock();
            !always && known.access > known.modify && known.access > known.change && coarse_seconds().saturating_sub(known.access.sec) < DAY
        };
        if !fresh {
            let t = now();
            self.times.lock().access = t;
        }
    }

    /// Counts a writer; ETXTBSY while the file is being executed.
    pub fn get_write(&self) -> Result<()> {
        let up = |n: i32| if n >= 0 { n.checked_add(1) } else { None };
        self.writers.fetch_update(Ordering::Relaxed, Ordering::Relaxed, up).map(drop).map_err(|_| Errno::ETXTBSY)
    }

    /// A writer is gone.
    pub fn put_write(&self) {
        self.writers.fetch_sub(1, Ordering::Relaxed);
    }

    /// The file is going to be executed; ETXTBSY while it is open for writing.
    pub fn deny_write(&self) -> Result<()> {
        let down = |n: i32| if n <= 0 { n.checked_sub(1) } else { None };
        self.writers.fetch_update(Ordering::Relaxed, Ordering::Relaxed, down).map(drop).map_err(|_| Errno::ETXTBSY)
    }

    /// It is executed no more.
    pub fn allow_write(&self) {
        self.writers.fetch_add(1, Ordering::Relaxed);
    }

    /// What stat(2) says.
    pub fn stat(&self) -> Stat {
        self.ops.refresh(self);
        // What may take long comes before the lock, which is held while the answer is written.
        let blocks = self.ops.blocks(self);
        let size = self.size();
        let times = self.times.lock();
        Stat {
            st_dev: self.sb.st_dev,
            st_ino: self.ino,
            st_nlink: u64::from(self.nlink()),
            st_mode: self.mode(),
            st_uid: self.uid(),
            st_gid: self.gid(),
            st_rdev: if self.rdev == Dev::NONE { 0 } else { self.rdev.encode() },
            st_size: i64::try_from(size).unwrap_or(i64::MAX),
            st_blksize: 4096,
            st_blocks: i64::try_from(blocks).unwrap_or(i64::MAX),
            st_atime: times.access.sec,
            st_atime_nsec: i64::from(times.access.nsec),
            st_mtime: times.modify.sec,
            st_mtime_nsec: i64::from(times.modify.nsec),
            st_ctime: times.change.sec,
            st_ctime_nsec: i64::from(times.change.nsec),
            pad0: 0,
            unused: [0; 3],
        }
    }

    /// Clears the set-id bits after a write or a change of owner, as Linux does: set-user-ID always, set-group-ID if the group may execute.
    pub fn drop_setid(&self) {
        let perm = self.perm();
        let mut gone = perm & mode::S_ISUID;
        if perm & mode::S_IXGRP != 0 {
            gone |= perm & mode::S_ISGID;
        }
        if gone != 0 {
            self.set_perm(perm & !gone);
        }
    }
}
