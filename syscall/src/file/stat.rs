//! stat(2), statx(2), statfs(2), access(2).

use abi::fs::{AT_STATX_SYNC_TYPE, STATX_BASIC_STATS, STATX_RESERVED, Stat, Statfs, Statx, StatxTimestamp, at, magic, mode};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::process;
use kernel::vfs::walk::{self, WalkFlags};
use kernel::vfs::{Dev, File, attr};

use super::common::{CWD, Me, PathBuf, any_file, find, only, start, target};
use crate::args::{Fd, UserPath};

/// stat(2): complete.
pub fn stat(path: UserPath, out: UserPtr<Stat>) -> Result<()> {
    by_name(CWD, path, 0, out)
}

/// lstat(2): complete.
pub fn lstat(path: UserPath, out: UserPtr<Stat>) -> Result<()> {
    by_name(CWD, path, at::SYMLINK_NOFOLLOW, out)
}

/// fstat(2): complete.
pub fn fstat(fd: Fd, out: UserPtr<Stat>) -> Result<()> {
    out.write(&any_file(fd)?.stat())
}

/// newfstatat(2), that is fstatat(3): complete.
pub fn newfstatat(dirfd: Fd, path: UserPath, out: UserPtr<Stat>, flags: u32) -> Result<()> {
    only(flags, at::SYMLINK_NOFOLLOW | at::NO_AUTOMOUNT | at::EMPTY_PATH)?;
    by_name(dirfd, path, flags, out)
}

#[inline]
fn by_name(dirfd: Fd, path: UserPath, flags: u32, out: UserPtr<Stat>) -> Result<()> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    if path.is_empty() && flags & at::EMPTY_PATH != 0 && dirfd != CWD {
        return fstat(dirfd, out);
    }
    let follow = if flags & at::SYMLINK_NOFOLLOW == 0 { WalkFlags::FOLLOW } else { WalkFlags::empty() };
    let empty = if path.is_empty() && flags & at::EMPTY_PATH != 0 { WalkFlags::EMPTY } else { WalkFlags::empty() };
    let found = find(&process::current(), dirfd, path, follow | empty)?;
    out.write(&found.inode()?.stat())
}

/// statx(2): complete; the sync flags make no difference.
pub fn statx(dirfd: Fd, path: UserPath, flags: u32, mask: u32, out: UserPtr<Statx>) -> Result<()> {
    only(flags, at::SYMLINK_NOFOLLOW | at::NO_AUTOMOUNT | at::EMPTY_PATH | AT_STATX_SYNC_TYPE)?;
    if mask & STATX_RESERVED != 0 || flags & AT_STATX_SYNC_TYPE == AT_STATX_SYNC_TYPE {
        return Err(Errno::EINVAL);
    }
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    if path.is_empty() && flags & at::EMPTY_PATH != 0 && dirfd != CWD {
        return out.write(&of_file(&*any_file(dirfd)?));
    }
    let me = Me::now();
    let path = target(&me, dirfd, path, flags, flags & at::SYMLINK_NOFOLLOW == 0)?;
    out.write(&attr::statx(path.inode()?, Some(&path)))
}

fn of_file(file: &File) -> Statx {
    if let Some(inode) = file.inode() {
        return attr::statx(inode, file.path());
    }
    let stat = file.stat();
    let dev = Dev::decode(u32::try_from(stat.st_dev).unwrap_or(0));
    let small = |v: u64| u32::try_from(v).unwrap_or(u32::MAX);
    let time = |sec, nsec: i64| StatxTimestamp { tv_sec: sec, tv_nsec: u32::try_from(nsec).unwrap_or(0), reserved: 0 };
    Statx {
        stx_mask: STATX_BASIC_STATS,
        stx_blksize: 4096,
        stx_nlink: small(stat.st_nlink),
        stx_uid: stat.st_uid,
        stx_gid: stat.st_gid,
        stx_mode: u16::try_from(stat.st_mode).unwrap_or(0),
        stx_ino: stat.st_ino,
        stx_size: stat.st_size.unsigned_abs(),
        stx_atime: time(stat.st_atime, stat.st_atime_nsec),
        stx_ctime: time(stat.st_ctime, stat.st_ctime_nsec),
        stx_mtime: time(stat.st_mtime, stat.st_mtime_nsec),
        stx_dev_major: dev.major,
        stx_dev_minor: dev.minor,
        ..Statx::default()
    }
}

/// statfs(2): complete.
pub fn statfs(path: UserPath, out: UserPtr<Statfs>) -> Result<()> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let me = Me::now();
    out.write(&target(&me, CWD, path, 0, true)?.mount.statfs())
}

/// fstatfs(2): complete; pipes, sockets and event files report the magic numbers of Linux's internal file systems.
pub fn fstatfs(fd: Fd, out: UserPtr<Statfs>) -> Result<()> {
    let file = any_file(fd)?;
    let answer = match file.path() {
        Some(path) => path.mount.statfs(),
        None => {
            let f_type = match file.stat().st_mode & mode::S_IFMT {
                mode::S_IFIFO => magic::PIPEFS,
                mode::S_IFSOCK => magic::SOCKFS,
                _ => magic::ANON_INODE,
            };
            Statfs { f_type, f_bsize: 4096, f_frsize: 4096, f_namelen: 255, ..Statfs::default() }
        }
    };
    out.write(&answer)
}

/// access(2): complete.
pub fn access(path: UserPath, want: u32) -> Result<()> {
    faccessat2(CWD, path, want, 0)
}

/// faccessat(2), the call without flags: complete.
pub fn faccessat(dirfd: Fd, path: UserPath, want: u32) -> Result<()> {
    faccessat2(dirfd, path, want, 0)
}

/// faccessat2(2): complete.
pub fn faccessat2(dirfd: Fd, path: UserPath, want: u32, flags: u32) -> Result<()> {
    if want & !7 != 0 {
        return Err(Errno::EINVAL);
    }
    only(flags, at::EACCESS | at::SYMLINK_NOFOLLOW | at::EMPTY_PATH)?;
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let mut me = Me::now();
    let cred = &me.cred;
    if flags & at::EACCESS == 0 && (cred.fsuid != cred.uid || cred.fsgid != cred.gid || cred.uid != 0 && cred.cap_effective != 0) {
        me.cred = alloc::sync::Arc::new(attr::real_ids(&me.cred));
    }
    if path.is_empty() && flags & at::EMPTY_PATH != 0 {
        return attr::access(&me.cred, &target(&me, dirfd, path, flags, false)?, want);
    }
    let follow = if flags & at::SYMLINK_NOFOLLOW == 0 { WalkFlags::FOLLOW } else { WalkFlags::empty() };
    let found = walk::lookup(&me.caller(), start(dirfd, path)?, path, follow)?;
    attr::access(&me.cred, &found, want)
}
