//! Event counters.

use abi::{Errno, Result};
use kernel::fd::eventfd::EventFd;
use kernel::vfs::file::OpenFlags;

use super::current::{files, nofile};

const EFD_SEMAPHORE: u32 = 1;

/// eventfd2(2): complete.
pub fn eventfd2(initial: u32, flags: u32) -> Result<i32> {
    let open = OpenFlags::from_bits_retain(flags & !EFD_SEMAPHORE);
    if !(OpenFlags::CLOEXEC | OpenFlags::NONBLOCK).contains(open) {
        return Err(Errno::EINVAL);
    }
    let file = EventFd::open(u64::from(initial), flags & EFD_SEMAPHORE != 0, open - OpenFlags::CLOEXEC);
    files().insert(file, open.contains(OpenFlags::CLOEXEC), nofile())
}

/// eventfd(2): complete.
pub fn eventfd(initial: u32) -> Result<i32> {
    eventfd2(initial, 0)
}
