//! Locks on files: flock(2) and the lock commands of fcntl(2).

use alloc::sync::Arc;

use abi::fs::seek;
use abi::io::Flock;
use abi::io::fcntl::{F_OFD_SETLK, F_OFD_SETLKW, F_RDLCK, F_SETLK, F_SETLKW, F_UNLCK, F_WRLCK};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::process::current;
use kernel::vfs::file::File;
use kernel::vfs::inode::Inode;
use kernel::vfs::locks::{Lock, Owner, TO_END};

use super::current::{file, files};
use crate::args::Fd;

const LOCK_SH: u32 = 1;
const LOCK_EX: u32 = 2;
const LOCK_NB: u32 = 4;
const LOCK_UN: u32 = 8;
const LOCK_MAND: u32 = 32;

/// flock(2): complete.
pub fn flock(fd: Fd, operation: u32) -> Result<()> {
    if operation & LOCK_MAND != 0 {
        return Ok(()); // as Linux since 5.18, which no longer has such locks
    }
    if !matches!(operation & !LOCK_NB, LOCK_SH | LOCK_EX | LOCK_UN) {
        return Err(Errno::EINVAL);
    }
    let file = file(fd)?;
    match operation & !LOCK_NB {
        LOCK_UN => file.funlock(),
        kind @ (LOCK_SH | LOCK_EX) => file.flock(kind == LOCK_EX, operation & LOCK_NB == 0)?,
        _ => return Err(Errno::EINVAL),
    }
    Ok(())
}

/// A struct flock as first and last byte; EINVAL, EOVERFLOW.
fn range(file: &File, inode: &Inode, flock: &Flock) -> Result<(u64, u64)> {
    let base = match u32::try_from(flock.l_whence) {
        Ok(seek::SET) => 0,
        Ok(seek::CUR) => i64::try_from(*file.pos.lock()).map_err(|_| Errno::EOVERFLOW)?,
        Ok(seek::END) => i64::try_from(inode.size()).map_err(|_| Errno::EOVERFLOW)?,
        _ => return Err(Errno::EINVAL),
    };
    let start = base.checked_add(flock.l_start).ok_or(Errno::EOVERFLOW)?;
    let (start, end) = match flock.l_len {
        0 => (start, i64::MAX),
        len if len > 0 => (start, start.checked_add(len - 1).ok_or(Errno::EOVERFLOW)?),
        len => (start.checked_add(len).ok_or(Errno::EINVAL)?, start - 1),
    };
    let start = u64::try_from(start).map_err(|_| Errno::EINVAL)?;
    Ok((start, u64::try_from(end).map_err(|_| Errno::EINVAL)?))
}

/// The owner that a command means, and the process id its locks show.
fn owner(file: &File, description: bool) -> (Owner, i32) {
    if description { (Owner::Description(file.id()), -1) } else { (Owner::Process(files().id()), current().pid()) }
}

/// F_GETLK and F_OFD_GETLK.
pub fn get(file: &File, at: UserPtr<Flock>, description: bool) -> Result<()> {
    let mut flock = at.read()?;
    if description && flock.l_pid != 0 || !matches!(flock.l_type, F_RDLCK | F_WRLCK) {
        return Err(Errno::EINVAL);
    }
    let inode = file.inode().ok_or(Errno::EINVAL)?;
    let (start, end) = range(file, inode, &flock)?;
    let (owner, pid) = owner(file, description);
    match inode.range_conflict(&Lock { owner, exclusive: flock.l_type == F_WRLCK, start, end, pid }) {
        None => flock.l_type = F_UNLCK,
        Some(lock) => {
            flock.l_type = if lock.exclusive { F_WRLCK } else { F_RDLCK };
            flock.l_whence = 0;
            flock.l_start = lock.start.cast_signed();
            flock.l_len = if lock.end == TO_END { 0 } else { (lock.end - lock.start + 1).cast_signed() };
            flock.l_pid = lock.pid;
        }
    }
    at.write(&flock)
}

/// F_SETLK, F_SETLKW, F_OFD_SETLK and F_OFD_SETLKW.
pub fn set(file: &Arc<File>, at: UserPtr<Flock>, command: u32) -> Result<()> {
    let flock = at.read()?;
    let description = matches!(command, F_OFD_SETLK | F_OFD_SETLKW);
    let allowed = match flock.l_type {
        F_RDLCK => Some(file.readable()),
        F_WRLCK => Some(file.writable()),
        F_UNLCK => Some(true),
        _ => None,
    };
    let Some(inode) = file.inode() else { return Err(if allowed == Some(false) { Errno::EBADF } else { Errno::EINVAL }) };
    let (start, end) = range(file, inode, &flock)?;
    if description && flock.l_pid != 0 {
        return Err(Errno::EINVAL);
    }
    let (owner, pid) = owner(file, description);
    if !allowed.ok_or(Errno::EINVAL)? {
        return Err(Errno::EBADF);
    }
    if flock.l_type == F_UNLCK {
        inode.range_unlock(owner, start, end);
        return Ok(());
    }
    let wait = !matches!(command, F_SETLK | F_OFD_SETLK);
    debug_assert!(wait == matches!(command, F_SETLKW | F_OFD_SETLKW));
    inode.range_lock(Lock { owner, exclusive: flock.l_type == F_WRLCK, start, end, pid }, wait)
}
