//! sync(2) and its family. Files live in memory: what there is to write back is written by the file's own `sync`.

use abi::{Errno, Result};
use kernel::vfs::FileType;

use crate::args::Fd;
use crate::io::current::files;

/// sync(2): nothing is on disks.
pub fn sync() -> Result<()> {
    Ok(())
}

/// syncfs(2): as sync.
pub fn syncfs(fd: Fd) -> Result<()> {
    files().get(fd.0).map(drop)
}

/// fsync(2): complete.
pub fn fsync(fd: Fd) -> Result<()> {
    let file = files().get(fd.0)?;
    file.ops.sync(&file)
}

/// fdatasync(2): complete.
pub fn fdatasync(fd: Fd) -> Result<()> {
    fsync(fd)
}

/// sync_file_range(2): writes all of the file back.
pub fn sync_file_range(fd: Fd, offset: i64, len: i64, flags: u32) -> Result<()> {
    let file = files().get(fd.0)?;
    if flags & !7 != 0 || offset < 0 || len < 0 || offset.checked_add(len).is_none() {
        return Err(Errno::EINVAL);
    }
    match file.inode().map(|i| i.kind) {
        Some(FileType::Regular | FileType::Block | FileType::Directory | FileType::Symlink) => file.ops.sync(&file),
        _ => Err(Errno::ESPIPE),
    }
}
