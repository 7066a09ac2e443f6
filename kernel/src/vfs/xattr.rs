//! Extended attributes: the rules of xattr(7) for who may see and change which name; the values are the file systems'.

use alloc::vec::Vec;

use abi::fs::xattr::{NAME_MAX, SIZE_MAX};
use abi::fs::{inotify, mode};
use abi::{Errno, Result};

use super::context::Caller;
use super::inode::Inode;
use super::mount::Path;
use super::notify;
use super::perm::{self, MAY_READ, MAY_WRITE};
use super::types::FileType;
use crate::cred::cap;

/// Whether `name` may be read or (`write`) changed.
fn may(caller: &Caller<'_>, inode: &Inode, name: &[u8], write: bool) -> Result<()> {
    let refused = if write { Errno::EPERM } else { Errno::ENODATA };
    let admin = caller.cred.capable(cap::SYS_ADMIN);
    if name.starts_with(b"security.") {
        return if write && !admin { Err(Errno::EPERM) } else { Ok(()) };
    }
    if name.starts_with(b"trusted.") {
        return if admin { Ok(()) } else { Err(refused) };
    }
    if !name.starts_with(b"user.") {
        // POSIX ACLs (system.) are not kept.
        return Err(Errno::EOPNOTSUPP);
    }
    if !matches!(inode.kind, FileType::Regular | FileType::Directory) {
        return Err(refused);
    }
    if write && inode.is_dir() && inode.perm() & mode::S_ISVTX != 0 {
        perm::check_owner(inode, caller.cred)?;
    }
    perm::check(inode, caller.cred, if write { MAY_WRITE } else { MAY_READ })
}

/// A bare prefix is no name.
fn whole(name: &[u8]) -> Result<()> {
    if matches!(name, b"user." | b"trusted." | b"security.") { Err(Errno::EINVAL) } else { Ok(()) }
}

fn checked(name: &[u8]) -> Result<&[u8]> {
    if name.is_empty() || name.len() > NAME_MAX { Err(Errno::ERANGE) } else { Ok(name) }
}

/// setxattr(2).
pub fn set(caller: &Caller<'_>, path: &Path, name: &[u8], value: &[u8], flags: u32) -> Result<()> {
    if flags & !(abi::fs::xattr::CREATE | abi::fs::xattr::REPLACE) != 0 {
        return Err(Errno::EINVAL);
    }
    let name = checked(name)?;
    if value.len() > SIZE_MAX {
        return Err(Errno::E2BIG);
    }
    let inode = path.inode()?;
    path.mount.want_write()?;
    may(caller, inode, name, true)?;
    whole(name)?;
    let _changes = inode.lock.lock();
    inode.ops.set_xattr(inode, name, value, flags)?;
    inode.touch_change();
    notify::on_dentry(&path.dentry, inotify::ATTRIB);
    Ok(())
}

/// getxattr(2): the value.
pub fn get(caller: &Caller<'_>, path: &Path, name: &[u8]) -> Result<Vec<u8>> {
    let inode = path.inode()?;
    let name = checked(name)?;
    may(caller, inode, name, false)?;
    whole(name)?;
    inode.ops.get_xattr(inode, name)
}

/// listxattr(2): the names, each with its NUL. `trusted.` is shown to CAP_SYS_ADMIN only.
pub fn list(caller: &Caller<'_>, path: &Path) -> Result<Vec<u8>> {
    let inode = path.inode()?;
    let admin = caller.cred.capable(cap::SYS_ADMIN);
    let mut out = Vec::new();
    inode.ops.list_xattr(inode, &mut |name| {
        if admin || !name.starts_with(b"trusted.") {
            out.extend_from_slice(name);
            out.push(0);
        }
    })?;
    Ok(out)
}

/// removexattr(2).
pub fn remove(caller: &Caller<'_>, path: &Path, name: &[u8]) -> Result<()> {
    let name = checked(name)?;
    let inode = path.inode()?;
    path.mount.want_write()?;
    may(caller, inode, name, true)?;
    whole(name)?;
    let _changes = inode.lock.lock();
    inode.ops.remove_xattr(inode, name)?;
    inode.touch_change();
    notify::on_dentry(&path.dentry, inotify::ATTRIB);
    Ok(())
}
