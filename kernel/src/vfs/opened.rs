//! Open regular files and directories: the inode itself is their behaviour, so that open(2) allocates nothing but the description.

use alloc::sync::Arc;
use core::any::Any;

use abi::fs::inotify;
use abi::{Errno, Result};

use super::content;
use super::file::{File, FileOps, OpenFlags, seek_to};
use super::inode::Inode;
use super::mount::MountFlags;
use super::notify;
use super::ops::{DirEntry, Emit};
use super::types::FileType;
use crate::iobuf::{ReadBuf, WriteBuf};
use crate::mm::PageCache;

impl FileOps for Inode {
    #[inline]
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, pos: u64) -> Result<usize> {
        if self.is_dir() { Err(Errno::EISDIR) } else { content::read(self, file, buf, pos) }
    }

    fn write_at(&self, file: &File, buf: &mut WriteBuf<'_>, pos: u64) -> Result<usize> {
        content::write(self, file, buf, pos)
    }

    fn seekable(&self) -> bool {
        true
    }

    fn seek(&self, _file: &File, pos: u64, offset: i64, whence: u32) -> Result<u64> {
        if self.is_dir() { seek_to(pos, 0, offset, whence) } else { content::seek(self, pos, offset, whence) }
    }

    fn page_cache(&self, _file: &File) -> Result<Arc<PageCache>> {
        if self.is_dir() { Err(Errno::ENODEV) } else { self.pages().cloned() }
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
        notify::on_dentry(&path.dentry, inotify::ACCESS);
        Ok(())
    }

    fn sync(&self, _file: &File) -> Result<()> {
        match self.pages_if_made() {
            Some(pages) => pages.sync(0, u64::MAX),
            None => Ok(()),
        }
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
