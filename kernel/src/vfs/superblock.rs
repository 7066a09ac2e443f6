//! Mounted file systems ([`SuperBlock`]) and the kinds there are ([`FileSystem`]).

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};

use abi::fs::Statfs;
use abi::{Errno, Result};

use super::inode::Inode;
use super::types::Dev;
use crate::sync::RwLock;

/// A kind of file system, registered by a component.
pub trait FileSystem: Sync {
    /// Its name in mount(2) and /proc/filesystems.
    fn name(&self) -> &'static str;

    /// Makes one (or gives the only one) and returns its root directory. `data` are mount(2)'s options, comma separated; an unknown one is EINVAL.
    fn mount(&self, source: &[u8], data: &[u8]) -> Result<Arc<Inode>>;

    /// Whether it lives on a block device (no `nodev` in /proc/filesystems).
    fn needs_device(&self) -> bool {
        false
    }
}

static KINDS: RwLock<Vec<&'static dyn FileSystem>> = RwLock::new(Vec::new());

/// Makes a kind known.
pub fn register(kind: &'static dyn FileSystem) {
    KINDS.write().push(kind);
}

/// The kind of that name; ENODEV.
pub fn find(name: &[u8]) -> Result<&'static dyn FileSystem> {
    KINDS.read().iter().copied().find(|k| k.name().as_bytes() == name).ok_or(Errno::ENODEV)
}

/// Calls `visit` for every kind (/proc/filesystems).
pub fn for_each(mut visit: impl FnMut(&'static dyn FileSystem)) {
    KINDS.read().iter().for_each(|k| visit(*k));
}

/// What a mounted file system does as a whole.
pub trait SuperOps: Send + Sync {
    /// statfs(2), without f_flags and f_fsid.
    fn statfs(&self) -> Statfs;

    /// Mount options as /proc/mounts shows them, after `rw`: `,size=10k`.
    fn options(&self) -> Vec<u8> {
        Vec::new()
    }
}

/// A file system that is in use.
pub struct SuperBlock {
    /// `st_dev` of its files.
    pub dev: Dev,
    /// The same, as stat(2) shows it.
    pub st_dev: u64,
    /// Name of its kind.
    pub kind: &'static str,
    /// What it does.
    pub ops: Box<dyn SuperOps>,
}

static NEXT_ANON: AtomicU32 = AtomicU32::new(1);

impl SuperBlock {
    /// A file system without a device: its number is 0:N, N counting from 1.
    pub fn new(kind: &'static str, ops: Box<dyn SuperOps>) -> Arc<SuperBlock> {
        let dev = Dev::new(0, NEXT_ANON.fetch_add(1, Ordering::Relaxed));
        Arc::new(SuperBlock { dev, st_dev: dev.encode(), kind, ops })
    }

    /// statfs(2) but for the mount's flags.
    pub fn statfs(&self) -> Statfs {
        let mut out = self.ops.statfs();
        out.f_fsid = [i32::try_from(self.dev.encode() & 0x7fff_ffff).unwrap_or(0), 0];
        out
    }
}
