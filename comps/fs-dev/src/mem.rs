//! The memory devices (mem(4), null(4), random(4), full(4)).

use alloc::sync::Arc;
use core::any::Any;
use core::fmt;

use abi::fs::{Stat, mode};
use abi::{Errno, Result};
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::mm::PageCache;
use kernel::vfs::dev::Device;
use kernel::vfs::file::{File, FileOps, OpenFlags};
use kernel::vfs::{Dev, Inode};

/// Major number of the memory devices.
pub const MAJOR: u32 = 1;
const NULL: u32 = 3;
const ZERO: u32 = 5;
const FULL: u32 = 7;
const RANDOM: u32 = 8;
const URANDOM: u32 = 9;
const KMSG: u32 = 11;

/// The driver.
pub struct Memory;

impl Device for Memory {
    fn open(&self, inode: &Arc<Inode>, _flags: OpenFlags) -> Result<Arc<dyn FileOps>> {
        Ok(match inode.rdev.minor {
            NULL => Arc::new(Null),
            ZERO => Arc::new(Zero { full: false }),
            FULL => Arc::new(Zero { full: true }),
            RANDOM | URANDOM => Arc::new(Random),
            KMSG => Arc::new(Kmsg),
            _ => return Err(Errno::ENXIO),
        })
    }
}

struct Null;

impl FileOps for Null {
    fn read_at(&self, _file: &File, _buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        Ok(0)
    }
    fn write_at(&self, _file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        Ok(buf.skip(buf.remaining()))
    }
    fn stat(&self, _file: &File) -> Stat {
        let st_rdev = Dev::new(MAJOR, NULL).encode();
        Stat { st_dev: 5, st_ino: 4, st_nlink: 1, st_mode: mode::S_IFCHR | 0o666, st_rdev, st_blksize: 4096, ..Stat::default() }
    }
    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("/dev/null")
    }
    fn seekable(&self) -> bool {
        true
    }
    fn seek(&self, _file: &File, _pos: u64, _offset: i64, _whence: u32) -> Result<u64> {
        Ok(0)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// /dev/zero, and /dev/full, which reads the same and refuses writes.
pub struct Zero {
    full: bool,
}

impl FileOps for Zero {
    fn read_at(&self, _file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        buf.put_zeros(buf.remaining())
    }
    fn write_at(&self, _file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        if self.full { Err(Errno::ENOSPC) } else { Ok(buf.skip(buf.remaining())) }
    }
    /// A mapping of /dev/zero is fresh memory: each one its own.
    fn page_cache(&self, _file: &File) -> Result<Arc<PageCache>> {
        if self.full { Err(Errno::ENODEV) } else { Ok(PageCache::new(None, i64::MAX.cast_unsigned(), None)) }
    }
    fn seekable(&self) -> bool {
        true
    }
    fn seek(&self, _file: &File, _pos: u64, _offset: i64, _whence: u32) -> Result<u64> {
        Ok(0)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

struct Random;

impl FileOps for Random {
    fn read_at(&self, _file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        let mut chunk = [0u8; 256];
        while buf.remaining() > 0 {
            let len = chunk.len().min(buf.remaining());
            kernel::random::fill(&mut chunk[..len]);
            if let Err(errno) = buf.put(&chunk[..len]) {
                return if buf.done() > 0 { Ok(buf.done()) } else { Err(errno) };
            }
            if kernel::sched::signal_pending() {
                break;
            }
            kernel::sched::cond_resched();
        }
        Ok(buf.done())
    }
    fn write_at(&self, _file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        let mut chunk = [0u8; 256];
        while buf.remaining() > 0 {
            let len = buf.take(&mut chunk)?;
            kernel::random::mix(&chunk[..len]);
        }
        Ok(buf.done())
    }
    fn seekable(&self) -> bool {
        true
    }
    fn seek(&self, _file: &File, _pos: u64, _offset: i64, _whence: u32) -> Result<u64> {
        Ok(0)
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// /dev/kmsg: what is written becomes a log line for the tool; there is nothing to read.
struct Kmsg;

impl FileOps for Kmsg {
    fn read_at(&self, file: &File, _buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        if file.nonblocking() { Err(Errno::EAGAIN) } else { Ok(0) }
    }
    fn write_at(&self, _file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        let mut line = [0u8; 256];
        let len = buf.take(&mut line)?;
        kernel::control::line("log", format_args!("info {}", kernel::control::Bytes(line[..len].trim_ascii_end())));
        Ok(len + buf.skip(buf.remaining()))
    }
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// What /dev/null does, for descriptors that are connected to nothing.
pub fn null() -> Arc<dyn FileOps> {
    Arc::new(Null)
}
