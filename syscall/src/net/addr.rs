//! Addresses to and from user memory; bind, connect, listen, accept, names, shutdown.

use abi::socket::{ADDR_MAX, SOCK_CLOEXEC, SOCK_NONBLOCK};
use abi::{Errno, Result};
use hal::user::{self, UserPtr};
use kernel::fd::socket::{SockAddr, SocketFile};
use kernel::vfs::file::OpenFlags;

use crate::args::Fd;
use crate::io::current::{file, files, nofile};

/// Reads an address; EINVAL for an impossible length.
pub fn read(addr: UserPtr<u8>, len: i32) -> Result<SockAddr> {
    let len = usize::try_from(len).map_err(|_| Errno::EINVAL)?;
    let mut bytes = [0; ADDR_MAX];
    let bytes = bytes.get_mut(..len).ok_or(Errno::EINVAL)?;
    user::read_bytes(addr.addr(), bytes)?;
    SockAddr::new(bytes).ok_or(Errno::EINVAL)
}

/// Writes as much of an address as fits `room`, and says its full length.
pub fn write(value: &SockAddr, addr: UserPtr<u8>, room: i32) -> Result<i32> {
    let room = usize::try_from(room).map_err(|_| Errno::EINVAL)?;
    let bytes = value.bytes();
    user::write_bytes(addr.addr(), &bytes[..bytes.len().min(room)])?;
    i32::try_from(bytes.len()).map_err(|_| Errno::EINVAL)
}

/// As [`write`], with the length in user memory.
pub fn write_with_len(value: &SockAddr, addr: UserPtr<u8>, len: UserPtr<i32>) -> Result<()> {
    let full = write(value, addr, len.read()?)?;
    len.write(&full)
}

/// bind(2): Unix sockets.
pub fn bind(fd: Fd, addr: UserPtr<u8>, len: i32) -> Result<()> {
    let file = file(fd)?;
    SocketFile::of(&file)?.bind(&read(addr, len)?)
}

/// connect(2): Unix sockets.
pub fn connect(fd: Fd, addr: UserPtr<u8>, len: i32) -> Result<()> {
    let file = file(fd)?;
    SocketFile::of(&file)?.connect(&read(addr, len)?, file.nonblocking())
}

/// listen(2): Unix sockets.
pub fn listen(fd: Fd, backlog: i32) -> Result<()> {
    let file = file(fd)?;
    SocketFile::of(&file)?.listen(backlog)
}

/// accept(2): Unix sockets.
pub fn accept(fd: Fd, addr: UserPtr<u8>, len: UserPtr<i32>) -> Result<i32> {
    accept4(fd, addr, len, 0)
}

/// accept4(2): Unix sockets.
pub fn accept4(fd: Fd, addr: UserPtr<u8>, len: UserPtr<i32>, flags: u32) -> Result<i32> {
    if flags & !(SOCK_NONBLOCK | SOCK_CLOEXEC) != 0 {
        return Err(Errno::EINVAL);
    }
    let file = file(fd)?;
    let listener = SocketFile::of(&file)?;
    let table = files();
    let reserved = table.reserve(flags & SOCK_CLOEXEC != 0, nofile())?;
    let socket = listener.accept(file.nonblocking())?;
    if !addr.is_null() {
        let written = socket.peer().and_then(|peer| write_with_len(&peer, addr, len));
        if let Err(errno) = written {
            socket.release();
            return Err(errno);
        }
    }
    Ok(reserved.install(SocketFile::open(socket, OpenFlags::from_bits_retain(flags & SOCK_NONBLOCK))))
}

/// getsockname(2): complete.
pub fn getsockname(fd: Fd, addr: UserPtr<u8>, len: UserPtr<i32>) -> Result<()> {
    let file = file(fd)?;
    write_with_len(&SocketFile::of(&file)?.local()?, addr, len)
}

/// getpeername(2): complete.
pub fn getpeername(fd: Fd, addr: UserPtr<u8>, len: UserPtr<i32>) -> Result<()> {
    let file = file(fd)?;
    write_with_len(&SocketFile::of(&file)?.peer()?, addr, len)
}

/// shutdown(2): complete.
pub fn shutdown(fd: Fd, how: u32) -> Result<()> {
    let file = file(fd)?;
    SocketFile::of(&file)?.shutdown(how)
}
