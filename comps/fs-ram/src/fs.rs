//! What all files of one file system share: limits, inode numbers, the inodes of the tree below that are in use or changed.

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};
use ordmap::OrdMap;

use abi::fs::{NAME_MAX, Statfs, magic};
use abi::{Errno, Result};
use kernel::mm::PageQuota;
use kernel::sync::{Once, SpinLock};
use kernel::vfs::{Attr, Inode, SuperBlock, SuperOps};

use crate::lower::{Lower, LowerId};
use crate::node::Node;

/// New files over a tree below get numbers from here on: its own fit 32 bits.
const FIRST_NEW: u64 = 1 << 32;

struct Known {
    weak: Weak<Inode>,
    /// Held because something about it was changed in memory.
    changed: Option<Arc<Inode>>,
}

/// One file system.
pub struct Ram {
    pub(crate) lower: Option<Box<dyn Lower>>,
    pub(crate) quota: Option<Arc<PageQuota>>,
    max_inodes: u64,
    inodes: AtomicU64,
    next_ino: AtomicU64,
    known: SpinLock<OrdMap<LowerId, Known>>,
    sb: Once<Weak<SuperBlock>>,
    options: Vec<u8>,
}

impl Ram {
    /// A file system without a tree below; `pages` and `max_inodes` limit it (`u64::MAX`: not).
    pub(crate) fn plain(pages: u64, max_inodes: u64, options: Vec<u8>) -> Arc<Ram> {
        let quota = (pages != u64::MAX).then(|| Arc::new(PageQuota::new(pages)));
        Arc::new(Ram {
            lower: None,
            quota,
            max_inodes,
            inodes: AtomicU64::new(0),
            next_ino: AtomicU64::new(1),
            known: SpinLock::new(OrdMap::new()),
            sb: Once::new(),
            options,
        })
    }

    /// Its superblock; made by [`Ram::mount`].
    pub(crate) fn sb(&self) -> Result<Arc<SuperBlock>> {
        self.sb.get().and_then(Weak::upgrade).ok_or(Errno::EIO)
    }

    fn mount(self: &Arc<Ram>, kind: &'static str) -> Arc<SuperBlock> {
        let sb = SuperBlock::new(kind, Box::new(Super(self.clone())));
        let _ = self.sb.set(Arc::downgrade(&sb));
        sb
    }

    /// Mounts it with an empty root directory.
    pub(crate) fn mount_empty(self: &Arc<Ram>, kind: &'static str, attr: Attr) -> Result<Arc<Inode>> {
        let sb = self.mount(kind);
        self.charge()?;
        Ok(Inode::new(&sb, self.take_ino(), Attr { size: crate::dir::EMPTY_SIZE, ..attr }, Node::dir(self, None)))
    }

    pub(crate) fn take_ino(&self) -> u64 {
        self.next_ino.fetch_add(1, Ordering::Relaxed)
    }

    /// Counts a file; ENOSPC over the limit.
    pub(crate) fn charge(&self) -> Result<()> {
        let up = |n| (n < self.max_inodes).then_some(n + 1);
        self.inodes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, up).map(drop).map_err(|_| Errno::ENOSPC)
    }

    pub(crate) fn uncharge(&self) {
        self.inodes.fetch_sub(1, Ordering::Relaxed);
    }

    /// The inode of a file below, built now unless somebody has it.
    pub(crate) fn inode_of(self: &Arc<Ram>, id: LowerId) -> Result<Arc<Inode>> {
        if let Some(found) = self.known.lock().get(&id).and_then(|k| k.weak.upgrade()) {
            return Ok(found);
        }
        let lower = self.lower.as_ref().ok_or(Errno::EIO)?;
        let (attr, ino) = lower.attr(id)?;
        let fresh = Inode::new(&self.sb()?, ino, attr, Node::over(self, attr.kind, id));
        let mut known = self.known.lock();
        if let Some(other) = known.get(&id).and_then(|k| k.weak.upgrade()) {
            drop(known);
            return Ok(other);
        }
        known.insert(id, Known { weak: Arc::downgrade(&fresh), changed: None });
        Ok(fresh)
    }

    /// Keeps a file below in memory: it differs from the image from now on.
    pub(crate) fn pin(&self, id: LowerId, inode: &Arc<Inode>) {
        if let Some(known) = self.known.lock().get_mut(&id)
            && known.changed.is_none()
        {
            known.changed = Some(inode.clone());
        }
    }

    /// Its last name is gone: it lives as long as it is open.
    pub(crate) fn unpin(&self, id: LowerId) {
        let held = self.known.lock().get_mut(&id).and_then(|k| k.changed.take());
        drop(held);
    }

    /// Its inode was dropped.
    pub(crate) fn forget(&self, id: LowerId) {
        let mut known = self.known.lock();
        let gone = match known.get(&id) {
            Some(k) if k.weak.strong_count() == 0 => known.remove(&id),
            _ => None,
        };
        drop(known);
        drop(gone);
    }
}

/// The root directory of a file system over `lower`.
pub fn with_lower(kind: &'static str, lower: Box<dyn Lower>) -> Result<Arc<Inode>> {
    let root = lower.root();
    let ram = Arc::new(Ram {
        lower: Some(lower),
        // A quarter of memory stays for programs: a full file system says ENOSPC, full memory kills.
        quota: Some(Arc::new(PageQuota::new(hal::mem::stats().total / 4096 / 4 * 3))),
        // Not a limit of the image but of memory: an inode takes a few hundred bytes.
        max_inodes: hal::mem::stats().total / 2048,
        inodes: AtomicU64::new(0),
        next_ino: AtomicU64::new(FIRST_NEW),
        known: SpinLock::new(OrdMap::new()),
        sb: Once::new(),
        options: Vec::new(),
    });
    let sb = ram.mount(kind);
    let inode = ram.inode_of(root)?;
    drop(sb);
    if inode.is_dir() { Ok(inode) } else { Err(Errno::ENOTDIR) }
}

struct Super(Arc<Ram>);

impl SuperOps for Super {
    fn statfs(&self) -> Statfs {
        let ram = &self.0;
        let memory = hal::mem::stats();
        let base = ram.lower.as_ref().map_or(Statfs { f_type: magic::TMPFS, ..Statfs::default() }, |l| l.statfs());
        let (room, free) = match &ram.quota {
            Some(quota) => (quota.limit(), quota.limit().saturating_sub(quota.used())),
            None => (memory.total / 4096, memory.free / 4096),
        };
        let files = if ram.max_inodes == u64::MAX { memory.total / 4096 } else { ram.max_inodes };
        Statfs {
            f_bsize: 4096,
            f_frsize: 4096,
            f_blocks: base.f_blocks.saturating_add(room),
            f_bfree: free,
            f_bavail: free,
            f_files: base.f_files.saturating_add(files),
            f_ffree: files.saturating_sub(ram.inodes.load(Ordering::Relaxed)),
            f_namelen: NAME_MAX as i64, // 255
            ..base
        }
    }

    fn options(&self) -> Vec<u8> {
        self.0.options.clone()
    }
}
