//! getsockopt(2) and setsockopt(2).

use abi::{Errno, Result};
use hal::user::{self, UserPtr};
use kernel::fd::socket::SocketFile;
use kernel::process::unsupported;

use crate::args::Fd;
use crate::io::current::file;

/// Longest option value that is looked at.
const VALUE_MAX: usize = 64;

/// getsockopt(2): SOL_SOCKET.
pub fn getsockopt(fd: Fd, level: i32, name: i32, value: UserPtr<u8>, len: UserPtr<i32>) -> Result<()> {
    let file = file(fd)?;
    let socket = SocketFile::of(&file)?;
    let room = usize::try_from(len.read()?).map_err(|_| Errno::EINVAL)?;
    let bytes = socket.option(level, name).inspect_err(|errno| explain(*errno, level, name))?;
    let count = bytes.len().min(room);
    user::write_bytes(value.addr(), &bytes[..count])?;
    len.write(&i32::try_from(count).map_err(|_| Errno::EINVAL)?)
}

/// setsockopt(2): SOL_SOCKET.
pub fn setsockopt(fd: Fd, level: i32, name: i32, value: UserPtr<u8>, len: i32) -> Result<()> {
    let len = usize::try_from(len).map_err(|_| Errno::EINVAL)?;
    let file = file(fd)?;
    let socket = SocketFile::of(&file)?;
    let mut bytes = [0; VALUE_MAX];
    let bytes = &mut bytes[..len.min(VALUE_MAX)];
    user::read_bytes(value.addr(), bytes)?;
    socket.set_option(level, name, bytes).inspect_err(|errno| explain(*errno, level, name))
}

fn explain(errno: Errno, level: i32, name: i32) {
    if errno == Errno::ENOPROTOOPT {
        unsupported::socket_option(level, name);
    }
}
