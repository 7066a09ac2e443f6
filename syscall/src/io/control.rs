//! ioctl(2): what works on every file, then what the file itself knows.

use abi::io::{FIOASYNC, FIOCLEX, FIONBIO, FIONCLEX, FIONREAD, FIOQSIZE};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::process::unsupported;
use kernel::vfs::FileType;
use kernel::vfs::file::{File, OpenFlags};

use super::current::files;
use super::flags::set_status;
use crate::args::Fd;

/// ioctl(2): FIOCLEX, FIONCLEX, FIONBIO, FIOASYNC, and the commands of the file's kind.
pub fn ioctl(fd: Fd, cmd: u32, arg: usize) -> Result<usize> {
    let files = files();
    let file = files.get(fd.0)?;
    match cmd {
        FIOCLEX => files.set_cloexec(fd.0, true).map(|()| 0),
        FIONCLEX => files.set_cloexec(fd.0, false).map(|()| 0),
        FIONBIO => switch(fd, &file, OpenFlags::NONBLOCK, arg),
        FIOASYNC => switch(fd, &file, OpenFlags::ASYNC, arg),
        FIONREAD | FIOQSIZE if file.inode().is_some_and(|inode| inode.kind == FileType::Regular) => size(&file, cmd, arg),
        _ => file.ops.ioctl(&file, cmd, arg).inspect_err(|errno| {
            if *errno == Errno::ENOTTY {
                unsupported::ioctl(cmd);
            }
        }),
    }
}

/// FIONREAD: bytes from the position to the end; FIOQSIZE: all bytes.
fn size(file: &File, cmd: u32, arg: usize) -> Result<usize> {
    let size = file.inode().map_or(0, |inode| inode.size());
    if cmd == FIOQSIZE {
        UserPtr::<u64>::new(arg).write(&size)?;
    } else {
        let left = size.cast_signed().wrapping_sub(file.pos.lock().cast_signed());
        UserPtr::<i32>::new(arg).write(&i32::try_from(left).unwrap_or(i32::MAX))?;
    }
    Ok(0)
}

fn switch(fd: Fd, file: &File, flag: OpenFlags, arg: usize) -> Result<usize> {
    let on = UserPtr::<i32>::new(arg).read()? != 0;
    if flag == OpenFlags::ASYNC && file.ops.poll_head().is_none() {
        return Err(Errno::ENOTTY);
    }
    let mut flags = file.flags();
    flags.set(flag, on);
    set_status(fd, file, flags)?;
    Ok(0)
}
