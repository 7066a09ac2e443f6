//! Mounts and paths. A [`Path`] is a place in the tree of names: a dentry, seen through a mount.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicU32, Ordering};
use ordmap::OrdMap;

use abi::fs::{Statfs, ms, st};
use abi::{Errno, Result};

use super::dcache;
use super::dentry::Dentry;
use super::inode::Inode;
use super::superblock::SuperBlock;
use crate::sync::SpinLock;

flags::flags! {
    /// Options of one mount.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct MountFlags: u32 {
        /// Nothing can be changed through it.
        const RDONLY = 1;
        /// Set-id bits have no effect.
        const NOSUID = 2;
        /// Devices cannot be opened.
        const NODEV = 4;
        /// Programs cannot be run.
        const NOEXEC = 8;
        /// Symbolic links are not followed.
        const NOSYMFOLLOW = 256;
        /// atime is not kept.
        const NOATIME = 1024;
        /// Nor that of directories.
        const NODIRATIME = 2048;
        /// atime is kept at every read.
        const STRICTATIME = 1 << 24;
    }
}

impl MountFlags {
    /// From mount(2)'s flags; those that say nothing about a mount are left out.
    pub fn from_ms(flags: u64) -> MountFlags {
        MountFlags::from_bits_truncate(u32::try_from(flags & u64::from(u32::MAX)).unwrap_or(0))
    }
}

/// A file system (or a part of it) in the tree of names.
pub struct Mount {
    /// Number in /proc/self/mountinfo and statx(2).
    pub id: u32,
    /// What is mounted.
    pub sb: Arc<SuperBlock>,
    /// Which directory of it is its top.
    pub root: Arc<Dentry>,
    /// mount(2)'s source.
    pub source: Box<[u8]>,
    flags: AtomicU32,
    /// The place it covers; `None` for the root and for mounts that are not in the tree.
    place: SpinLock<Option<Path>>,
}

static NEXT_ID: AtomicU32 = AtomicU32::new(1);

/// Mounts by the place they cover: (mount id, dentry address).
static TREE: SpinLock<OrdMap<(u32, usize), Arc<Mount>>> = SpinLock::new(OrdMap::new());

impl Mount {
    /// A mount of the file system that `root` is of, not in the tree yet.
    pub fn new(root: Arc<Dentry>, source: &[u8], flags: MountFlags) -> Result<Arc<Mount>> {
        let sb = root.inode().ok_or(Errno::ENOENT)?.sb.clone();
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
        let place = SpinLock::new(None);
        Ok(Arc::new(Mount { id, sb, root, source: source.into(), flags: AtomicU32::new(flags.bits()), place }))
    }

    /// A mount of a whole file system, given its root directory.
    pub fn of_root(root: Arc<Inode>, source: &[u8], flags: MountFlags) -> Result<Arc<Mount>> {
        Mount::new(Dentry::root(root, b"/"), source, flags)
    }

    /// Its options.
    #[inline]
    pub fn flags(&self) -> MountFlags {
        MountFlags::from_bits_retain(self.flags.load(Ordering::Relaxed))
    }

    /// Changes its options.
    pub fn set_flags(&self, flags: MountFlags) {
        self.flags.store(flags.bits(), Ordering::Relaxed);
    }

    /// EROFS when it is read-only.
    #[inline]
    pub fn want_write(&self) -> Result<()> {
        if self.flags().contains(MountFlags::RDONLY) { Err(Errno::EROFS) } else { Ok(()) }
    }

    /// The path it covers; `None` for a root.
    pub fn place(&self) -> Option<Path> {
        self.place.lock().clone()
    }

    /// Its top.
    pub fn top(self: &Arc<Mount>) -> Path {
        Path { mount: self.clone(), dentry: self.root.clone() }
    }

    /// statfs(2).
    pub fn statfs(&self) -> Statfs {
        let flags = self.flags();
        let mut out = self.sb.statfs();
        let table = [
            (MountFlags::RDONLY, st::RDONLY),
            (MountFlags::NOSUID, st::NOSUID),
            (MountFlags::NODEV, st::NODEV),
            (MountFlags::NOEXEC, st::NOEXEC),
            (MountFlags::NOATIME, st::NOATIME),
            (MountFlags::NODIRATIME, st::NODIRATIME),
        ];
        out.f_flags = table.iter().filter(|(f, _)| flags.contains(*f)).fold(st::VALID, |all, (_, bit)| all | bit);
        if !flags.intersects(MountFlags::NOATIME | MountFlags::STRICTATIME) {
            out.f_flags |= st::RELATIME;
        }
        out
    }
}

/// A place in the tree of names.
#[derive(Clone)]
pub struct Path {
    /// Seen through this mount.
    pub mount: Arc<Mount>,
    /// The name.
    pub dentry: Arc<Dentry>,
}

impl PartialEq for Path {
    #[inline]
    fn eq(&self, other: &Path) -> bool {
        Arc::ptr_eq(&self.dentry, &other.dentry) && Arc::ptr_eq(&self.mount, &other.mount)
    }
}

impl Path {
    /// The inode; ENOENT for a name that does not exist.
    #[inline]
    pub fn inode(&self) -> Result<&Arc<Inode>> {
        self.dentry.inode().ok_or(Errno::ENOENT)
    }

    /// Goes from a covered place to the top of what covers it, as often as needed. True if it moved.
    #[inline]
    pub fn cross_down(&mut self) -> bool {
        let mut moved = false;
        while self.dentry.is_mountpoint() {
            let key = (self.mount.id, Arc::as_ptr(&self.dentry).addr());
            let Some(mount) = TREE.lock().get(&key).cloned() else { break };
            *self = mount.top();
            moved = true;
        }
        moved
    }

