//! rename(2) and renameat2(2).

use alloc::sync::Arc;

use abi::fs::{inotify, rename as flag};
use abi::{Errno, Result};

use super::context::Caller;
use super::dcache;
use super::dentry::Dentry;
use super::inode::Inode;
use super::mount::Path;
use super::notify;
use super::ops::RenameSide;
use super::perm::{self, MAY_EXEC, MAY_WRITE};
use super::remove::{forget, may_delete};
use super::walk::{Last, Parent, WalkFlags, lookup_parent};
use crate::sync::Mutex;

/// Held while two directories are locked, so that nobody locks them the other way round and no directory is moved below itself.
static MOVES: Mutex<()> = Mutex::new(());

/// renameat2(2).
pub fn rename(caller: &Caller<'_>, old: (Option<Path>, &[u8]), new: (Option<Path>, &[u8]), flags: u32) -> Result<()> {
    if flags & !(flag::NOREPLACE | flag::EXCHANGE) != 0 || flags == flag::NOREPLACE | flag::EXCHANGE {
        return Err(Errno::EINVAL);
    }
    let from = lookup_parent(caller, old.0, old.1, WalkFlags::QUIET)?;
    let to = lookup_parent(caller, new.0, new.1, WalkFlags::QUIET)?;
    if !Arc::ptr_eq(&from.dir.mount, &to.dir.mount) {
        return Err(Errno::EXDEV);
    }
    if from.last != Last::Name {
        return Err(Errno::EBUSY);
    }
    if to.last != Last::Name {
        return Err(if flags & flag::NOREPLACE != 0 { Errno::EEXIST } else { Errno::EBUSY });
    }
    from.dir.mount.want_write()?;
    let (from_dir, to_dir) = (from.inode()?, to.inode()?);
    if !from_dir.is_dir() || !to_dir.is_dir() {
        return Err(Errno::ENOTDIR);
    }
    if Arc::ptr_eq(from_dir, to_dir) {
        let _changes = from_dir.lock.lock();
        return Job { caller, from: &from, to: &to, flags }.run();
    }
    let _moves = MOVES.lock();
    // The upper one first, as rmdir does; between strangers the order is free, since only one such pair is ever held.
    let _changes = match to.dir.dentry.is_ancestor_of(&from.dir.dentry) {
        true => {
            let upper = to_dir.lock.lock();
            (from_dir.lock.lock(), upper)
        }
        false => (from_dir.lock.lock(), to_dir.lock.lock()),
    };
    Job { caller, from: &from, to: &to, flags }.run()
}

struct Job<'a> {
    caller: &'a Caller<'a>,
    from: &'a Parent,
    to: &'a Parent,
    flags: u32,
}

impl Job<'_> {
    /// Both directories are locked.
    fn run(&self) -> Result<()> {
        let exchange = self.flags & flag::EXCHANGE != 0;
        let source = self.from.lookup_locked()?;
        let inode = source.inode().ok_or(Errno::ENOENT)?;
        let target = self.to.lookup_locked()?;
        if target.inode().is_some() && self.flags & flag::NOREPLACE != 0 {
            return Err(Errno::EEXIST);
        }
        if exchange && target.inode().is_none() {
            return Err(Errno::ENOENT);
        }
        let target_is_dir = target.inode().is_some_and(|t| t.is_dir());
        if !inode.is_dir() && (self.from.slash || !exchange && self.to.slash) || exchange && self.to.slash && !target_is_dir {
            return Err(Errno::ENOTDIR);
        }
        if source.is_ancestor_of(&self.to.dir.dentry) {
            return Err(Errno::EINVAL);
        }
        if target.is_ancestor_of(&self.from.dir.dentry) {
            return Err(if exchange { Errno::EINVAL } else { Errno::ENOTEMPTY });
        }
        if target.inode().is_some_and(|t| Arc::ptr_eq(t, inode)) {
            return Ok(());
        }
        self.check(inode, target.inode(), exchange)?;
        if source.is_mountpoint() || target.is_mountpoint() {
            return Err(Errno::EBUSY);
        }
        self.apply(&source, inode, &target, exchange)
    }

    /// Permissions and kinds.
    fn check(&self, inode: &Arc<Inode>, target: Option<&Arc<Inode>>, exchange: bool) -> Result<()> {
        let (from_dir, to_dir) = (self.from.inode()?, self.to.inode()?);
        may_delete(self.caller, from_dir, inode, inode.is_dir())?;
        match target {
            None => {
                if self.to.dir.dentry.is_deleted() {
                    return Err(Errno::ENOENT);
                }
                perm::check(to_dir, self.caller.cred, MAY_WRITE | MAY_EXEC)?;
            }
            Some(target) => may_delete(self.caller, to_dir, target, if exchange { target.is_dir() } else { inode.is_dir() })?,
        }
        if !Arc::ptr_eq(from_dir, to_dir) {
            // A directory's `..` changes: it must be writable.
            if inode.is_dir() {
                perm::check(inode, self.caller.cred, MAY_WRITE)?;
            }
            if exchange && let Some(target) = target.filter(|t| t.is_dir()) {
                perm::check(target, self.caller.cred, MAY_WRITE)?;
            }
        }
        Ok(())
    }

    fn apply(&self, source: &Arc<Dentry>, inode: &Arc<Inode>, target: &Arc<Dentry>, exchange: bool) -> Result<()> {
        let (from_dir, to_dir) = (self.from.inode()?, self.to.inode()?);
        let (from_name, to_name) = (self.from.name.as_bytes(), self.to.name.as_bytes());
        let from = RenameSide { dir: from_dir, name: from_name, inode: Some(inode) };
        let to = RenameSide { dir: to_dir, name: to_name, inode: target.inode() };
        inode.ops.dirty(inode)?;
        // A directory that is replaced must stay empty until it is gone.
        let replaced = target.inode().filter(|t| t.is_dir() && !exchange);
        let _inside = replaced.map(|t| t.lock.lock());
        from_dir.ops.rename(&from, &to, exchange)?;
        let moved = !Arc::ptr_eq(from_dir, to_dir);
        if moved && inode.is_dir() {
            from_dir.dec_nlink();
            to_dir.inc_nlink();
        }
        if exchange {
            if moved && target.inode().is_some_and(|t| t.is_dir()) {
                to_dir.dec_nlink();
                from_dir.inc_nlink();
            }
            dcache::remove(target);
            dcache::relocate(source, &self.to.dir.dentry, to_name);
            dcache::relocate(target, &self.from.dir.dentry, from_name);
            if let Some(target) = target.inode() {
                target.touch_change();
            }
        } else {
            self.tell(inode);
            match target.inode() {
                Some(old) => forget(to_dir, target, old, true),
                None => dcache::remove(target),
            }
            dcache::relocate(source, &self.to.dir.dentry, to_name);
        }
        from_dir.touch_modify();
        to_dir.touch_modify();
        inode.touch_change();
        if exchange {
            self.tell(inode);
        }
        Ok(())
    }

    fn tell(&self, inode: &Arc<Inode>) {
        if !notify::active() {
            return;
        }
        if let (Ok(from), Ok(to)) = (self.from.inode(), self.to.inode()) {
            let cookie = notify::next_cookie();
            notify::on_entry(from, inotify::MOVED_FROM, cookie, self.from.name.as_bytes(), inode.is_dir());
            notify::on_entry(to, inotify::MOVED_TO, cookie, self.to.name.as_bytes(), inode.is_dir());
            notify::on_inode(inode, inotify::MOVE_SELF);
        }
    }
}
