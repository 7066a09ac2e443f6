//! /dev/pts and its slaves.

use alloc::format;
use alloc::sync::Arc;

use abi::{Errno, Result};
use fs_pseudo::{Dir, Node};
use kernel::vfs::dev::Device;
use kernel::vfs::file::{FileOps, OpenFlags};
use kernel::vfs::{Dev, FileSystem, FileType, Inode};

/// Major number of slaves (UNIX98_PTY_SLAVE_MAJOR).
pub const MAJOR: u32 = 136;
const PTMX: Dev = Dev::new(5, 2);
const DEVPTS_SUPER_MAGIC: i64 = 0x1cd1;

/// Opens slaves.
pub struct Slaves;

impl Device for Slaves {
    fn open(&self, inode: &Arc<Inode>, _flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        tty::pty::open_slave(inode.rdev.minor)
    }
}

/// The file system kind.
pub struct DevPts;

impl FileSystem for DevPts {
    fn name(&self) -> &'static str {
        "devpts"
    }

    fn mount(&self, _source: &[u8], _data: &[u8]) -> Result<Arc<Inode>> {
        fs_pseudo::mount("devpts", DEVPTS_SUPER_MAGIC, Arc::new(Root))
    }
}

struct Root;

impl Dir for Root {
    fn lookup(&self, name: &[u8]) -> Result<Node> {
        if name == b"ptmx" {
            return Ok(Node::Device(FileType::Char, PTMX, 0o666));
        }
        let number = core::str::from_utf8(name).ok().and_then(|n| n.parse::<u32>().ok()).ok_or(Errno::ENOENT)?;
        // Only the plain decimal form is a name: no sign, no leading zero.
        if format!("{number}").as_bytes() != name || !tty::pty::numbers().contains(&number) {
            return Err(Errno::ENOENT);
        }
        Ok(Node::Device(FileType::Char, Dev::new(MAJOR, number), 0o620))
    }

    fn list(&self, visit: &mut dyn FnMut(&[u8], FileType) -> bool) {
        let mut more = visit(b"ptmx", FileType::Char);
        for number in tty::pty::numbers() {
            more = more && visit(format!("{number}").as_bytes(), FileType::Char);
        }
    }

    fn perm(&self) -> u32 {
        0o755
    }

    fn is_static(&self) -> bool {
        false
    }
}
