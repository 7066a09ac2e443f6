//! signalfd(2).

use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::fd::signalfd::{self, SignalFd};
use kernel::vfs::file::OpenFlags;

use crate::args::Fd;
use crate::io::current::{file, files, nofile};

/// signalfd(2): complete.
pub fn signalfd(fd: Fd, mask: UserPtr<u64>, size: usize) -> Result<i32> {
    signalfd4(fd, mask, size, 0)
}

/// signalfd4(2): complete.
pub fn signalfd4(fd: Fd, mask: UserPtr<u64>, size: usize, flags: u32) -> Result<i32> {
    if size != 8 {
        return Err(Errno::EINVAL);
    }
    let mask = mask.read()?;
    let flags = OpenFlags::from_bits_retain(flags);
    if !(OpenFlags::CLOEXEC | OpenFlags::NONBLOCK).contains(flags) {
        return Err(Errno::EINVAL);
    }
    if fd.0 == -1 {
        return files().insert(SignalFd::open(mask, flags - OpenFlags::CLOEXEC), flags.contains(OpenFlags::CLOEXEC), nofile());
    }
    let file = file(fd)?;
    signalfd::of(&file)?.set_mask(mask);
    Ok(fd.0)
}
