//! Who hears of what happens to files: the points at which inotify(7) hooks in. Nothing is done, but for one load, while nobody watches.

use alloc::boxed::Box;
use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use abi::fs::inotify;

use super::dentry::Dentry;
use super::inode::Inode;
use crate::sync::SpinLock;

/// Somebody who watches inodes.
pub trait Watcher: Send + Sync {
    /// `mask` ([`abi::fs::inotify`]) happened to `inode`, or to `name` in it when it is a directory. `cookie` joins the two halves of a rename. Must not sleep.
    fn event(&self, inode: &Arc<Inode>, mask: u32, cookie: u32, name: Option<&[u8]>);
}

/// The watchers of one inode.
#[derive(Default)]
pub struct Watches {
    list: SpinLock<Vec<Weak<dyn Watcher>>>,
}

static ACTIVE: AtomicUsize = AtomicUsize::new(0);
static COOKIE: AtomicU32 = AtomicU32::new(1);

impl Inode {
    /// Adds a watcher; it is held weakly. Pair with [`Inode::unwatch`].
    pub fn watch(&self, watcher: &Arc<dyn Watcher>) {
        ACTIVE.fetch_add(1, Ordering::Relaxed);
        self.watches.get_or_init(Box::default).list.lock().push(Arc::downgrade(watcher));
    }

    /// Removes a watcher (compared by address), and those that are gone.
    pub fn unwatch(&self, watcher: &Arc<dyn Watcher>) {
        let Some(watches) = self.watches.get() else { return };
        let target = Arc::as_ptr(watcher).cast::<()>();
        let mut list = watches.list.lock();
        let before = list.len();
        list.retain(|w| w.strong_count() > 0 && w.as_ptr().cast::<()>() != target);
        ACTIVE.fetch_sub(before - list.len(), Ordering::Relaxed);
    }
}

/// Whether anybody watches anything.
#[inline]
pub fn active() -> bool {
    ACTIVE.load(Ordering::Relaxed) != 0
}

/// A number that joins the two events of a rename.
pub fn next_cookie() -> u32 {
    COOKIE.fetch_add(1, Ordering::Relaxed)
}

/// Tells the watchers of `inode` itself.
pub fn tell(inode: &Arc<Inode>, mask: u32, cookie: u32, name: Option<&[u8]>) {
    let Some(watches) = inode.watches.get() else { return };
    let listeners: Vec<_> = watches.list.lock().iter().filter_map(Weak::upgrade).collect();
    for listener in listeners {
        listener.event(inode, mask, cookie, name);
    }
}

/// `mask` happened to the file at `dentry`: tells its watchers and those of its directory.
#[inline]
pub fn on_dentry(dentry: &Arc<Dentry>, mask: u32) {
    if active() {
        on_dentry_slow(dentry, mask);
    }
}

#[cold]
fn on_dentry_slow(dentry: &Arc<Dentry>, mask: u32) {
    let Some(inode) = dentry.inode() else { return };
    let mask = if inode.is_dir() { mask | inotify::ISDIR } else { mask };
    if let Some((parent, name)) = dentry.parent_and_name()
        && let Some(dir) = parent.inode()
        && !dentry.is_deleted()
    {
        tell(dir, mask, 0, Some(name.as_bytes()));
    }
    tell(inode, mask, 0, None);
}

/// `mask` happened to `name` in directory `dir`.
#[inline]
pub fn on_entry(dir: &Arc<Inode>, mask: u32, cookie: u32, name: &[u8], is_dir: bool) {
    if active() {
        tell(dir, if is_dir { mask | inotify::ISDIR } else { mask }, cookie, Some(name));
    }
}

/// `mask` happened to the inode itself, whatever its name.
#[inline]
pub fn on_inode(inode: &Arc<Inode>, mask: u32) {
    if active() {
        tell(inode, mask, 0, None);
    }
}
