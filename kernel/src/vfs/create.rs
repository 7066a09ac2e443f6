//! Making names: mkdir(2), mknod(2), symlink(2), link(2), and the creation half of open(2).

use alloc::sync::Arc;

use abi::fs::{PATH_MAX, inotify, mode};
use abi::{Errno, Result};

use super::context::Caller;
use super::dcache;
use super::dentry::Dentry;
use super::inode::Inode;
use super::mount::Path;
use super::notify;
use super::ops::NewNode;
use super::perm::{self, MAY_EXEC, MAY_READ, MAY_WRITE};
use super::types::{Dev, FileType};
use super::walk::{Last, Parent, WalkFlags, lookup_parent};
use crate::cred::cap;

/// Owner, group and permissions of a file that `caller` makes in `dir`: umask, and the rules of a set-group-ID directory (inode(7)).
pub fn new_node<'a>(caller: &Caller<'_>, dir: &Inode, kind: FileType, perm: u32) -> NewNode<'a> {
    let mut perm = perm & 0o7777;
    if kind != FileType::Symlink {
        perm &= !caller.fs.umask();
    }
    let mut gid = caller.cred.fsgid;
    if dir.perm() & mode::S_ISGID != 0 {
        gid = dir.gid();
        if kind == FileType::Directory {
            perm |= mode::S_ISGID;
        } else if perm & (mode::S_ISGID | mode::S_IXGRP) == mode::S_ISGID | mode::S_IXGRP
            && !caller.cred.in_group(gid)
            && !caller.cred.capable(cap::FSETID)
        {
            perm &= !mode::S_ISGID;
        }
    }
    NewNode { kind, perm, uid: caller.cred.fsuid, gid, rdev: Dev::NONE, target: b"" }
}

/// Whether `caller` may add a name to the directory of `parent`.
fn may_create(caller: &Caller<'_>, parent: &Parent) -> Result<()> {
    if parent.dir.dentry.is_deleted() {
        return Err(Errno::ENOENT);
    }
    perm::check(parent.inode()?, caller.cred, MAY_WRITE | MAY_EXEC)
}

/// Enters `inode` under the name of `parent`, in place of the negative dentry `old`.
fn enter(parent: &Parent, old: &Arc<Dentry>, inode: Arc<Inode>) -> Result<Arc<Dentry>> {
    let dir = parent.inode()?;
    let name = parent.name.as_bytes();
    let is_dir = inode.is_dir();
    dcache::remove(old);
    let dentry = Dentry::new(&parent.dir.dentry, name, Some(inode));
    if dir.ops.cacheable() {
        dcache::insert(&dentry);
    }
    dir.touch_modify();
    notify::on_entry(dir, inotify::CREATE, 0, name, is_dir);
    Ok(dentry)
}

/// Makes the file; the directory's lock is held, `old` is its negative dentry.
pub(super) fn create_locked(caller: &Caller<'_>, parent: &Parent, old: &Arc<Dentry>, node: &NewNode<'_>) -> Result<Arc<Dentry>> {
    may_create(caller, parent)?;
    let dir = parent.inode()?;
    let inode = dir.ops.create(dir, parent.name.as_bytes(), node)?;
    if node.kind == FileType::Directory {
        dir.inc_nlink();
    }
    enter(parent, old, inode)
}

/// Walks to a name that is to be made: EEXIST if it is there. With slashes behind it only a directory can be made.
fn with_new_name<R>(
    caller: &Caller<'_>,
    start: Option<Path>,
    path: &[u8],
    directory: bool,
    make: impl FnOnce(&Parent, &Arc<Dentry>) -> Result<R>,
) -> Result<R> {
    let parent = lookup_parent(caller, start, path, WalkFlags::QUIET)?;
    if parent.last != Last::Name {
        return Err(Errno::EEXIST);
    }
    let dir = parent.directory()?;
    let _changes = dir.lock.lock();
    let dentry = parent.lookup_locked()?;
    if dentry.inode().is_some() {
        return Err(Errno::EEXIST);
    }
    if parent.slash && !directory {
        return Err(Errno::ENOENT);
    }
    parent.dir.mount.want_write()?;
    make(&parent, &dentry)
}

