//! The last component of a path, for calls that make, remove or rename it: the directory it is in, and its dentry there.

use alloc::sync::Arc;

use abi::fs::NAME_MAX;
use abi::{Errno, Result};

use super::dcache;
use super::dentry::{Dentry, Name};
use super::inode::Inode;
use super::mount::Path;

/// What the last component of a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Last {
    /// A name.
    Name,
    /// `.`
    Dot,
    /// `..`
    DotDot,
    /// The path was `/`.
    Root,
}

/// The directory that a path's last component is in, and that component.
pub struct Parent {
    /// The directory.
    pub dir: Path,
    /// The last component.
    pub name: Name,
    /// What it is.
    pub last: Last,
    /// Slashes followed it: it must be, or is to become, a directory.
    pub slash: bool,
}

impl Parent {
    /// The directory's inode.
    pub fn inode(&self) -> Result<&Arc<Inode>> {
        self.dir.inode()
    }

    /// The same; ENOTDIR if it is no directory.
    pub fn directory(&self) -> Result<&Arc<Inode>> {
        let inode = self.inode()?;
        if inode.is_dir() { Ok(inode) } else { Err(Errno::ENOTDIR) }
    }

    /// The dentry of the name, perhaps negative; the directory's `lock` must be held.
    pub fn lookup_locked(&self) -> Result<Arc<Dentry>> {
        lookup_locked(&self.dir.dentry, self.inode()?, self.name.as_bytes())
    }

    /// The dentry of the name, perhaps negative.
    pub fn lookup(&self) -> Result<Arc<Dentry>> {
        let _changes = self.inode()?.lock.lock();
        self.lookup_locked()
    }
}

/// The dentry of `name` in `dir`, perhaps negative; `inode.lock` of the directory must be held.
pub fn lookup_locked(dir: &Arc<Dentry>, inode: &Arc<Inode>, name: &[u8]) -> Result<Arc<Dentry>> {
    if let Some(found) = dcache::lookup(dir, name) {
        if !found.is_volatile() || found.is_mountpoint() || inode.ops.revalidate(inode, name, found.inode()) {
            return Ok(found);
        }
        dcache::remove(&found);
    }
    if name.len() > NAME_MAX {
        return Err(Errno::ENAMETOOLONG);
    }
    if dir.is_deleted() {
        return Err(Errno::ENOENT);
    }
    let child = match inode.ops.lookup(inode, name) {
        Ok(child) => Some(child),
        // Where names come and go by themselves none can be made, and making one fails as looking for it does (mkdir in /proc).
        Err(Errno::ENOENT) if inode.ops.cacheable() => None,
        Err(e) => return Err(e),
    };
    let dentry = Dentry::new(dir, name, child);
    if inode.ops.cacheable() {
        dcache::insert(&dentry);
    }
    Ok(dentry)
}

/// Where the last component begins.
pub(super) fn last_start(path: &[u8]) -> usize {
    let end = path.iter().rposition(|b| *b != b'/').map_or(0, |at| at + 1);
    path[..end].iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1)
}

/// Copies the last component.
pub(super) fn last_component(name: &[u8], slash: bool) -> Result<(Name, Last, bool)> {
    let last = match name {
        b"." => Last::Dot,
        b".." => Last::DotDot,
        _ if name.len() > NAME_MAX => return Err(Errno::ENAMETOOLONG),
        _ => Last::Name,
    };
    Ok((Name::new(name), last, slash))
}
