//! Contents of regular files: reading, writing, size, holes. The pages are the page cache's; here are the rules around them.

use alloc::sync::Arc;

use abi::fs::{falloc, inotify, mode, seek};
use abi::signal::sig;
use abi::{Errno, Result};

use super::context::Caller;
use super::file::{File, OpenFlags, seek_to};
use super::inode::Inode;
use super::mount::Path;
use super::notify;
use super::opened::note_access;
use super::ops::AttrChange;
use super::perm::{self, MAY_WRITE};
use super::types::FileType;
use crate::cred::cap;
use crate::iobuf::{ReadBuf, WriteBuf};
use crate::sched;
use crate::sync::Once;

/// What writing asks of the process above.
pub trait Limits: Sync {
    /// RLIMIT_FSIZE of the calling process in bytes; `u64::MAX` for none.
    fn file_size(&self) -> u64;
    /// Whether the caller has the capability.
    fn capable(&self, cap: u32) -> bool;
}

static LIMITS: Once<&'static dyn Limits> = Once::new();

/// Registers where RLIMIT_FSIZE is found.
pub fn set_limits(limits: &'static dyn Limits) {
    let _ = LIMITS.set(limits);
}

/// The contents changed: set-id bits go unless the caller may keep them.
#[inline]
fn drop_setid(inode: &Inode) {
    if inode.perm() & (mode::S_ISUID | mode::S_ISGID) != 0 && !LIMITS.get().is_some_and(|l| l.capable(cap::FSETID)) {
        inode.drop_setid();
    }
}

/// The bytes that may be written at `pos`: EFBIG and SIGXFSZ when there is no room below the limit.
#[inline]
fn room_below_limit(pos: u64) -> Result<u64> {
    let Some(limits) = LIMITS.get() else { return Ok(u64::MAX) };
    match limits.file_size().checked_sub(pos) {
        None | Some(0) => {
            sched::raise(sig::XFSZ);
            Err(Errno::EFBIG)
        }
        Some(room) => Ok(room),
    }
}

pub(super) fn read(inode: &Inode, file: &File, buf: &mut ReadBuf<'_>, pos: u64) -> Result<usize> {
    let got = inode.pages()?.read_at(buf, pos)?;
    if got > 0 {
        note_access(file, inode);
        if notify::active()
            && let Some(path) = file.path()
        {
            notify::on_dentry(&path.dentry, inotify::ACCESS);
        }
    }
    Ok(got)
}

pub(super) fn write(inode: &Inode, file: &File, buf: &mut WriteBuf<'_>, pos: u64) -> Result<usize> {
    write_or_append(inode, file, buf, if file.flags().contains(OpenFlags::APPEND) { None } else { Some(pos) })
}

/// Writes at `pos`, or at the end.
pub fn write_or_append(inode: &Inode, file: &File, buf: &mut WriteBuf<'_>, pos: Option<u64>) -> Result<usize> {
    if buf.remaining() == 0 {
        return Ok(0);
    }
    let pages = inode.pages()?;
    let done = {
        let _changes = inode.lock.lock();
        let pos = pos.unwrap_or_else(|| pages.size());
        let room = room_below_limit(pos)?;
        buf.limit(usize::try_from(room).unwrap_or(usize::MAX));
        inode.seals.check_write(inode, pos, buf.remaining())?;
        pages.write_at(buf, pos)?
    };
    if done > 0 {
        inode.touch_modify();
        drop_setid(inode);
        if notify::active()
            && let Some(path) = file.path()
        {
            notify::on_dentry(&path.dentry, inotify::MODIFY);
        }
    }
    Ok(done)
}

/// Sets the size of a regular file that may be written: ftruncate(2), O_TRUNC.
pub fn truncate_opened(inode: &Arc<Inode>, size: u64) -> Result<()> {
    if i64::try_from(size).is_err() {
        return Err(Errno::EFBIG);
    }
    inode.ops.dirty(inode)?;
    let pages = inode.pages()?;
    let _changes = inode.lock.lock();
    let old = pages.size();
    if size > old {
        // The limit counts only where the file grows.
        if let Some(limits) = LIMITS.get()
            && size > limits.file_size()
        {
            sched::raise(sig::XFSZ);
            return Err(Errno::EFBIG);
        }
    }
    inode.seals.check_resize(old, size)?;
    inode.ops.set_attr(inode, &AttrChange::Size(size))?;
    pages.truncate(size)?;
    inode.touch_modify();
    drop_setid(inode);
    Ok(())
}

