//! Names: link(2), symlink(2), readlink(2), unlink(2), rename(2).

use abi::fs::at;
use abi::{Errno, Result};
use hal::user::{self, UserPtr};
use kernel::cred::cap;
use kernel::vfs::walk::{self, WalkFlags};
use kernel::vfs::{FileType, create, remove, rename as moving};

use super::common::{CWD, Me, PathBuf, any_file, only, start, target};
use crate::args::{Fd, UserPath};

/// link(2): complete.
pub fn link(old: UserPath, new: UserPath) -> Result<()> {
    linkat(CWD, old, CWD, new, 0)
}

/// linkat(2): complete; AT_EMPTY_PATH needs CAP_DAC_READ_SEARCH.
pub fn linkat(olddir: Fd, old: UserPath, newdir: Fd, new: UserPath, flags: u32) -> Result<()> {
    only(flags, at::SYMLINK_FOLLOW | at::EMPTY_PATH)?;
    let (mut old_buf, mut new_buf) = (PathBuf::new(), PathBuf::new());
    let (old, new) = (old_buf.read(old)?, new_buf.read(new)?);
    let me = Me::now();
    if flags & at::EMPTY_PATH != 0 && old.is_empty() && !me.cred.capable(cap::DAC_READ_SEARCH) {
        return Err(Errno::ENOENT);
    }
    let source = target(&me, olddir, old, flags, flags & at::SYMLINK_FOLLOW != 0)?;
    create::link(&me.caller(), &source, start(newdir, new)?, new)
}

/// symlink(2): complete.
pub fn symlink(text: UserPath, path: UserPath) -> Result<()> {
    symlinkat(text, CWD, path)
}

/// symlinkat(2): complete.
pub fn symlinkat(text: UserPath, dirfd: Fd, path: UserPath) -> Result<()> {
    let (mut text_buf, mut path_buf) = (PathBuf::new(), PathBuf::new());
    let (text, path) = (text_buf.read(text)?, path_buf.read(path)?);
    create::symlink(&Me::now().caller(), text, start(dirfd, path)?, path)
}

/// readlink(2): complete.
pub fn readlink(path: UserPath, out: UserPtr<u8>, size: i32) -> Result<usize> {
    readlinkat(CWD, path, out, size)
}

/// readlinkat(2): complete.
pub fn readlinkat(dirfd: Fd, path: UserPath, out: UserPtr<u8>, size: i32) -> Result<usize> {
    let size = usize::try_from(size).ok().filter(|s| *s > 0).ok_or(Errno::EINVAL)?;
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let me = Me::now();
    let empty = path.is_empty();
    let found = if empty && dirfd != CWD {
        any_file(dirfd)?.path().cloned().ok_or(Errno::ENOENT)?
    } else {
        walk::lookup(&me.caller(), start(dirfd, path)?, path, WalkFlags::empty())?
    };
    let inode = found.inode()?;
    if inode.kind != FileType::Symlink {
        return Err(if empty { Errno::ENOENT } else { Errno::EINVAL });
    }
    inode.touch_access(false);
    let text = inode.ops.read_link(inode, &me.caller())?;
    let len = text.len().min(size);
    user::write_bytes(out.addr(), &text[..len])?;
    Ok(len)
}

/// unlink(2): complete.
pub fn unlink(path: UserPath) -> Result<()> {
    unlinkat(CWD, path, 0)
}

/// unlinkat(2): complete.
pub fn unlinkat(dirfd: Fd, path: UserPath, flags: u32) -> Result<()> {
    only(flags, at::REMOVEDIR)?;
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let me = Me::now();
    let from = start(dirfd, path)?;
    if flags & at::REMOVEDIR != 0 { remove::rmdir(&me.caller(), from, path) } else { remove::unlink(&me.caller(), from, path) }
}

/// rename(2): complete.
pub fn rename(old: UserPath, new: UserPath) -> Result<()> {
    renameat2(CWD, old, CWD, new, 0)
}

/// renameat(2): complete.
pub fn renameat(olddir: Fd, old: UserPath, newdir: Fd, new: UserPath) -> Result<()> {
    renameat2(olddir, old, newdir, new, 0)
}

/// renameat2(2): RENAME_NOREPLACE and RENAME_EXCHANGE; RENAME_WHITEOUT says EINVAL, as most file systems do.
pub fn renameat2(olddir: Fd, old: UserPath, newdir: Fd, new: UserPath, flags: u32) -> Result<()> {
    let (mut old_buf, mut new_buf) = (PathBuf::new(), PathBuf::new());
    let (old, new) = (old_buf.read(old)?, new_buf.read(new)?);
    let me = Me::now();
    moving::rename(&me.caller(), (start(olddir, old)?, old), (start(newdir, new)?, new), flags)
}
