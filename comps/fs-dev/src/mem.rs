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
            NULL => Arc::new(Plain::Null),
            ZERO => Arc::new(Plain::Zero),
            FULL => Arc::new(Plain::Full),
            RANDOM | URANDOM => Arc::new(Plain::Random),
            KMSG => Arc::new(Kmsg),
            _ => return Err(Errno::ENXIO),
        })
    }
}

/// Devices that have a position and nothing there: reads and writes go on for ever, and a seek leads nowhere.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Plain {
    Null,
    Zero,
    /// Reads as zero and refuses writes.
    Full,
    Random,
}

impl FileOps for Plain {
    fn read_at(&self, _file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        match self {
            Plain::Zero | Plain::Full => buf.put_zeros(buf.remaining()),
            Plain::Null => Ok(0),
            Plain::Random => read_random(buf),
        }
    }
    fn write_at(&self, _file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        match self {
            Plain::Null | Plain::Zero => Ok(buf.skip(buf.remaining())),
            Plain::Full => Err(Errno::ENOSPC),
            Plain::Random => write_random(buf),
        }
    }
    /// A mapping of /dev/zero is fresh memory: each one its own.
    fn page_cache(&self, _file: &File) -> Result<Arc<PageCache>> {
        if *self == Plain::Zero { Ok(PageCache::new(None, i64::MAX.cast_unsigned(), None)) } else { Err(Errno::ENODEV) }
    }
    /// Of [`null`], which has no inode.
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

fn read_random(buf: &mut ReadBuf<'_>) -> Result<usize> {
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

fn write_random(buf: &mut WriteBuf<'_>) -> Result<usize> {
    let mut chunk = [0u8; 256];
    while buf.remaining() > 0 {
        let len = buf.take(&mut chunk)?;
        kernel::random::mix(&chunk[..len]);
    }
    Ok(buf.done())
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
    Arc::new(Plain::Null)
}
