//! Names in the file system that lead to objects of `fd`: Unix sockets bound to paths, FIFOs. Here, since walking a path needs a caller.

use alloc::sync::Arc;
use core::any::Any;

use abi::fs::mode;
use abi::{Errno, Result};

use super::user::current;
use crate::fd::fifo;
use crate::fd::unix::{self, PathNames};
use crate::vfs::walk::{WalkFlags, lookup};
use crate::vfs::{Caller, Dev, FileType, create, dev, perm};

struct Names;

impl PathNames for Names {
    fn bind(&self, path: &[u8], socket: Arc<dyn Any + Send + Sync>) -> Result<Arc<dyn Any + Send + Sync>> {
        let user = current();
        let (fs, cred) = (user.fs(), user.cred());
        let caller = Caller { fs: &fs, cred: &cred };
        let made = create::mknod(&caller, None, path, mode::S_IFSOCK | 0o777, Dev::NONE).map_err(|errno| match errno {
            Errno::EEXIST => Errno::EADDRINUSE,
            other => other,
        })?;
        let inode = made.inode()?.clone();
        *inode.attached.lock() = Some(socket);
        Ok(inode)
    }

    fn find(&self, path: &[u8]) -> Result<Arc<dyn Any + Send + Sync>> {
        let user = current();
        let (fs, cred) = (user.fs(), user.cred());
        let caller = Caller { fs: &fs, cred: &cred };
        let found = lookup(&caller, None, path, WalkFlags::FOLLOW | WalkFlags::QUIET)?;
        let inode = found.inode()?;
        perm::check(inode, &cred, perm::MAY_WRITE)?;
        if inode.kind != FileType::Socket {
            return Err(Errno::ECONNREFUSED);
        }
        let attached = inode.attached.lock().clone();
        attached.ok_or(Errno::ECONNREFUSED)
    }
}

/// Registers them.
pub fn install() {
    unix::set_path_names(&Names);
    dev::set_fifo(&fifo::Opener);
}
