//! Making, copying and closing descriptors.

use alloc::sync::Arc;

use abi::io::CloseRangeFlags;
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::fd::pipe;
use kernel::process::current;
use kernel::vfs::file::OpenFlags;

use super::current::{files, nofile};
use crate::args::Fd;

/// close(2): complete.
pub fn close(fd: Fd) -> Result<()> {
    current().files_slot().with(|files| files.take_out(fd.0)).unwrap_or(Err(Errno::EBADF))?.finish();
    Ok(())
}

/// close_range(2): complete.
pub fn close_range(first: u32, last: u32, flags: u32) -> Result<()> {
    let flags = CloseRangeFlags::from_bits(flags).ok_or(Errno::EINVAL)?;
    if first > last {
        return Err(Errno::EINVAL);
    }
    let (first, last) = (slot(first), slot(last));
    if flags.contains(CloseRangeFlags::UNSHARE) {
        let own = Arc::new(files().clone_table()?);
        drop(current().files_slot().replace(own));
    }
    if flags.contains(CloseRangeFlags::CLOEXEC) {
        return files().cloexec_range(first, last);
    }
    files().close_range(first, last);
    Ok(())
}

fn slot(n: u32) -> usize {
    n as usize // widening
}

/// dup(2): complete.
pub fn dup(fd: Fd) -> Result<i32> {
    let files = files();
    files.insert(files.get_raw(fd.0)?, false, nofile())
}

/// dup2(2): complete.
pub fn dup2(old: Fd, new: Fd) -> Result<i32> {
    let files = files();
    if old == new {
        files.get_raw(old.0)?;
        return Ok(new.0);
    }
    files.dup_to(old.0, new.0, false, nofile())
}

/// dup3(2): complete.
pub fn dup3(old: Fd, new: Fd, flags: u32) -> Result<i32> {
    if flags & !OpenFlags::CLOEXEC.bits() != 0 || old == new {
        return Err(Errno::EINVAL);
    }
    files().dup_to(old.0, new.0, flags != 0, nofile())
}

/// pipe(2): complete.
pub fn pipe(fds: UserPtr<[i32; 2]>) -> Result<()> {
    pipe2(fds, 0)
}

/// pipe2(2): O_CLOEXEC, O_NONBLOCK and O_DIRECT.
pub fn pipe2(fds: UserPtr<[i32; 2]>, flags: u32) -> Result<()> {
    let flags = OpenFlags::from_bits_retain(flags);
    let known = OpenFlags::CLOEXEC | OpenFlags::NONBLOCK | OpenFlags::DIRECT;
    if !known.contains(flags) {
        return Err(Errno::EINVAL);
    }
    let cloexec = flags.contains(OpenFlags::CLOEXEC);
    let table = files();
    let read = table.reserve(cloexec, nofile())?;
    let write = table.reserve(cloexec, nofile())?;
    fds.write(&[read.fd(), write.fd()])?;
    let (reader, writer) = pipe::pair(flags - OpenFlags::CLOEXEC);
    read.install(reader);
    write.install(writer);
    Ok(())
}
