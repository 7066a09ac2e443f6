//! Directories: mkdir(2), rmdir(2), getdents64(2), getcwd(2), chdir(2), chroot(2), mknod(2).

use alloc::vec::Vec;

use abi::fs::{Dirent64, PATH_MAX};
use abi::{Errno, Result};
use hal::user::{self, UserPtr};
use kernel::vfs::walk::{self, WalkFlags};
use kernel::vfs::{Dev, DirEntry, create, mounting, remove};
use zerocopy::IntoBytes;

use super::common::{CWD, Me, PathBuf, any_file, start};
use crate::args::{Fd, UserPath};
use crate::io::current::files;

/// mkdir(2): complete.
pub fn mkdir(path: UserPath, mode: u32) -> Result<()> {
    mkdirat(CWD, path, mode)
}

/// mkdirat(2): complete.
pub fn mkdirat(dirfd: Fd, path: UserPath, mode: u32) -> Result<()> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    create::mkdir(&Me::now().caller(), start(dirfd, path)?, path, mode)
}

/// rmdir(2): complete.
pub fn rmdir(path: UserPath) -> Result<()> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    remove::rmdir(&Me::now().caller(), None, path)
}

/// mknod(2): complete.
pub fn mknod(path: UserPath, mode: u32, dev: u32) -> Result<()> {
    mknodat(CWD, path, mode, dev)
}

/// mknodat(2): complete.
pub fn mknodat(dirfd: Fd, path: UserPath, mode: u32, dev: u32) -> Result<()> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    create::mknod(&Me::now().caller(), start(dirfd, path)?, path, mode, Dev::decode(dev)).map(drop)
}

/// chdir(2): complete.
pub fn chdir(path: UserPath) -> Result<()> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let me = Me::now();
    let place = walk::lookup(&me.caller(), None, path, WalkFlags::FOLLOW | WalkFlags::DIRECTORY)?;
    mounting::chdir(&me.caller(), place)
}

/// fchdir(2): complete.
pub fn fchdir(fd: Fd) -> Result<()> {
    let place = any_file(fd)?.path().cloned().ok_or(Errno::ENOTDIR)?;
    mounting::chdir(&Me::now().caller(), place)
}

/// chroot(2): complete.
pub fn chroot(path: UserPath) -> Result<()> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let me = Me::now();
    let place = walk::lookup(&me.caller(), None, path, WalkFlags::FOLLOW | WalkFlags::DIRECTORY)?;
    mounting::chroot(&me.caller(), place)
}

/// getcwd(2): complete. The length with the NUL; ENOENT when the directory was removed.
pub fn getcwd(buf: UserPtr<u8>, size: usize) -> Result<usize> {
    let me = Me::now();
    let cwd = me.fs.cwd();
    if cwd.dentry.is_deleted() {
        return Err(Errno::ENOENT);
    }
    let mut text = cwd.to_bytes(&me.fs.root());
    text.push(0);
    if text.len() > PATH_MAX {
        return Err(Errno::ENAMETOOLONG);
    }
    if text.len() > size {
        return Err(Errno::ERANGE);
    }
    user::write_bytes(buf.addr(), &text)?;
    Ok(text.len())
}

/// umask(2): complete.
pub fn umask(mask: u32) -> Result<u32> {
    Ok(Me::now().fs.set_umask(mask))
}

/// The most that is gathered before it is copied out.
const BATCH: usize = 32768;

/// getdents64(2): complete.
pub fn getdents64(fd: Fd, out: UserPtr<u8>, count: u32) -> Result<usize> {
    entries(fd, out, count, |buf, room, e| {
        let len = (size_of::<Dirent64>() + e.name.len() + 1).next_multiple_of(8);
        let Ok(d_reclen) = u16::try_from(len) else { return false };
        if len > room {
            return false;
        }
        let end = buf.len() + len;
        let head = Dirent64 { d_ino: e.ino, d_off: e.next.cast_signed(), d_reclen, d_type: e.kind.dt() };
        buf.extend_from_slice(head.as_bytes());
        buf.extend_from_slice(e.name);
        buf.resize(end, 0);
        true
    })
}

/// getdents(2), the old form: complete.
pub fn getdents(fd: Fd, out: UserPtr<u8>, count: u32) -> Result<usize> {
    const HEAD: usize = 18;
    entries(fd, out, count, |buf, room, e| {
        // d_type is the last byte of the record.
        let len = (HEAD + e.name.len() + 2).next_multiple_of(8);
        let Ok(reclen) = u16::try_from(len) else { return false };
        if len > room {
            return false;
        }
        let end = buf.len() + len;
        buf.extend_from_slice(&e.ino.to_le_bytes());
        buf.extend_from_slice(&e.next.to_le_bytes());
        buf.extend_from_slice(&reclen.to_le_bytes());
        buf.extend_from_slice(e.name);
        buf.resize(end - 1, 0);
        buf.push(e.kind.dt());
        true
    })
}

/// Gathers records with `put(buffer, room left, entry)`, copies them out and moves the position. EINVAL when not one entry fits.
fn entries(fd: Fd, out: UserPtr<u8>, count: u32, put: impl Fn(&mut Vec<u8>, usize, &DirEntry<'_>) -> bool) -> Result<usize> {
    let file = files().get(fd.0)?;
    let room = usize::try_from(count).unwrap_or(usize::MAX).min(BATCH);
    let mut pos = file.pos.lock();
    let mut buf = Vec::new();
    buf.try_reserve(room.min(4096)).map_err(|_| Errno::ENOMEM)?;
    let mut next = *pos;
    let mut full = false;
    file.ops.read_dir(&file, *pos, &mut |entry| {
        let used = buf.len();
        full = !put(&mut buf, room - used, &entry);
        if !full {
            next = entry.next;
        }
        !full
    })?;
    if buf.is_empty() && full {
        return Err(Errno::EINVAL);
    }
    user::write_bytes(out.addr(), &buf)?;
    *pos = next;
    Ok(buf.len())
}
