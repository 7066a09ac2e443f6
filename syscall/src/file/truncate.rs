//! Sizes: truncate(2), ftruncate(2), fallocate(2).

use abi::Result;
use kernel::vfs::content;

use super::common::{CWD, Me, PathBuf, target};
use crate::args::{Fd, UserPath};
use crate::io::current::files;

/// truncate(2): complete.
pub fn truncate(path: UserPath, len: i64) -> Result<()> {
    if len < 0 {
        return Err(abi::Errno::EINVAL);
    }
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    let me = Me::now();
    content::truncate(&me.caller(), &target(&me, CWD, path, 0, true)?, len)
}

/// ftruncate(2): complete.
pub fn ftruncate(fd: Fd, len: i64) -> Result<()> {
    if len < 0 {
        return Err(abi::Errno::EINVAL);
    }
    content::ftruncate(&*files().get(fd.0)?, len)
}

/// fallocate(2): allocation, KEEP_SIZE, PUNCH_HOLE, ZERO_RANGE; COLLAPSE_RANGE and INSERT_RANGE say EOPNOTSUPP, as tmpfs does.
pub fn fallocate(fd: Fd, mode: u32, offset: i64, len: i64) -> Result<()> {
    content::fallocate(&*files().get(fd.0)?, mode, offset, len)
}
