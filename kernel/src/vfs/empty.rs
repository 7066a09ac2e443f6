//! A root directory for an image without file systems: it is there, as every process has one, and holds nothing.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::any::Any;

use abi::fs::Statfs;
use abi::{Errno, Result};

use super::context::Caller;
use super::file::{FileOps, OpenFlags};
use super::inode::{Attr, Inode};
use super::ops::InodeOps;
use super::superblock::{SuperBlock, SuperOps};
use super::types::FileType;

struct Empty;

impl SuperOps for Empty {
    fn statfs(&self) -> Statfs {
        Statfs { f_namelen: 255, f_bsize: 4096, ..Statfs::default() }
    }
}

impl InodeOps for Empty {
    fn lookup(&self, _dir: &Arc<Inode>, _name: &[u8]) -> Result<Arc<Inode>> {
        Err(Errno::ENOENT)
    }

    fn read_dir(&self, _dir: &Arc<Inode>, _cookie: u64, _emit: &mut super::ops::Emit<'_>) -> Result<()> {
        Ok(())
    }

    // The defaults bring in files with contents, pipes and names: all that an image without file systems wants to be without.
    fn open(&self, _inode: &Arc<Inode>, _flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        Err(Errno::ENODEV)
    }

    fn read_link(&self, _inode: &Arc<Inode>, _caller: &Caller<'_>) -> Result<Cow<'_, [u8]>> {
        Err(Errno::EINVAL)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The directory.
pub fn root() -> Arc<Inode> {
    Inode::new(&SuperBlock::new("none", Box::new(Empty)), 1, Attr::new(FileType::Directory, 0o555), Box::new(Empty))
}