/// truncate(2).
pub fn truncate(caller: &Caller<'_>, path: &Path, size: i64) -> Result<()> {
    let size = u64::try_from(size).map_err(|_| Errno::EINVAL)?;
    let inode = path.inode()?;
    match inode.kind {
        FileType::Directory => return Err(Errno::EISDIR),
        FileType::Regular => {}
        _ => return Err(Errno::EINVAL),
    }
    path.mount.want_write()?;
    perm::check(inode, caller.cred, MAY_WRITE)?;
    inode.get_write()?;
    let result = truncate_opened(inode, size);
    inode.put_write();
    result?;
    notify::on_dentry(&path.dentry, inotify::MODIFY);
    Ok(())
}

/// ftruncate(2): EINVAL unless a regular file is open for writing.
pub fn ftruncate(file: &File, size: i64) -> Result<()> {
    let size = u64::try_from(size).map_err(|_| Errno::EINVAL)?;
    let inode = file.inode().filter(|i| i.kind == FileType::Regular && file.writable()).ok_or(Errno::EINVAL)?;
    truncate_opened(inode, size)?;
    if let Some(path) = file.path() {
        notify::on_dentry(&path.dentry, inotify::MODIFY);
    }
    Ok(())
}

/// fallocate(2). Ranges cannot be removed or inserted (EOPNOTSUPP), as on tmpfs.
pub fn fallocate(file: &File, how: u32, offset: i64, len: i64) -> Result<()> {
    let known = falloc::KEEP_SIZE | falloc::PUNCH_HOLE | falloc::ZERO_RANGE;
    if offset < 0 || len <= 0 {
        return Err(Errno::EINVAL);
    }
    if how & !(known | falloc::COLLAPSE_RANGE | falloc::INSERT_RANGE | falloc::UNSHARE_RANGE) != 0 {
        return Err(Errno::EOPNOTSUPP);
    }
    let punch = how & falloc::PUNCH_HOLE != 0;
    if punch && (how & falloc::KEEP_SIZE == 0 || how & falloc::ZERO_RANGE != 0) {
        return Err(Errno::EOPNOTSUPP);
    }
    if !file.writable() {
        return Err(Errno::EBADF);
    }
    let inode = match file.inode() {
        Some(inode) if inode.kind == FileType::Regular => inode,
        Some(inode) if inode.kind == FileType::Directory => return Err(Errno::EISDIR),
        Some(inode) if inode.kind == FileType::Fifo => return Err(Errno::ESPIPE),
        Some(_) => return Err(Errno::ENODEV),
        None => return Err(Errno::ESPIPE),
    };
    if how & !known != 0 {
        return Err(Errno::EOPNOTSUPP);
    }
    let (start, len) = (offset.unsigned_abs(), len.unsigned_abs());
    let end = start.checked_add(len).filter(|end| i64::try_from(*end).is_ok()).ok_or(Errno::EFBIG)?;
    let pages = inode.pages()?;
    if pages.is_shared() {
        return Err(Errno::EOPNOTSUPP);
    }
    let _changes = inode.lock.lock();
    let size = pages.size();
    let grows = how & falloc::KEEP_SIZE == 0 && end > size;
    if grows && LIMITS.get().is_some_and(|l| end > l.file_size()) {
        return Err(Errno::EFBIG);
    }
    if how & (falloc::PUNCH_HOLE | falloc::ZERO_RANGE) != 0 {
        inode.seals.check_write(inode, start, 0)?;
    }
    if grows {
        inode.seals.check_resize(size, end)?;
    }
    if punch {
        pages.punch_hole(start, end)?;
    } else {
        // What cannot fit is refused before it fills memory on the way to finding out.
        if len / 4096 > hal::mem::stats().free / 4096 {
            return Err(Errno::ENOSPC);
        }
        if how & falloc::ZERO_RANGE != 0 {
            pages.punch_hole(start, end.min(size))?;
        }
        pages.allocate(start, end)?;
        if grows {
            pages.truncate(end)?;
        }
    }
    inode.touch_modify();
    Ok(())
}

/// lseek(2) on a regular file.
pub(super) fn seek(inode: &Inode, pos: u64, offset: i64, whence: u32) -> Result<u64> {
    match whence {
        seek::DATA | seek::HOLE => {
            let from = u64::try_from(offset).map_err(|_| Errno::ENXIO)?;
            let pages = inode.pages()?;
            if from >= pages.size() {
                return Err(Errno::ENXIO);
            }
            if whence == seek::DATA { pages.seek_data(from) } else { pages.seek_hole(from) }
        }
        _ => seek_to(pos, inode.size(), offset, whence),
    }
}
