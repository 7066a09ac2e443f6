//! The calling process, as the calls on descriptors need it.

use alloc::sync::Arc;

use abi::process::rlimit;
use abi::{Errno, Result};
use kernel::fd::FdTable;
use kernel::process::current;
use kernel::vfs::file::File;

use crate::args::Fd;

/// The caller's descriptors.
#[inline]
pub fn files() -> Arc<FdTable> {
    current().files()
}

/// RLIMIT_NOFILE of the caller.
pub fn nofile() -> usize {
    usize::try_from(current().process.limits.soft(rlimit::NOFILE)).unwrap_or(usize::MAX)
}

/// The open file behind `fd`; EBADF.
#[inline(always)] // the way of every call on a descriptor
pub fn file(fd: Fd) -> Result<Arc<File>> {
    current().files_slot().with(|files| files.get(fd.0)).unwrap_or(Err(Errno::EBADF))
}

/// As [`file`], O_PATH files too.
#[inline(always)]
pub fn file_raw(fd: Fd) -> Result<Arc<File>> {
    current().files_slot().with(|files| files.get_raw(fd.0)).unwrap_or(Err(Errno::EBADF))
}
