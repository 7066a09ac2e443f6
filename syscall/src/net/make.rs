//! socket(2) and socketpair(2).

use abi::socket::{AF_UNIX, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_TYPE_MASK};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::fd::unix;
use kernel::vfs::file::OpenFlags;

use crate::io::current::{files, nofile};

/// Splits the flags off a type argument; EINVAL.
fn split(kind: u32) -> Result<(u32, OpenFlags, bool)> {
    let flags = kind & !SOCK_TYPE_MASK;
    if flags & !(SOCK_NONBLOCK | SOCK_CLOEXEC) != 0 {
        return Err(Errno::EINVAL);
    }
    Ok((kind & SOCK_TYPE_MASK, OpenFlags::from_bits_retain(flags & SOCK_NONBLOCK), flags & SOCK_CLOEXEC != 0))
}

/// socket(2): AF_UNIX; other families say EAFNOSUPPORT.
pub fn socket(domain: u32, kind: u32, protocol: i32) -> Result<i32> {
    let (kind, flags, cloexec) = split(kind)?;
    if domain != u32::from(AF_UNIX) {
        return Err(Errno::EAFNOSUPPORT);
    }
    files().insert(unix::open(kind, protocol, flags)?, cloexec, nofile())
}

/// socketpair(2): AF_UNIX.
pub fn socketpair(domain: u32, kind: u32, protocol: i32, fds: UserPtr<[i32; 2]>) -> Result<()> {
    let (kind, flags, cloexec) = split(kind)?;
    let table = files();
    let one = table.reserve(cloexec, nofile())?;
    let two = table.reserve(cloexec, nofile())?;
    fds.write(&[one.fd(), two.fd()])?;
    if domain != u32::from(AF_UNIX) {
        return Err(Errno::EAFNOSUPPORT);
    }
    let (first, second) = unix::pair(kind, protocol, flags)?;
    one.install(first);
    two.install(second);
    Ok(())
}
