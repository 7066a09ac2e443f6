//! What a file system implements for its inodes. Every method has the answer of a file that lacks the operation, so that a small file
//! system (devfs, procfs) writes only what it has.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;

use abi::{Errno, Result};

use super::attr::NewTime;
use super::context::Caller;
use super::dev;
use super::file::{FileOps, OpenFlags};
use super::inode::Inode;
use super::mount::Path;
use super::types::{Dev, FileType};
use crate::mm::PageCache;

/// A file to be made.
pub struct NewNode<'a> {
    /// Its kind.
    pub kind: FileType,
    /// Permission bits, umask applied.
    pub perm: u32,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// For devices.
    pub rdev: Dev,
    /// For symbolic links.
    pub target: &'a [u8],
}

/// Where a symbolic link leads.
pub enum Link<'a> {
    /// To be walked from the link's directory.
    Text(Cow<'a, [u8]>),
    /// There at once, without a walk (/proc/self/fd/N, /proc/self/exe).
    Magic(Path),
}

/// One name of a directory, for getdents64(2).
pub struct DirEntry<'a> {
    /// The name.
    pub name: &'a [u8],
    /// Inode number.
    pub ino: u64,
    /// Kind.
    pub kind: FileType,
    /// The cookie that continues after this entry (above 0).
    pub next: u64,
}

/// Takes entries; false when there is no more room: that entry was not taken.
pub type Emit<'a> = dyn FnMut(DirEntry<'_>) -> bool + 'a;

/// A change of attributes.
pub enum AttrChange {
    /// chmod(2): permission bits.
    Perm(u32),
    /// chown(2): owner, group; `None` stays.
    Owner(Option<u32>, Option<u32>),
    /// utimensat(2): access, modification.
    Times(NewTime, NewTime),
    /// truncate(2): bytes.
    Size(u64),
}

/// One side of a rename.
pub struct RenameSide<'a> {
    /// The directory.
    pub dir: &'a Arc<Inode>,
    /// The name in it.
    pub name: &'a [u8],
    /// What the name is now.
    pub inode: Option<&'a Arc<Inode>>,
}

/// What an inode can do. The VFS has checked permissions, mounts, kinds and names, and holds `lock` of the directories it changes.
pub trait InodeOps: Send + Sync {
    /// Directory: the inode of `name` (never `.` or `..`), ENOENT if there is none.
    fn lookup(&self, _dir: &Arc<Inode>, _name: &[u8]) -> Result<Arc<Inode>> {
        Err(Errno::ENOTDIR)
    }

    /// Directory: whether names found in it may be remembered. False where they come and go by themselves (/proc).
    fn cacheable(&self) -> bool {
        true
    }

    /// Directory: makes a file; `name` is known not to exist.
    fn create(&self, _dir: &Arc<Inode>, _name: &[u8], _node: &NewNode<'_>) -> Result<Arc<Inode>> {
        Err(Errno::EPERM)
    }

    /// Directory: makes a regular file without a name (O_TMPFILE).
    fn tmpfile(&self, _dir: &Arc<Inode>, _node: &NewNode<'_>) -> Result<Arc<Inode>> {
        Err(Errno::EOPNOTSUPP)
    }

    /// Directory: gives `target` another name.
    fn link(&self, _dir: &Arc<Inode>, _name: &[u8], _target: &Arc<Inode>) -> Result<()> {
        Err(Errno::EPERM)
    }

    /// Directory: removes `name`, which is `target`, no directory.
    fn unlink(&self, _dir: &Arc<Inode>, _name: &[u8], _target: &Arc<Inode>) -> Result<()> {
        Err(Errno::EPERM)
    }

    /// Directory: removes the directory `target`; ENOTEMPTY.
    fn rmdir(&self, _dir: &Arc<Inode>, _name: &[u8], _target: &Arc<Inode>) -> Result<()> {
        Err(Errno::EPERM)
    }

    /// Directory (called on the old one): moves `from` to `to`, replacing what is there, or swaps them.
    fn rename(&self, _from: &RenameSide<'_>, _to: &RenameSide<'_>, _exchange: bool) -> Result<()> {
        Err(Errno::EPERM)
    }