    /// One step up (`..`), not beyond `root`. True if a mount was left or entered.
    pub fn step_up(&mut self, root: &Path) -> bool {
        let mut crossed = false;
        loop {
            if self == root {
                break;
            }
            if Arc::ptr_eq(&self.dentry, &self.mount.root) {
                let Some(place) = self.mount.place() else { break };
                *self = place;
                crossed = true;
                continue;
            }
            if let Some(parent) = self.dentry.parent() {
                self.dentry = parent;
            }
            break;
        }
        self.cross_down() || crossed
    }

    /// Whether `root` can be reached by going up.
    pub fn is_under(&self, root: &Path) -> bool {
        let mut at = self.clone();
        loop {
            if at == *root {
                return true;
            }
            at = match Arc::ptr_eq(&at.dentry, &at.mount.root) {
                true => match at.mount.place() {
                    Some(place) => place,
                    None => return false,
                },
                false => match at.dentry.parent() {
                    Some(dentry) => Path { mount: at.mount, dentry },
                    None => return false,
                },
            };
        }
    }

    /// The absolute path as seen from `root`: getcwd(2), /proc/self/exe, /proc/self/maps. ` (deleted)` is appended as Linux does, and
    /// what cannot be reached from `root` starts with `(unreachable)`. A nameless object gives its bare name (`pipe:[7]`).
    pub fn to_bytes(&self, root: &Path) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = self.clone();
        let mut reachable = true;
        while at != *root {
            if Arc::ptr_eq(&at.dentry, &at.mount.root) {
                if let Some(place) = at.mount.place() {
                    at = place;
                    continue;
                }
                reachable = false;
                break;
            }
            let Some((parent, name)) = at.dentry.parent_and_name() else {
                // No place in any tree: the name says all.
                return at.dentry.name().as_bytes().to_vec();
            };
            names.push(name);
            at.dentry = parent;
        }
        let mut out = Vec::new();
        if !reachable {
            out.extend_from_slice(b"(unreachable)");
        }
        for name in names.iter().rev() {
            out.push(b'/');
            out.extend_from_slice(name.as_bytes());
        }
        if names.is_empty() {
            out.push(b'/');
        }
        if self.dentry.is_deleted() {
            out.extend_from_slice(b" (deleted)");
        }
        out
    }
}

/// Puts `mount` over `place`.
pub fn attach(mount: &Arc<Mount>, place: Path) -> Result<()> {
    let key = (place.mount.id, Arc::as_ptr(&place.dentry).addr());
    let mut tree = TREE.lock();
    if tree.contains_key(&key) {
        return Err(Errno::EBUSY);
    }
    place.dentry.mounts.fetch_add(1, Ordering::Relaxed);
    dcache::paths_changed();
    *mount.place.lock() = Some(place);
    tree.insert(key, mount.clone());
    Ok(())
}

/// Takes `mount` out of the tree. Without `lazy`, EBUSY while something in it is in use (`held` references are the caller's own).
pub fn detach(mount: &Arc<Mount>, lazy: bool, held: usize) -> Result<()> {
    let mut tree = TREE.lock();
    let Some(place) = mount.place() else { return Err(Errno::EINVAL) };
    let key = (place.mount.id, Arc::as_ptr(&place.dentry).addr());
    if !lazy {
        let has_children = tree.values().any(|m| m.place.lock().as_ref().is_some_and(|p| Arc::ptr_eq(&p.mount, mount)));
        // The tree holds one more; open files, current directories and roots each hold theirs.
        if has_children || Arc::strong_count(mount) > held + 1 {
            return Err(Errno::EBUSY);
        }
    }
    let gone = tree.remove(&key);
    let old = mount.place.lock().take();
    drop(tree);
    place.dentry.mounts.fetch_sub(1, Ordering::Relaxed);
    drop((gone, old, place));
    let sb = mount.sb.clone();
    if !all().iter().any(|m| Arc::ptr_eq(&m.sb, &sb)) {
        dcache::purge(&sb);
    }
    Ok(())
}

/// Moves `mount` over another place.
pub fn relocate(mount: &Arc<Mount>, place: Path) -> Result<()> {
    let mut tree = TREE.lock();
    let key = (place.mount.id, Arc::as_ptr(&place.dentry).addr());
    let Some(old) = mount.place() else { return Err(Errno::EINVAL) };
    if tree.contains_key(&key) {
        return Err(Errno::EBUSY);
    }
    tree.remove(&(old.mount.id, Arc::as_ptr(&old.dentry).addr()));
    place.dentry.mounts.fetch_add(1, Ordering::Relaxed);
    dcache::paths_changed();
    *mount.place.lock() = Some(place);
    tree.insert(key, mount.clone());
    drop(tree);
    old.dentry.mounts.fetch_sub(1, Ordering::Relaxed);
    Ok(())
}

/// All mounts in the tree but the root's, by id (/proc/self/mounts).
pub fn all() -> Vec<Arc<Mount>> {
    let mut list: Vec<Arc<Mount>> = Vec::new();
    for mount in TREE.lock().values() {
        list.insert(list.partition_point(|m| m.id < mount.id), mount.clone());
    }
    list
}

/// The bits of mount(2) that a mount keeps.
pub const KEPT: u64 = ms::RDONLY | ms::NOSUID | ms::NODEV | ms::NOEXEC | ms::NOSYMFOLLOW | ms::NOATIME | ms::NODIRATIME | ms::STRICTATIME;
