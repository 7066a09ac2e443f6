//! open(2), openat2(2): existing files, new ones, unnamed ones.

use alloc::sync::Arc;

use abi::{Errno, Result};

use super::context::Caller;
use super::create::{create_locked, new_node};
use super::dentry::Dentry;
use super::file::{File, OpenFlags};
use super::inode::Inode;
use super::mount::{MountFlags, Path};
use super::perm::{self, MAY_EXEC, MAY_READ, MAY_WRITE};
use super::types::FileType;
use super::walk::{self, Last, Parent, Walk, WalkFlags};
use super::{content, notify};
use abi::fs::inotify;

/// What open(2) is asked.
#[derive(Debug, Clone, Copy)]
pub struct OpenArgs {
    /// O_*, with O_CLOEXEC or not: that is the descriptor's affair.
    pub flags: OpenFlags,
    /// Permissions of a new file.
    pub mode: u32,
    /// openat2's RESOLVE_* ([`WalkFlags::from_resolve`]).
    pub resolve: WalkFlags,
}

impl OpenArgs {
    /// As open(2) without creation.
    pub fn new(flags: OpenFlags) -> OpenArgs {
        OpenArgs { flags, mode: 0, resolve: WalkFlags::empty() }
    }

    /// Whether it says no more than how to read and write a file that exists.
    #[inline]
    pub fn is_plain(&self) -> bool {
        let plain =
            OpenFlags::WRONLY | OpenFlags::RDWR | OpenFlags::APPEND | OpenFlags::NONBLOCK | OpenFlags::CLOEXEC | OpenFlags::LARGEFILE;
        plain.contains(self.flags) && self.resolve.is_empty()
    }

    /// Flags that contradict each other are EINVAL; O_PATH drops what it does not know.
    #[inline]
    fn checked(mut self) -> Result<OpenArgs> {
        let flags = self.flags;
        if flags.contains(OpenFlags::PATH) {
            let kept = OpenFlags::PATH | OpenFlags::DIRECTORY | OpenFlags::NOFOLLOW | OpenFlags::CLOEXEC;
            self.flags = flags & kept;
            return Ok(self);
        }
        if flags.contains(OpenFlags::TMPFILE_BIT) {
            let writes = matches!(flags.bits() & 3, 1 | 2);
            if !flags.contains(OpenFlags::DIRECTORY) || flags.contains(OpenFlags::CREAT) || !writes {
                return Err(Errno::EINVAL);
            }
        } else if flags.contains(OpenFlags::CREAT | OpenFlags::DIRECTORY) {
            return Err(Errno::EINVAL);
        }
        Ok(self)
    }

    /// MAY_* to be checked on the file.
    #[inline]
    fn access(&self) -> u32 {
        let wanted = match self.flags.bits() & 3 {
            0 => MAY_READ,
            1 => MAY_WRITE,
            _ => MAY_READ | MAY_WRITE,
        };
        if self.flags.contains(OpenFlags::TRUNC) { wanted | MAY_WRITE } else { wanted }
    }
}

/// Opens `path`, from `start` (or the current directory) unless it is absolute.
#[inline]
pub fn open(caller: &Caller<'_>, start: Option<Path>, path: &[u8], args: OpenArgs) -> Result<Arc<File>> {
    if args.is_plain() {
        let path = walk::lookup(caller, start, path, WalkFlags::FOLLOW)?;
        return existing(caller, path, args);
    }
    open_special(caller, start, path, args)
}

/// Opens the file at `path` with plain flags ([`OpenArgs::is_plain`]); `allowed` says whether the caller may do these MAY_* with it.
#[inline]
pub fn open_plain(path: Path, args: OpenArgs, allowed: impl FnOnce(&Inode, u32) -> Result<()>) -> Result<Arc<File>> {
    let inode = path.inode()?;
    let access = args.access();
    match inode.kind {
        FileType::Symlink => return Err(Errno::ELOOP),
        FileType::Directory if access & MAY_WRITE != 0 || args.flags.contains(OpenFlags::CREAT) => return Err(Errno::EISDIR),
        FileType::Char | FileType::Block if path.mount.flags().contains(MountFlags::NODEV) => return Err(Errno::EACCES),
        _ => {}
    }
    allowed(inode, access)?;
    open_checked(path, args.flags)
}

/// With flags that say more than how to read and write.
#[inline(never)]
fn open_special(caller: &Caller<'_>, start: Option<Path>, path: &[u8], args: OpenArgs) -> Result<Arc<File>> {
    let args = args.checked()?;
    let mut how = args.resolve;
    if !args.flags.intersects(OpenFlags::NOFOLLOW) {
        how |= WalkFlags::FOLLOW;
    }
    if args.flags.contains(OpenFlags::DIRECTORY) {
        how |= WalkFlags::DIRECTORY;
    }
    if args.flags.contains(OpenFlags::TMPFILE_BIT) {
        return open_unnamed(caller, Walk::new(caller, start, path, how).full(path)?, args);
    }
    if args.flags.contains(OpenFlags::CREAT) {
        return open_or_create(caller, Walk::new(caller, start, path, how | WalkFlags::QUIET), path, args);
    }
    let path = walk::lookup(caller, start, path, how)?;
    open_existing(caller, path, args)
}

/// Opens what is at `path` (also for file handles made elsewhere: /proc/self/fd, execve).
#[inline(never)]
pub fn open_existing(caller: &Caller<'_>, path: Path, args: OpenArgs) -> Result<Arc<File>> {
    existing(caller, path, args)
}

