//! The calling process, as the calls on descriptors need it.

use alloc::sync::Arc;

use abi::Result;
use kernel::fd::FdTable;
use kernel::sync::Once;
use kernel::vfs::file::File;

use crate::args::Fd;

/// The caller's descriptors.
pub fn files() -> &'static FdTable {
    static TABLE: Once<FdTable> = Once::new();
    TABLE.get_or_init(FdTable::new)
}

/// RLIMIT_NOFILE of the caller.
pub fn nofile() -> usize {
    1024
}

/// The open file behind `fd`; EBADF.
#[inline]
pub fn file(fd: Fd) -> Result<Arc<File>> {
    files().get(fd.0)
}
