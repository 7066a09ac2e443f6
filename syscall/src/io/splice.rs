//! splice(2), tee(2), vmsplice(2), sendfile(2), copy_file_range(2).

use abi::io::{Iovec, MAX_RW_COUNT, SpliceFlags};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::fd::pipe::PipeEnd;
use kernel::fd::splice;
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::vfs::FileType;
use kernel::vfs::file::{File, OpenFlags};

use super::current::file;
use super::iovec::IoVec;
use crate::args::Fd;

/// An offset argument: `None` when the pointer is null; EINVAL below zero.
fn offset(at: UserPtr<i64>) -> Result<Option<u64>> {
    let Some(at) = at.non_null() else { return Ok(None) };
    u64::try_from(at.read()?).map(Some).map_err(|_| Errno::EINVAL)
}

/// Writes an offset back.
fn put_back(at: UserPtr<i64>, value: Option<u64>) -> Result<()> {
    match value {
        Some(value) => at.write(&value.cast_signed()),
        None => Ok(()),
    }
}

/// sendfile(2): from any file that can be read at a position.
pub fn sendfile(out: Fd, input: Fd, at: UserPtr<i64>, count: usize) -> Result<usize> {
    let mut from = offset(at)?;
    let source = file(input)?;
    if !source.readable() {
        return Err(Errno::EBADF);
    }
    if from.is_some() && !source.ops.seekable() {
        return Err(Errno::ESPIPE);
    }
    let target = file(out)?;
    if !target.writable() {
        return Err(Errno::EBADF);
    }
    if source.inode().is_some_and(|inode| inode.kind == FileType::Directory) || target.flags().contains(OpenFlags::APPEND) {
        return Err(Errno::EINVAL);
    }
    let len = count.min(MAX_RW_COUNT);
    // Linux refuses pipes and sockets as the source.
    let moved = if source.ops.seekable() { splice::copy(&source, from.as_mut(), &target, None, len) } else { Err(Errno::EINVAL) };
    put_back(at, from)?;
    moved
}

fn flags(bits: u32) -> Result<SpliceFlags> {
    SpliceFlags::from_bits(bits).ok_or(Errno::EINVAL)
}

/// An offset for `file`: ESPIPE for pipes, EINVAL for what has no position.
fn checked_offset(file: &File, at: UserPtr<i64>) -> Result<Option<u64>> {
    if at.is_null() {
        return Ok(None);
    }
    if PipeEnd::of(file).is_some() {
        return Err(Errno::ESPIPE);
    }
    if !file.ops.seekable() {
        return Err(Errno::EINVAL);
    }
    offset(at)
}

/// splice(2): complete.
pub fn splice(input: Fd, from_at: UserPtr<i64>, out: Fd, to_at: UserPtr<i64>, len: usize, bits: u32) -> Result<usize> {
    if len == 0 {
        return Ok(0);
    }
    let flags = flags(bits)?;
    let (source, target) = (file(input)?, file(out)?);
    if !source.readable() || !target.writable() {
        return Err(Errno::EBADF);
    }
    let mut from = checked_offset(&source, from_at)?;
    let mut to = checked_offset(&target, to_at)?;
    let nonblocking = flags.contains(SpliceFlags::NONBLOCK);
    let moved = splice::splice(&source, from.as_mut(), &target, to.as_mut(), len.min(MAX_RW_COUNT), nonblocking)?;
    put_back(from_at, from)?;
    put_back(to_at, to)?;
    Ok(moved)
}

/// tee(2): complete.
pub fn tee(input: Fd, out: Fd, len: usize, bits: u32) -> Result<usize> {
    let flags = flags(bits)?;
    if len == 0 {
        return Ok(0);
    }
    let (source, target) = (file(input)?, file(out)?);
    if !source.readable() || !target.writable() {
        return Err(Errno::EBADF);
    }
    let (Some(from), Some(to)) = (PipeEnd::of(&source), PipeEnd::of(&target)) else { return Err(Errno::EINVAL) };
    let nonblocking = flags.contains(SpliceFlags::NONBLOCK) || source.nonblocking() || target.nonblocking();
    splice::between(from, to, len.min(MAX_RW_COUNT), nonblocking, true)
}

/// vmsplice(2): copies; gifts are not kept as they are.
pub fn vmsplice(fd: Fd, vec: UserPtr<Iovec>, count: usize, bits: u32) -> Result<usize> {
    let flags = flags(bits)?;
    let file = file(fd)?;
    let pipe = PipeEnd::of(&file).ok_or(Errno::EBADF)?;
    let vec = IoVec::import(vec, count)?;
    let nonblocking = flags.contains(SpliceFlags::NONBLOCK) || file.nonblocking();
    if vec.bytes() == 0 {
        return Ok(0);
    }
    if file.writable() {
        pipe.write(&mut WriteBuf::vector(vec.ranges()), false, nonblocking)
    } else {
        pipe.read(&mut ReadBuf::vector(vec.ranges()), nonblocking)
    }
}

/// EISDIR for directories, EINVAL for what is no regular file.
fn regular(file: &File) -> Result<()> {
    match file.inode().map(|inode| inode.kind) {
        Some(FileType::Regular) => Ok(()),
        Some(FileType::Directory) => Err(Errno::EISDIR),
        _ => Err(Errno::EINVAL),
    }
}

/// copy_file_range(2): complete; always copies.
pub fn copy_file_range(input: Fd, from_at: UserPtr<i64>, out: Fd, to_at: UserPtr<i64>, len: usize, bits: u32) -> Result<usize> {
    let (source, target) = (file(input)?, file(out)?);
    // Linux adds before it looks at the sign.
    let raw = |at: UserPtr<i64>| at.non_null().map(|at| at.read().map(i64::cast_unsigned)).transpose();
    let (mut from, mut to) = (raw(from_at)?, raw(to_at)?);
    if bits != 0 {
        return Err(Errno::EINVAL);
    }
    regular(&source)?;
    regular(&target)?;
    if !source.readable() || !target.writable() || target.flags().contains(OpenFlags::APPEND) {
        return Err(Errno::EBADF);
    }
    let start = from.unwrap_or_else(|| *source.pos.lock());
    let dest = to.unwrap_or_else(|| *target.pos.lock());
    let size = len as u64; // usize is 64 bits
    let (end, dest_end) = (start.checked_add(size).ok_or(Errno::EOVERFLOW)?, dest.checked_add(size).ok_or(Errno::EOVERFLOW)?);
    if i64::try_from(start).is_err() || i64::try_from(dest).is_err() {
        return Err(Errno::EINVAL);
    }
    let same = matches!((source.inode(), target.inode()), (Some(one), Some(two)) if core::ptr::eq(&raw const **one, &raw const **two));
    if same && dest_end > start && dest < end {
        return Err(Errno::EINVAL);
    }
    let moved = splice::copy(&source, from.as_mut(), &target, to.as_mut(), len.min(MAX_RW_COUNT))?;
    put_back(from_at, from)?;
    put_back(to_at, to)?;
    Ok(moved)
}