#[inline(always)]
fn existing(caller: &Caller<'_>, path: Path, args: OpenArgs) -> Result<Arc<File>> {
    if args.flags.contains(OpenFlags::PATH) {
        let ops = path.inode()?.clone();
        return Ok(File::with_path(ops, args.flags & !OpenFlags::CLOEXEC, path));
    }
    let file = open_plain(path, args, |inode, access| {
        perm::check(inode, caller.cred, access)?;
        if args.flags.contains(OpenFlags::NOATIME) { perm::check_owner(inode, caller.cred) } else { Ok(()) }
    })?;
    if args.flags.contains(OpenFlags::TRUNC)
        && let Some(inode) = file.inode()
        && inode.kind == FileType::Regular
    {
        content::truncate_opened(inode, 0)?;
        notify::on_inode(inode, inotify::MODIFY);
    }
    Ok(file)
}

/// Makes the description; permissions were checked, or the file was just made by the caller.
#[inline]
fn open_checked(path: Path, flags: OpenFlags) -> Result<Arc<File>> {
    let inode = path.inode()?;
    let writes = matches!(flags.bits() & 3, 1 | 2);
    let regular = inode.kind == FileType::Regular;
    if writes && (regular || inode.is_dir()) {
        path.mount.want_write()?;
    }
    if flags.contains(OpenFlags::DIRECT) && !regular && inode.is_dir() {
        return Err(Errno::EINVAL);
    }
    let counted = writes && regular;
    if counted {
        inode.get_write()?;
    }
    let kept = flags & !(OpenFlags::CREAT | OpenFlags::EXCL | OpenFlags::NOCTTY | OpenFlags::TRUNC | OpenFlags::CLOEXEC);
    let opened = if counted { inode.ops.dirty(inode) } else { Ok(()) }.and_then(|()| inode.ops.open(inode, kept));
    let ops = match opened {
        Ok(ops) => ops,
        Err(e) => {
            if counted {
                inode.put_write();
            }
            return Err(e);
        }
    };
    notify::on_dentry(&path.dentry, inotify::OPEN);
    Ok(File::with_path(ops, kept | OpenFlags::LARGEFILE, path))
}

/// O_CREAT: opens the last component, through symbolic links, or makes it.
fn open_or_create(caller: &Caller<'_>, mut walk: Walk<'_>, path: &[u8], args: OpenArgs) -> Result<Arc<File>> {
    let exclusive = args.flags.contains(OpenFlags::EXCL);
    let mut parent = walk.to_parent(path)?;
    loop {
        if parent.last != Last::Name {
            return Err(if exclusive { Errno::EEXIST } else { Errno::EISDIR });
        }
        if parent.slash {
            return Err(Errno::EISDIR);
        }
        let dentry = match find_or_create(caller, &parent, args)? {
            Ok(found) => found,
            Err(created) => {
                let path = Path { mount: parent.dir.mount, dentry: created };
                return open_checked(path, args.flags);
            }
        };
        if exclusive {
            return Err(Errno::EEXIST);
        }
        if dentry.inode().is_some_and(|i| i.kind == FileType::Symlink) {
            if args.flags.contains(OpenFlags::NOFOLLOW) {
                return Err(Errno::ELOOP);
            }
            match walk.follow_last(&dentry, false)? {
                Ok(next) => parent = next,
                Err(path) => return open_existing(caller, path, args),
            }
            continue;
        }
        let mut path = Path { mount: parent.dir.mount, dentry };
        if path.cross_down() && args.resolve.contains(WalkFlags::NO_XDEV) {
            return Err(Errno::EXDEV);
        }
        return open_existing(caller, path, args);
    }
}

/// The dentry of the name as `Ok`, or as `Err` the one of the regular file made for it.
fn find_or_create(caller: &Caller<'_>, parent: &Parent, args: OpenArgs) -> Result<Result<Arc<Dentry>, Arc<Dentry>>> {
    let dir = parent.directory()?;
    let _changes = dir.lock.lock();
    let dentry = parent.lookup_locked()?;
    if dentry.inode().is_some() {
        return Ok(Ok(dentry));
    }
    parent.dir.mount.want_write()?;
    let node = new_node(caller, dir, FileType::Regular, args.mode);
    create_locked(caller, parent, &dentry, &node).map(Err)
}

/// O_TMPFILE in the directory at `dir`.
fn open_unnamed(caller: &Caller<'_>, dir: Path, args: OpenArgs) -> Result<Arc<File>> {
    dir.mount.want_write()?;
    let inode = dir.inode()?;
    perm::check(inode, caller.cred, MAY_WRITE | MAY_EXEC)?;
    let made = inode.ops.tmpfile(inode, &new_node(caller, inode, FileType::Regular, args.mode))?;
    made.set_nlink(0);
    made.set_linkable(!args.flags.contains(OpenFlags::EXCL));
    let path = Path { dentry: unnamed_dentry(&dir.dentry, &made), mount: dir.mount };
    open_checked(path, args.flags & !OpenFlags::DIRECTORY)
}

/// A dentry for a file without a name, shown as `/tmp/#7 (deleted)`.
fn unnamed_dentry(dir: &Arc<Dentry>, inode: &Arc<Inode>) -> Arc<Dentry> {
    let dentry = Dentry::new(dir, alloc::format!("#{}", inode.ino).as_bytes(), Some(inode.clone()));
    dentry.set_deleted();
    dentry
}

/// A regular file of a kernel-private tmpfs, read-write, shown as `name` (memfd_create(2), shared memory).
pub fn open_private(inode: Arc<Inode>, mount: Arc<super::mount::Mount>, name: &[u8], flags: OpenFlags) -> Result<Arc<File>> {
    inode.set_nlink(0);
    let dentry = Dentry::root(inode, name);
    dentry.set_deleted();
    open_checked(Path { mount, dentry }, flags)
}
