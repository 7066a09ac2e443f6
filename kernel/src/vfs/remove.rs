//! Removing names: unlink(2), rmdir(2).

use alloc::sync::Arc;

use abi::fs::inotify;
use abi::{Errno, Result};

use super::context::Caller;
use super::dcache;
use super::dentry::Dentry;
use super::inode::Inode;
use super::mount::Path;
use super::notify;
use super::perm::{self, MAY_EXEC, MAY_WRITE};
use super::walk::{Last, WalkFlags, lookup_parent};

/// Whether `victim` may be taken out of `dir`, where it is to be a directory or none (Linux's may_delete).
pub(super) fn may_delete(caller: &Caller<'_>, dir: &Inode, victim: &Inode, directory: bool) -> Result<()> {
    perm::check(dir, caller.cred, MAY_WRITE | MAY_EXEC)?;
    perm::check_sticky(dir, victim, caller.cred)?;
    match (directory, victim.is_dir()) {
        (true, false) => Err(Errno::ENOTDIR),
        (false, true) => Err(Errno::EISDIR),
        _ => Ok(()),
    }
}

/// What follows when the name of `dentry` is gone (`replaced` by a rename: that is no deletion for inotify(7)).
pub(super) fn forget(dir: &Arc<Inode>, dentry: &Arc<Dentry>, inode: &Arc<Inode>, replaced: bool) {
    dentry.set_deleted();
    dcache::remove(dentry);
    if inode.is_dir() {
        inode.set_nlink(0);
        dir.dec_nlink();
    } else {
        inode.dec_nlink();
    }
    inode.touch_change();
    if notify::active() {
        if !inode.is_dir() {
            notify::on_inode(inode, inotify::ATTRIB);
        }
        if !replaced {
            notify::on_entry(dir, inotify::DELETE, 0, dentry.name().as_bytes(), inode.is_dir());
        }
        // While somebody has it open its end is told later, by the last close. The caller's own reference is the one.
        if inode.nlink() == 0 && Arc::strong_count(dentry) == 1 {
            notify::on_inode(inode, inotify::DELETE_SELF);
        }
    }
}

/// unlink(2).
pub fn unlink(caller: &Caller<'_>, start: Option<Path>, path: &[u8]) -> Result<()> {
    let parent = lookup_parent(caller, start, path, WalkFlags::QUIET)?;
    if parent.last != Last::Name {
        return Err(Errno::EISDIR);
    }
    parent.dir.mount.want_write()?;
    let dir = parent.directory()?;
    let changes = dir.lock.lock();
    let dentry = parent.lookup_locked()?;
    let inode = dentry.inode().ok_or(Errno::ENOENT)?;
    if parent.slash {
        return Err(if inode.is_dir() { Errno::EISDIR } else { Errno::ENOTDIR });
    }
    may_delete(caller, dir, inode, false)?;
    if dentry.is_mountpoint() {
        return Err(Errno::EBUSY);
    }
    dir.ops.unlink(dir, parent.name.as_bytes(), inode)?;
    dir.touch_modify();
    forget(dir, &dentry, inode, false);
    // The file may go with this reference: not under the directory's lock.
    drop(changes);
    Ok(())
}

/// rmdir(2).
pub fn rmdir(caller: &Caller<'_>, start: Option<Path>, path: &[u8]) -> Result<()> {
    let parent = lookup_parent(caller, start, path, WalkFlags::QUIET)?;
    match parent.last {
        Last::Name => {}
        Last::Dot => return Err(Errno::EINVAL),
        Last::DotDot => return Err(Errno::ENOTEMPTY),
        Last::Root => return Err(Errno::EBUSY),
    }
    parent.dir.mount.want_write()?;
    let dir = parent.directory()?;
    let changes = dir.lock.lock();
    let dentry = parent.lookup_locked()?;
    let inode = dentry.inode().ok_or(Errno::ENOENT)?;
    may_delete(caller, dir, inode, true)?;
    if dentry.is_mountpoint() {
        return Err(Errno::EBUSY);
    }
    {
        // No name may be added between the look at the directory and its end.
        let _inside = inode.lock.lock();
        dir.ops.rmdir(dir, parent.name.as_bytes(), inode)?;
        dentry.set_deleted();
    }
    dir.touch_modify();
    forget(dir, &dentry, inode, false);
    drop(changes);
    Ok(())
}
