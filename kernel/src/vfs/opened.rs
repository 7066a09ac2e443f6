//! Open regular files and directories: the inode itself is their behaviour, so that open(2) allocates nothing but the description.

use core::any::Any;

use abi::{Errno, Result};

use super::file::{File, FileOps, OpenFlags, seek_to};
use super::inode::Inode;
use super::mount::MountFlags;
use super::ops::{DirEntry, Emit};
use super::types::FileType;
use crate::iobuf::{ReadBuf, WriteBuf};

impl FileOps for Inode {
    fn read_at(&self, _file: &File, _buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        Err(if self.is_dir() { Errno::EISDIR } else { Errno::EINVAL })
    }

    fn write_at(&self, _file: &File, _buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        Err(Errno::EINVAL)
    }

    fn seekable(&self) -> bool {
        true
    }

    fn seek(&self, _file: &File, pos: u64, offset: i64, whence: u32) -> Result<u64> {
        // The end of a directory is the start of nothing: like tmpfs, only SEEK_SET and SEEK_CUR mean something there.
        seek_to(pos, self.size(), offset, whence)
    }

    fn read_dir(&self, file: &File, cookie: u64, emit: &mut Emit<'_>) -> Result<()> {
        const DOTS: u64 = 2;
        let path = file.path().ok_or(Errno::ENOTDIR)?;
        let inode = path.inode()?;
        if !inode.is_dir() {
            return Err(Errno::ENOTDIR);
        }
        if path.dentry.is_deleted() {
            return Err(Errno::ENOENT);
        }
        let _changes = inode.lock.lock();
        if cookie == 0 && !emit(DirEntry { name: b".", ino: inode.ino, kind: FileType::Directory, next: 1 }) {
            return Ok(());
        }
        if cookie <= 1 {
            let above = path.dentry.parent().and_then(|p| p.inode().map(|i| i.ino)).unwrap_or(inode.ino);
            if !emit(DirEntry { name: b"..", ino: above, kind: FileType::Directory, next: DOTS }) {
                return Ok(());
            }
        }
        let shifted = &mut |entry: DirEntry<'_>| emit(DirEntry { next: entry.next.saturating_add(DOTS), ..entry });
        inode.ops.read_dir(inode, cookie.saturating_sub(DOTS), shifted)?;
        note_access(file, inode);
        Ok(())
    }

    fn sync(&self, _file: &File) -> Result<()> {
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// Keeps atime as the mount and the description want it.
#[inline]
pub(super) fn note_access(file: &File, inode: &Inode) {
    let Some(path) = file.path() else { return };
    let flags = path.mount.flags();
    let skip = MountFlags::NOATIME | MountFlags::RDONLY;
    if flags.intersects(skip) || file.flags().contains(OpenFlags::NOATIME) || inode.is_dir() && flags.contains(MountFlags::NODIRATIME) {
        return;
    }
    inode.touch_access(flags.contains(MountFlags::STRICTATIME));
}
