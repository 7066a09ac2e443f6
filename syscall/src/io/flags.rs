//! fcntl(2).

use abi::io::FOwnerEx;
use abi::io::fcntl::*;
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::fd::pipe::PipeEnd;
use kernel::fd::sigio;
use kernel::process::{current, find};
use kernel::vfs::file::{File, OpenFlags};
use kernel::vfs::perm;

use super::current::{file_raw, files, nofile};
use super::lock;
use crate::args::Fd;

/// fcntl(2): complete but for F_SETLEASE and F_NOTIFY, which say EINVAL.
pub fn fcntl(fd: Fd, cmd: u32, arg: usize) -> Result<usize> {
    let file = file_raw(fd)?;
    let low = u32::try_from(arg & 0xffff_ffff).unwrap_or(0);
    match cmd {
        F_DUPFD | F_DUPFD_CLOEXEC => {
            let min = usize::try_from(low.cast_signed()).map_err(|_| Errno::EINVAL)?;
            let new = files().insert_from(min, file, cmd == F_DUPFD_CLOEXEC, nofile())?;
            usize::try_from(new).map_err(|_| Errno::EBADF)
        }
        F_GETFD => files().cloexec(fd.0).map(usize::from),
        F_SETFD => files().set_cloexec(fd.0, low & FD_CLOEXEC != 0).map(|()| 0),
        F_GETFL => Ok(status(&file)),
        _ if file.flags().contains(OpenFlags::PATH) => Err(Errno::EBADF),
        F_SETFL => set_status(fd, &file, OpenFlags::from_bits_retain(low)).map(|()| 0),
        F_GETLK | F_OFD_GETLK => lock::get(&file, UserPtr::new(arg), cmd == F_OFD_GETLK).map(|()| 0),
        F_SETLK | F_SETLKW | F_OFD_SETLK | F_OFD_SETLKW => lock::set(&file, UserPtr::new(arg), cmd).map(|()| 0),
        F_GETPIPE_SZ => PipeEnd::of(&file).map(|pipe| pipe.capacity()).ok_or(Errno::EBADF),
        F_SETPIPE_SZ => PipeEnd::of(&file).ok_or(Errno::EBADF)?.set_capacity(low as usize), // widening
        F_ADD_SEALS | F_GET_SEALS => seals(&file, cmd, low),
        F_GETLEASE => Ok(2), // F_UNLCK: there are no leases
        F_SETOWN | F_GETOWN | F_SETOWN_EX | F_GETOWN_EX | F_SETSIG | F_GETSIG => owner(fd, &file, cmd, arg),
        _ => Err(Errno::EINVAL),
    }
}

/// What F_GETFL shows: 64-bit programs always see O_LARGEFILE on files that were opened by a path.
fn status(file: &File) -> usize {
    file.flags().bits() as usize // widening
}

/// F_SETFL: replaces the flags that may change. EPERM for O_NOATIME on somebody else's file, EINVAL for O_DIRECT where it is not known.
pub fn set_status(fd: Fd, file: &File, wanted: OpenFlags) -> Result<()> {
    let may = OpenFlags::APPEND | OpenFlags::ASYNC | OpenFlags::DIRECT | OpenFlags::NOATIME | OpenFlags::NONBLOCK;
    let old = file.flags();
    if wanted.contains(OpenFlags::NOATIME)
        && !old.contains(OpenFlags::NOATIME)
        && let Some(inode) = file.inode()
    {
        perm::check_owner(inode, &current().cred())?;
    }
    if wanted.contains(OpenFlags::DIRECT) && file.inode().is_none() && PipeEnd::of(file).is_none() {
        return Err(Errno::EINVAL);
    }
    file.ops.check_flags(file, wanted & may)?;
    if (old ^ wanted).contains(OpenFlags::ASYNC) {
        sigio::switch(fd.0, file, wanted.contains(OpenFlags::ASYNC));
    }
    file.set_flags((old - may) | (wanted & may));
    Ok(())
}

fn seals(file: &File, cmd: u32, seals: u32) -> Result<usize> {
    let inode = file.inode().ok_or(Errno::EINVAL)?;
    let known = inode.seals.get()?;
    if cmd == F_GET_SEALS {
        return Ok(known as usize); // widening
    }
    if !file.writable() {
        return Err(Errno::EPERM);
    }
    let mapped = file.ops.page_cache(file).is_ok_and(|pages| pages.is_mapped_writable());
    inode.seals.add(seals, mapped).map(|()| 0)
}

/// Who gets SIGIO.
fn owner(fd: Fd, file: &File, cmd: u32, arg: usize) -> Result<usize> {
    let low = u32::try_from(arg & 0xffff_ffff).unwrap_or(0).cast_signed();
    let now = sigio::get(file);
    let new = match cmd {
        F_GETOWN => return Ok(now.pid as isize as usize), // sign-extending, as Linux returns it
        F_GETSIG => return Ok(now.signal as usize),       // at most 64
        F_GETOWN_EX => {
            let kind = if now.pid < 0 { F_OWNER_PGRP } else { now.kind };
            UserPtr::<FOwnerEx>::new(arg).write(&FOwnerEx { kind, pid: now.pid.checked_abs().unwrap_or(0) })?;
            return Ok(0);
        }
        F_SETOWN if low == i32::MIN => return Err(Errno::EINVAL),
        F_SETOWN => sigio::Owner { pid: low, kind: F_OWNER_PID, ..now },
        F_SETSIG => match u32::try_from(low) {
            Ok(signal @ 0..=64) => sigio::Owner { signal, ..now },
            _ => return Err(Errno::EINVAL),
        },
        _ => {
            let wanted = UserPtr::<FOwnerEx>::new(arg).read()?;
            let pid = match wanted.kind {
                F_OWNER_TID | F_OWNER_PID => wanted.pid,
                F_OWNER_PGRP => wanted.pid.checked_neg().ok_or(Errno::EINVAL)?,
                _ => return Err(Errno::EINVAL),
            };
            sigio::Owner { pid, kind: wanted.kind, ..now }
        }
    };
    if new.pid != now.pid && new.pid != 0 && find(new.pid.checked_abs().unwrap_or(0)).is_none() {
        return Err(Errno::ESRCH);
    }
    sigio::set(fd.0, file, new);
    Ok(0)
}