/// mkdir(2).
pub fn mkdir(caller: &Caller<'_>, start: Option<Path>, path: &[u8], perm: u32) -> Result<()> {
    with_new_name(caller, start, path, true, |parent, dentry| {
        let node = new_node(caller, parent.inode()?, FileType::Directory, perm & 0o1777);
        create_locked(caller, parent, dentry, &node).map(drop)
    })
}

/// mknod(2); `st_mode` holds type and permissions. Gives the path made, for bind(2) on a Unix socket.
pub fn mknod(caller: &Caller<'_>, start: Option<Path>, path: &[u8], st_mode: u32, rdev: Dev) -> Result<Path> {
    let kind = match st_mode & mode::S_IFMT {
        0 => FileType::Regular,
        mode::S_IFDIR => return Err(Errno::EPERM),
        bits => FileType::from_mode(bits).filter(|k| *k != FileType::Symlink).ok_or(Errno::EINVAL)?,
    };
    with_new_name(caller, start, path, false, |parent, dentry| {
        let device = matches!(kind, FileType::Char | FileType::Block);
        let mut node = new_node(caller, parent.inode()?, kind, st_mode);
        may_create(caller, parent)?;
        // 0:0 is overlayfs' whiteout, which anybody may make.
        let whiteout = kind == FileType::Char && rdev == Dev::NONE;
        if device && !whiteout && !caller.cred.capable(cap::MKNOD) {
            return Err(Errno::EPERM);
        }
        if device {
            node.rdev = rdev;
        }
        let dentry = create_locked(caller, parent, dentry, &node)?;
        Ok(Path { mount: parent.dir.mount.clone(), dentry })
    })
}

/// symlink(2): ENOENT for an empty target.
pub fn symlink(caller: &Caller<'_>, target: &[u8], start: Option<Path>, path: &[u8]) -> Result<()> {
    if target.is_empty() {
        return Err(Errno::ENOENT);
    }
    if target.len() >= PATH_MAX {
        return Err(Errno::ENAMETOOLONG);
    }
    with_new_name(caller, start, path, false, |parent, dentry| {
        let node = NewNode { target, ..new_node(caller, parent.inode()?, FileType::Symlink, 0o777) };
        create_locked(caller, parent, dentry, &node).map(drop)
    })
}

/// Linux's fs.protected_hardlinks, which every distribution sets: who does not own a file may link it only if it could be read and written anyway
/// and nothing special comes with it (proc_sys_fs(5)).
fn may_link(caller: &Caller<'_>, inode: &Inode) -> Result<()> {
    let perm = inode.perm();
    let special = perm & mode::S_ISUID != 0 || perm & (mode::S_ISGID | mode::S_IXGRP) == mode::S_ISGID | mode::S_IXGRP;
    let safe = inode.kind == FileType::Regular && !special && perm::check(inode, caller.cred, MAY_READ | MAY_WRITE).is_ok();
    if safe { Ok(()) } else { perm::check_owner(inode, caller.cred) }
}

/// link(2): `old` was looked up by the caller (following a symbolic link or not, as linkat(2)'s flags say).
pub fn link(caller: &Caller<'_>, old: &Path, start: Option<Path>, path: &[u8]) -> Result<()> {
    let inode = old.inode()?;
    with_new_name(caller, start, path, false, |parent, dentry| {
        if !Arc::ptr_eq(&old.mount, &parent.dir.mount) {
            return Err(Errno::EXDEV);
        }
        may_link(caller, inode)?;
        may_create(caller, parent)?;
        if inode.is_dir() {
            return Err(Errno::EPERM);
        }
        if inode.nlink() == 0 && !inode.linkable() {
            return Err(Errno::ENOENT);
        }
        let dir = parent.inode()?;
        inode.ops.dirty(inode)?;
        dir.ops.link(dir, parent.name.as_bytes(), inode)?;
        inode.inc_nlink();
        inode.touch_change();
        notify::on_inode(inode, inotify::ATTRIB);
        enter(parent, dentry, inode.clone()).map(drop)
    })
}
