//! /dev/vda: the machine's disk, to be read.

use alloc::sync::Arc;
use core::any::Any;

use abi::{Errno, Result};
use fs_pseudo::Node;
use hal::user::UserPtr;
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::mm::PageCache;
use kernel::sync::Once;
use kernel::vfs::dev::Device;
use kernel::vfs::disk::{Extent, first};
use kernel::vfs::file::{File, FileOps, OpenFlags, seek_to};
use kernel::vfs::{Dev, FileType, Inode};

/// Major number of virtio disks: the first that Linux gives out dynamically.
pub const MAJOR: u32 = 254;
/// Its name in /dev.
pub const NAME: &[u8] = b"vda";

/// ioctl(2) numbers (uapi/linux/fs.h).
const BLKROGET: u32 = 0x125e;
const BLKGETSIZE: u32 = 0x1260;
const BLKSSZGET: u32 = 0x1268;
const BLKBSZGET: u32 = 0x8008_1270;
const BLKGETSIZE64: u32 = 0x8008_1272;
/// Bytes of a sector, and of a block of the page cache.
const SECTOR: u32 = 512;
const BLOCK: u32 = 4096;

/// The name's node, when the machine has a disk.
pub fn node() -> Option<Node> {
    first().map(|_| Node::Device(FileType::Block, Dev::new(MAJOR, 0), 0o660))
}

/// The driver.
pub struct Driver;

impl Device for Driver {
    fn open(&self, _inode: &Arc<Inode>, _flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        static PAGES: Once<Arc<PageCache>> = Once::new();
        let disk = first().ok_or(Errno::ENXIO)?;
        let pages = PAGES.get_or_init(|| PageCache::new(Some(Extent::new(disk, 0, disk.size())), disk.size(), None));
        Ok(Arc::new(Opened(pages.clone())))
    }
}

struct Opened(Arc<PageCache>);

impl FileOps for Opened {
    fn read_at(&self, _file: &File, buf: &mut ReadBuf<'_>, pos: u64) -> Result<usize> {
        self.0.read_at(buf, pos)
    }
    /// As on Linux, a read-only disk can be opened for writing, and refuses the write.
    fn write_at(&self, _file: &File, _buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        Err(Errno::EPERM)
    }
    fn seekable(&self) -> bool {
        true
    }
    fn seek(&self, _file: &File, pos: u64, offset: i64, whence: u32) -> Result<u64> {
        seek_to(pos, self.0.size(), offset, whence)
    }
    fn ioctl(&self, _file: &File, command: u32, arg: usize) -> Result<usize> {
        let size = self.0.size();
        match command {
            BLKGETSIZE64 => UserPtr::<u64>::new(arg).write(&size)?,
            BLKGETSIZE => UserPtr::<u64>::new(arg).write(&(size / u64::from(SECTOR)))?,
            BLKSSZGET => UserPtr::<u32>::new(arg).write(&SECTOR)?,
            BLKBSZGET => UserPtr::<u32>::new(arg).write(&BLOCK)?,
            BLKROGET => UserPtr::<u32>::new(arg).write(&1)?,
            _ => return Err(Errno::ENOTTY),
        }
        Ok(0)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}
