//! lseek(2) and the calls that only advise.

use abi::{Errno, Result};
use kernel::fd::pipe::PipeEnd;
use kernel::vfs::FileType;

use super::current::file;
use crate::args::Fd;

/// lseek(2): complete, SEEK_DATA and SEEK_HOLE too.
pub fn lseek(fd: Fd, offset: i64, whence: u32) -> Result<u64> {
    file(fd)?.seek(offset, whence)
}

/// readahead(2): accepted; pages come when they are touched.
pub fn readahead(fd: Fd, _offset: i64, _count: usize) -> Result<()> {
    let file = file(fd)?;
    if !file.readable() {
        return Err(Errno::EBADF);
    }
    match file.inode().map(|inode| inode.kind) {
        Some(FileType::Regular | FileType::Block) => Ok(()),
        _ => Err(Errno::EINVAL),
    }
}

/// Highest POSIX_FADV_* number.
const ADVICE_MAX: i32 = 5;

/// fadvise64(2): accepted; pages come when they are touched.
pub fn fadvise64(fd: Fd, _offset: i64, len: i64, advice: i32) -> Result<()> {
    let file = file(fd)?;
    if PipeEnd::of(&file).is_some() {
        return Err(Errno::ESPIPE);
    }
    if len < 0 || !(0..=ADVICE_MAX).contains(&advice) {
        return Err(Errno::EINVAL);
    }
    Ok(())
}