    /// Directory: the entries after `cookie` (0: the first), without `.` and `..`, until `emit` says no.
    fn read_dir(&self, _dir: &Arc<Inode>, _cookie: u64, _emit: &mut Emit<'_>) -> Result<()> {
        Err(Errno::ENOTDIR)
    }

    /// Symbolic link: where it leads.
    fn follow(&self, _inode: &Arc<Inode>, _caller: &Caller<'_>) -> Result<Link<'_>> {
        Err(Errno::EINVAL)
    }

    /// Symbolic link: what readlink(2) says, when that is not the text of [`InodeOps::follow`] (magic links).
    fn read_link(&self, inode: &Arc<Inode>, caller: &Caller<'_>) -> Result<Cow<'_, [u8]>> {
        match self.follow(inode, caller)? {
            Link::Text(text) => Ok(text),
            Link::Magic(path) => Ok(Cow::Owned(path.to_bytes(&caller.fs.root()))),
        }
    }

    /// Makes the behaviour of an open file. Permission was checked; the default suits every file with contents or entries here, devices and FIFOs.
    fn open(&self, inode: &Arc<Inode>, flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        match inode.kind {
            FileType::Regular | FileType::Directory => Ok(inode.clone()),
            FileType::Char | FileType::Block => dev::open_device(inode, flags),
            FileType::Fifo => dev::open_fifo(inode, flags),
            FileType::Socket => Err(Errno::ENXIO),
            FileType::Symlink => Err(Errno::ELOOP),
        }
    }

    /// Regular file: its pages, made at first use.
    fn make_pages(&self, _inode: &Inode) -> Result<Arc<PageCache>> {
        Err(Errno::EINVAL)
    }

    /// Attributes are about to be looked at: the place to bring those up to date that are made on demand.
    fn refresh(&self, _inode: &Inode) {}

    /// Attributes were or will be changed in memory: keep the inode. An error refuses the change.
    fn dirty(&self, _inode: &Arc<Inode>) -> Result<()> {
        Ok(())
    }

    /// Attributes change as told: for file systems that keep them elsewhere too. The ones here are changed afterwards; an error refuses the change.
    fn set_attr(&self, _inode: &Arc<Inode>, _change: &AttrChange) -> Result<()> {
        Ok(())
    }

    /// Directory: whether names come, go and change meaning by themselves, so that a remembered one is asked about at each walk that ends there.
    fn volatile(&self) -> bool {
        false
    }

    /// Directory that is [`InodeOps::volatile`]: whether `name` still is `known` (`None`: is not there). `lock` is held.
    fn revalidate(&self, _dir: &Arc<Inode>, _name: &[u8], _known: Option<&Arc<Inode>>) -> bool {
        true
    }

    /// 512-byte blocks in use.
    fn blocks(&self, inode: &Inode) -> u64 {
        if inode.kind == FileType::Regular { inode.size().div_ceil(4096) * 8 } else { 0 }
    }

    /// Value of an extended attribute (full name); ENODATA.
    fn get_xattr(&self, _inode: &Inode, _name: &[u8]) -> Result<Vec<u8>> {
        Err(Errno::EOPNOTSUPP)
    }

    /// Sets an extended attribute; `flags` as setxattr(2), checked for known bits.
    fn set_xattr(&self, _inode: &Arc<Inode>, _name: &[u8], _value: &[u8], _flags: u32) -> Result<()> {
        Err(Errno::EOPNOTSUPP)
    }

    /// Removes an extended attribute; ENODATA.
    fn remove_xattr(&self, _inode: &Arc<Inode>, _name: &[u8]) -> Result<()> {
        Err(Errno::EOPNOTSUPP)
    }

    /// Calls `visit` with each full name.
    fn list_xattr(&self, _inode: &Inode, _visit: &mut dyn FnMut(&[u8])) -> Result<()> {
        Ok(())
    }

    /// For the file system itself to find its own type.
    fn as_any(&self) -> &dyn Any;

    /// For the file system itself, when it is the last to hold the inode.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}
