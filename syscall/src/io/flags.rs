//! fcntl(2).

use abi::io::fcntl::{F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_GETFL, F_GETPIPE_SZ, F_SETFD, F_SETFL, F_SETPIPE_SZ, FD_CLOEXEC};
use abi::{Errno, Result};
use kernel::fd::pipe::PipeEnd;
use kernel::vfs::file::{File, OpenFlags};

use super::current::{files, nofile};
use crate::args::Fd;

/// fcntl(2): descriptor and status flags, duplication, pipe sizes.
pub fn fcntl(fd: Fd, cmd: u32, arg: usize) -> Result<usize> {
    let files = files();
    let file = files.get_raw(fd.0)?;
    let low = u32::try_from(arg & 0xffff_ffff).unwrap_or(0);
    match cmd {
        F_DUPFD | F_DUPFD_CLOEXEC => {
            let min = usize::try_from(low.cast_signed()).map_err(|_| Errno::EINVAL)?;
            let new = files.insert_from(min, file, cmd == F_DUPFD_CLOEXEC, nofile())?;
            usize::try_from(new).map_err(|_| Errno::EBADF)
        }
        F_GETFD => files.cloexec(fd.0).map(usize::from),
        F_SETFD => files.set_cloexec(fd.0, low & FD_CLOEXEC != 0).map(|()| 0),
        F_GETFL => Ok(file.flags().bits() as usize), // widening
        _ if file.flags().contains(OpenFlags::PATH) => Err(Errno::EBADF),
        F_SETFL => set_status(&file, OpenFlags::from_bits_retain(low)).map(|()| 0),
        F_GETPIPE_SZ => PipeEnd::of(&file).map(|pipe| pipe.capacity()).ok_or(Errno::EBADF),
        F_SETPIPE_SZ => PipeEnd::of(&file).ok_or(Errno::EBADF)?.set_capacity(low as usize), // widening
        _ => Err(Errno::EINVAL),
    }
}

/// F_SETFL: replaces the flags that may change.
pub fn set_status(file: &File, wanted: OpenFlags) -> Result<()> {
    let may = OpenFlags::APPEND | OpenFlags::ASYNC | OpenFlags::DIRECT | OpenFlags::NOATIME | OpenFlags::NONBLOCK;
    let old = file.flags();
    file.set_flags((old - may) | (wanted & may));
    Ok(())
}
