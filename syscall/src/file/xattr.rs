//! Extended attributes: setxattr(2), getxattr(2), listxattr(2), removexattr(2) in their three forms.

use alloc::vec::Vec;

use abi::fs::xattr::{LIST_MAX, NAME_MAX, SIZE_MAX};
use abi::{Errno, Result};
use hal::user::{self, UserPtr};
use kernel::vfs::{Path, xattr};

use super::common::{CWD, Me, PathBuf, target};
use crate::args::{Fd, UserPath};
use crate::io::current::files;

/// A name and its NUL.
type NameBuf = [u8; NAME_MAX + 1];

fn read_name(name: UserPath, buf: &mut NameBuf) -> Result<&[u8]> {
    let len = user::read_cstr(name.0.addr(), buf, Errno::ERANGE)?;
    if len == 0 { Err(Errno::ERANGE) } else { Ok(&buf[..len]) }
}

fn by_name(me: &Me, path: UserPath, follow: bool) -> Result<Path> {
    let mut buf = PathBuf::new();
    let path = buf.read(path)?;
    target(me, CWD, path, 0, follow)
}

/// What has no inode of a file system has no attributes.
fn by_fd(fd: Fd) -> Result<Path> {
    files().get(fd.0)?.path().cloned().ok_or(Errno::EOPNOTSUPP)
}

fn set(me: &Me, path: &Path, name: UserPath, value: UserPtr<u8>, size: usize, flags: u32) -> Result<()> {
    let mut buf = [0; NAME_MAX + 1];
    let name = read_name(name, &mut buf)?;
    if size > SIZE_MAX {
        return Err(Errno::E2BIG);
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| Errno::ENOMEM)?;
    bytes.resize(size, 0);
    user::read_bytes(value.addr(), &mut bytes)?;
    xattr::set(&me.caller(), path, name, &bytes, flags)
}

/// Size 0 asks for the length.
fn give(bytes: &[u8], out: UserPtr<u8>, size: usize) -> Result<usize> {
    if size == 0 {
        return Ok(bytes.len());
    }
    if bytes.len() > size {
        return Err(Errno::ERANGE);
    }
    user::write_bytes(out.addr(), bytes)?;
    Ok(bytes.len())
}

fn get(me: &Me, path: &Path, name: UserPath, out: UserPtr<u8>, size: usize) -> Result<usize> {
    let mut buf = [0; NAME_MAX + 1];
    let name = read_name(name, &mut buf)?;
    give(&xattr::get(&me.caller(), path, name)?, out, size)
}

fn list(me: &Me, path: &Path, out: UserPtr<u8>, size: usize) -> Result<usize> {
    let names = xattr::list(&me.caller(), path)?;
    if names.len() > LIST_MAX { Err(Errno::E2BIG) } else { give(&names, out, size) }
}

fn remove(me: &Me, path: &Path, name: UserPath) -> Result<()> {
    let mut buf = [0; NAME_MAX + 1];
    xattr::remove(&me.caller(), path, read_name(name, &mut buf)?)
}

/// setxattr(2): user., trusted. and security.; POSIX ACLs say EOPNOTSUPP.
pub fn setxattr(path: UserPath, name: UserPath, value: UserPtr<u8>, size: usize, flags: u32) -> Result<()> {
    let me = Me::now();
    set(&me, &by_name(&me, path, true)?, name, value, size, flags)
}

/// lsetxattr(2): as setxattr.
pub fn lsetxattr(path: UserPath, name: UserPath, value: UserPtr<u8>, size: usize, flags: u32) -> Result<()> {
    let me = Me::now();
    set(&me, &by_name(&me, path, false)?, name, value, size, flags)
}

/// fsetxattr(2): as setxattr.
pub fn fsetxattr(fd: Fd, name: UserPath, value: UserPtr<u8>, size: usize, flags: u32) -> Result<()> {
    set(&Me::now(), &by_fd(fd)?, name, value, size, flags)
}

/// getxattr(2): as setxattr.
pub fn getxattr(path: UserPath, name: UserPath, value: UserPtr<u8>, size: usize) -> Result<usize> {
    let me = Me::now();
    get(&me, &by_name(&me, path, true)?, name, value, size)
}

/// lgetxattr(2): as setxattr.
pub fn lgetxattr(path: UserPath, name: UserPath, value: UserPtr<u8>, size: usize) -> Result<usize> {
    let me = Me::now();
    get(&me, &by_name(&me, path, false)?, name, value, size)
}

/// fgetxattr(2): as setxattr.
pub fn fgetxattr(fd: Fd, name: UserPath, value: UserPtr<u8>, size: usize) -> Result<usize> {
    get(&Me::now(), &by_fd(fd)?, name, value, size)
}

/// listxattr(2): complete.
pub fn listxattr(path: UserPath, list_out: UserPtr<u8>, size: usize) -> Result<usize> {
    let me = Me::now();
    list(&me, &by_name(&me, path, true)?, list_out, size)
}

/// llistxattr(2): complete.
pub fn llistxattr(path: UserPath, list_out: UserPtr<u8>, size: usize) -> Result<usize> {
    let me = Me::now();
    list(&me, &by_name(&me, path, false)?, list_out, size)
}

/// flistxattr(2): complete.
pub fn flistxattr(fd: Fd, list_out: UserPtr<u8>, size: usize) -> Result<usize> {
    list(&Me::now(), &by_fd(fd)?, list_out, size)
}

/// removexattr(2): complete.
pub fn removexattr(path: UserPath, name: UserPath) -> Result<()> {
    let me = Me::now();
    remove(&me, &by_name(&me, path, true)?, name)
}

/// lremovexattr(2): complete.
pub fn lremovexattr(path: UserPath, name: UserPath) -> Result<()> {
    let me = Me::now();
    remove(&me, &by_name(&me, path, false)?, name)
}

/// fremovexattr(2): complete.
pub fn fremovexattr(fd: Fd, name: UserPath) -> Result<()> {
    remove(&Me::now(), &by_fd(fd)?, name)
}
