//! read(2), write(2) and their positioned and vectored forms.

use alloc::sync::Arc;

use abi::io::{Iovec, MAX_RW_COUNT, RwFlags};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::vfs::file::{File, OpenFlags};
use kernel::vfs::{FileType, content};

use super::current;
use super::iovec::{IoVec, check_range};
use crate::args::Fd;

/// A length as Linux takes it: negative is an error, the rest is cut.
#[inline(always)]
fn length(addr: usize, count: usize) -> Result<usize> {
    check_range(addr, count)?;
    Ok(count.min(MAX_RW_COUNT))
}

/// Reads at the file's position and moves it.
#[inline(always)]
pub fn read_file(file: &File, buf: &mut ReadBuf<'_>) -> Result<usize> {
    if !file.seekable() {
        return file.ops.read_at(file, buf, 0);
    }
    let mut pos = file.pos.lock();
    let got = file.ops.read_at(file, buf, *pos)?;
    *pos += got as u64; // usize is 64 bits
    Ok(got)
}

/// Writes at the file's position, or at its end with O_APPEND, and moves the position.
#[inline(always)]
pub fn write_file(file: &File, buf: &mut WriteBuf<'_>) -> Result<usize> {
    if !file.seekable() {
        return file.ops.write_at(file, buf, 0);
    }
    let mut pos = file.pos.lock();
    let put = file.ops.write_at(file, buf, *pos)?;
    *pos = match file.inode() {
        // The write went to the end, wherever that was.
        Some(inode) if file.flags().contains(OpenFlags::APPEND) => inode.size(),
        _ => *pos + put as u64, // usize is 64 bits
    };
    Ok(put)
}

/// The file of a read at a place of its own, and the place: errors in Linux's order, EINVAL, EBADF, ESPIPE, EBADF.
fn to_read_at(fd: Fd, pos: i64) -> Result<(Arc<File>, u64)> {
    let (file, pos) = positioned(fd, pos)?;
    if file.readable() { Ok((file, pos)) } else { Err(Errno::EBADF) }
}

/// As [`to_read_at`], to write.
fn to_write_at(fd: Fd, pos: i64) -> Result<(Arc<File>, u64)> {
    let (file, pos) = positioned(fd, pos)?;
    if file.writable() { Ok((file, pos)) } else { Err(Errno::EBADF) }
}

fn positioned(fd: Fd, pos: i64) -> Result<(Arc<File>, u64)> {
    let pos = u64::try_from(pos).map_err(|_| Errno::EINVAL)?;
    let file = current::file(fd)?;
    if file.seekable() { Ok((file, pos)) } else { Err(Errno::ESPIPE) }
}

/// read(2): complete.
#[inline]
pub fn read(fd: Fd, buf: UserPtr<u8>, count: usize) -> Result<usize> {
    let file = current::file_raw(fd)?; // an O_PATH file is not readable
    if !file.readable() {
        return Err(Errno::EBADF);
    }
    let len = length(buf.addr(), count)?;
    read_file(&file, &mut ReadBuf::user(buf.addr(), len))
}

/// write(2): complete.
#[inline]
pub fn write(fd: Fd, buf: UserPtr<u8>, count: usize) -> Result<usize> {
    let file = current::file_raw(fd)?; // an O_PATH file is not writable
    if !file.writable() {
        return Err(Errno::EBADF);
    }
    let len = length(buf.addr(), count)?;
    write_file(&file, &mut WriteBuf::user(buf.addr(), len))
}

/// pread64(2): complete.
pub fn pread64(fd: Fd, buf: UserPtr<u8>, count: usize, pos: i64) -> Result<usize> {
    let (file, pos) = to_read_at(fd, pos)?;
    let len = length(buf.addr(), count)?;
    file.ops.read_at(&file, &mut ReadBuf::user(buf.addr(), len), pos)
}

/// pwrite64(2): complete.
pub fn pwrite64(fd: Fd, buf: UserPtr<u8>, count: usize, pos: i64) -> Result<usize> {
    let (file, pos) = to_write_at(fd, pos)?;
    let len = length(buf.addr(), count)?;
    file.ops.write_at(&file, &mut WriteBuf::user(buf.addr(), len), pos)
}

/// readv(2): complete.
pub fn readv(fd: Fd, vec: UserPtr<Iovec>, count: usize) -> Result<usize> {
    let file = current::file(fd)?;
    if !file.readable() {
        return Err(Errno::EBADF);
    }
    let vec = IoVec::import(vec, count)?;
    read_file(&file, &mut ReadBuf::vector(vec.ranges()))
}

/// writev(2): complete.
pub fn writev(fd: Fd, vec: UserPtr<Iovec>, count: usize) -> Result<usize> {
    let file = current::file(fd)?;
    if !file.writable() {
        return Err(Errno::EBADF);
    }
    let vec = IoVec::import(vec, count)?;
    write_file(&file, &mut WriteBuf::vector(vec.ranges()))
}

/// preadv(2): complete.
pub fn preadv(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64) -> Result<usize> {
    let (file, pos) = to_read_at(fd, pos)?;
    let vec = IoVec::import(vec, count)?;
    file.ops.read_at(&file, &mut ReadBuf::vector(vec.ranges()), pos)
}

/// pwritev(2): complete.
pub fn pwritev(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64) -> Result<usize> {
    let (file, pos) = to_write_at(fd, pos)?;
    let vec = IoVec::import(vec, count)?;
    file.ops.write_at(&file, &mut WriteBuf::vector(vec.ranges()), pos)
}

/// preadv2(2): RWF_HIPRI, RWF_DSYNC and RWF_SYNC are accepted; RWF_NOWAIT says EOPNOTSUPP.
pub fn preadv2(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64, _high: u64, flags: u32) -> Result<usize> {
    let flags = RwFlags::from_bits(flags).ok_or(Errno::EOPNOTSUPP)?;
    if flags.intersects(RwFlags::NOWAIT | RwFlags::APPEND) {
        return Err(Errno::EOPNOTSUPP);
    }
    if pos == -1 { readv(fd, vec, count) } else { preadv(fd, vec, count, pos) }
}

/// pwritev2(2): as preadv2; RWF_APPEND on regular files.
pub fn pwritev2(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64, _high: u64, flags: u32) -> Result<usize> {
    let flags = RwFlags::from_bits(flags).ok_or(Errno::EOPNOTSUPP)?;
    if flags.contains(RwFlags::NOWAIT) {
        return Err(Errno::EOPNOTSUPP);
    }
    if flags.contains(RwFlags::APPEND) {
        return append(fd, vec, count, pos);
    }
    if pos == -1 { writev(fd, vec, count) } else { pwritev(fd, vec, count, pos) }
}

/// A write to the end; without an offset (-1) the position moves there.
fn append(fd: Fd, vec: UserPtr<Iovec>, count: usize, pos: i64) -> Result<usize> {
    if pos < -1 {
        return Err(Errno::EINVAL);
    }
    let file = current::file(fd)?;
    if !file.writable() {
        return Err(Errno::EBADF);
    }
    let inode = file.inode().filter(|inode| inode.kind == FileType::Regular).ok_or(Errno::EOPNOTSUPP)?;
    let vec = IoVec::import(vec, count)?;
    let mut buf = WriteBuf::vector(vec.ranges());
    if pos >= 0 {
        return content::write_or_append(inode, &file, &mut buf, None);
    }
    let mut at = file.pos.lock();
    let put = content::write_or_append(inode, &file, &mut buf, None)?;
    *at = inode.size();
    Ok(put)
}
