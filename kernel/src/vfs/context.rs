//! Where a process stands in the file system: root, current directory, umask (shared under CLONE_FS), and who asks ([`Caller`]).

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, Ordering};

use super::mount::Path;
use crate::cred::Cred;
use crate::sync::SpinLock;

struct Places {
    root: Path,
    cwd: Path,
}

/// Root, current directory and umask of a process.
pub struct FsContext {
    places: SpinLock<Places>,
    umask: AtomicU32,
}

impl FsContext {
    /// Root and current directory at `root`.
    pub fn new(root: Path, umask: u32) -> Arc<FsContext> {
        let cwd = root.clone();
        Arc::new(FsContext { places: SpinLock::new(Places { root, cwd }), umask: AtomicU32::new(umask & 0o777) })
    }

    /// A copy for a child without CLONE_FS.
    pub fn duplicate(&self) -> Arc<FsContext> {
        let places = self.places.lock();
        let copy = Places { root: places.root.clone(), cwd: places.cwd.clone() };
        Arc::new(FsContext { places: SpinLock::new(copy), umask: AtomicU32::new(self.umask()) })
    }

    /// The root directory.
    #[inline]
    pub fn root(&self) -> Path {
        self.places.lock().root.clone()
    }

    /// The current directory.
    #[inline]
    pub fn cwd(&self) -> Path {
        self.places.lock().cwd.clone()
    }

    /// Runs `f` with the root or the current directory under the lock, without counting references: for short work that does not sleep.
    #[inline(always)]
    pub fn with_place<R>(&self, root: bool, f: impl FnOnce(&Path) -> R) -> R {
        let places = self.places.lock();
        f(if root { &places.root } else { &places.cwd })
    }

    /// chroot(2).
    pub fn set_root(&self, root: Path) {
        let old = core::mem::replace(&mut self.places.lock().root, root);
        drop(old);
    }

    /// chdir(2).
    pub fn set_cwd(&self, cwd: Path) {
        let old = core::mem::replace(&mut self.places.lock().cwd, cwd);
        drop(old);
    }

    /// The permission bits that new files do not get.
    #[inline]
    pub fn umask(&self) -> u32 {
        self.umask.load(Ordering::Relaxed)
    }

    /// Sets the umask; gives the old one.
    pub fn set_umask(&self, umask: u32) -> u32 {
        self.umask.swap(umask & 0o777, Ordering::Relaxed)
    }
}

/// Who asks, and from where.
#[derive(Clone, Copy)]
pub struct Caller<'a> {
    /// Root, current directory, umask.
    pub fs: &'a FsContext,
    /// Identity.
    pub cred: &'a Cred,
}
