//! Dentries: a name in a directory and the inode it stands for (none: the name is known not to exist). An open file, a current directory
//! and a mount hold the dentry they were found by, so that it can be asked for its path whatever has been renamed since.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::inode::Inode;
use crate::sync::SpinLock;

/// Bytes of a name kept inside the dentry.
const INLINE: usize = 31;

/// A name of one component.
#[derive(Clone)]
pub struct Name {
    repr: Repr,
}

#[derive(Clone)]
enum Repr {
    Inline(u8, [u8; INLINE]),
    Heap(Box<[u8]>),
}

impl Name {
    /// A copy of `bytes`.
    pub fn new(bytes: &[u8]) -> Name {
        match u8::try_from(bytes.len()) {
            Ok(len) if bytes.len() <= INLINE => {
                let mut buf = [0; INLINE];
                buf[..bytes.len()].copy_from_slice(bytes);
                Name { repr: Repr::Inline(len, buf) }
            }
            _ => Name { repr: Repr::Heap(bytes.into()) },
        }
    }

    /// The bytes.
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.repr {
            Repr::Inline(len, buf) => &buf[..usize::from(*len).min(INLINE)],
            Repr::Heap(bytes) => bytes,
        }
    }
}

pub(super) struct Place {
    pub parent: Option<Arc<Dentry>>,
    pub name: Name,
}

/// Not in the hash table.
pub(super) const UNHASHED: u32 = u32::MAX;

/// The directory is [`super::ops::InodeOps::volatile`].
const VOLATILE: u32 = 1 << 31;

/// A name in a directory.
pub struct Dentry {
    inode: Option<Arc<Inode>>,
    pub(super) place: SpinLock<Place>,
    /// Index in the cache, or [`UNHASHED`].
    pub(super) slot: AtomicU32,
    /// How many mounts cover this dentry, and [`VOLATILE`]: one look tells a walk whether it can pass.
    pub(super) mounts: AtomicU32,
    deleted: AtomicBool,
}

impl Dentry {
    /// The root of a file system, or an object without a place (`name` is what /proc/self/fd shows: `pipe:[7]`, `/memfd:x`).
    pub fn root(inode: Arc<Inode>, name: &[u8]) -> Arc<Dentry> {
        Dentry::make(Some(inode), None, name)
    }

    /// `name` in `parent`; not in the cache yet.
    pub fn new(parent: &Arc<Dentry>, name: &[u8], inode: Option<Arc<Inode>>) -> Arc<Dentry> {
        Dentry::make(inode, Some(parent.clone()), name)
    }

    fn make(inode: Option<Arc<Inode>>, parent: Option<Arc<Dentry>>, name: &[u8]) -> Arc<Dentry> {
        let volatile = parent.as_ref().and_then(|p| p.inode()).is_some_and(|dir| dir.ops.volatile());
        Arc::new(Dentry {
            inode,
            place: SpinLock::new(Place { parent, name: Name::new(name) }),
            slot: AtomicU32::new(UNHASHED),
            mounts: AtomicU32::new(if volatile { VOLATILE } else { 0 }),
            deleted: AtomicBool::new(false),
        })
    }

    /// The inode; `None` for a name known not to exist.
    #[inline]
    pub fn inode(&self) -> Option<&Arc<Inode>> {
        self.inode.as_ref()
    }

    /// The directory it is in; `None` for a root.
    pub fn parent(&self) -> Option<Arc<Dentry>> {
        self.place.lock().parent.clone()
    }

    /// The directory and the name in it.
    pub fn parent_and_name(&self) -> Option<(Arc<Dentry>, Name)> {
        let place = self.place.lock();
        Some((place.parent.clone()?, place.name.clone()))
    }

    /// The name.
    pub fn name(&self) -> Name {
        self.place.lock().name.clone()
    }

    /// Whether its name is `name`.
    pub(super) fn is_called(&self, name: &[u8]) -> bool {
        self.place.lock().name.as_bytes() == name
    }

    /// Whether some mount covers it.
    #[inline]
    pub fn is_mountpoint(&self) -> bool {
        self.mounts.load(Ordering::Relaxed) & !VOLATILE != 0
    }

    /// Whether a walk must stop and look: something covers it, or it may mean something else by now.
    #[inline]
    pub(super) fn needs_care(&self) -> bool {
        self.mounts.load(Ordering::Relaxed) != 0
    }

    /// Whether its directory changes by itself.
    pub(super) fn is_volatile(&self) -> bool {
        self.mounts.load(Ordering::Relaxed) & VOLATILE != 0
    }

    /// Whether the name was removed while the dentry was in use.
    pub fn is_deleted(&self) -> bool {
        self.deleted.load(Ordering::Relaxed)
    }

    /// Marks the name as removed.
    pub fn set_deleted(&self) {
        self.deleted.store(true, Ordering::Relaxed);
    }

    /// Whether `self` is `other` or above it.
    pub fn is_ancestor_of(self: &Arc<Dentry>, other: &Arc<Dentry>) -> bool {
        let mut at = Some(other.clone());
        while let Some(dentry) = at {
            if Arc::ptr_eq(self, &dentry) {
                return true;
            }
            at = dentry.parent();
        }
        false
    }
}

impl Drop for Dentry {
    /// Lets go of the parents one after the other: a chain of dentries can be longer than a kernel stack is deep.
    fn drop(&mut self) {
        let mut next = self.place.get_mut().parent.take();
        while let Some(parent) = next {
            next = Arc::into_inner(parent).and_then(|mut last| last.place.get_mut().parent.take());
        }
    }
}
