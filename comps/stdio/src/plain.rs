//! The console of an image without terminals: bytes out and bytes in, no line editing, no signals from keys, no ioctl.

use alloc::sync::Arc;
use core::any::Any;
use core::fmt;

use abi::fs::{Stat, mode};
use abi::tty::Winsize;
use abi::{Errno, Result};
use drv_virtio::console::PortId;
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::poll::{PollEvents, PollHead};
use kernel::sched::WaitOptions;
use kernel::vfs::file::{File, FileOps, OpenFlags};

use crate::Setting;

/// Bytes of input taken at one time.
const CHUNK: usize = 256;

/// Nothing to remember: a console without terminal has no size.
pub fn configure(_settings: [Setting; 3], _winsize: Winsize) {}

/// Nothing to make: there is no controlling terminal.
pub fn attach() {}

/// Nothing to tell.
pub fn set_winsize(_winsize: Winsize) {}

/// The file behind a descriptor that is the host's terminal or the serial line.
pub fn open(setting: Setting) -> Result<Arc<File>> {
    match setting {
        Setting::Terminal => Ok(File::new(Arc::new(crate::port::PortFile::new(PortId::Terminal)), OpenFlags::RDWR)),
        Setting::Serial if drv_uart::present() => Ok(File::new(Arc::new(Serial), OpenFlags::RDWR)),
        Setting::Null => Ok(File::new(Arc::new(Null), OpenFlags::RDWR)),
        _ => Err(Errno::ENODEV),
    }
}

fn device(out: &mut dyn fmt::Write, name: &str) -> fmt::Result {
    out.write_str(name)
}

fn character() -> Stat {
    Stat { st_dev: 5, st_ino: 1, st_nlink: 1, st_mode: mode::S_IFCHR | 0o620, st_blksize: 4096, ..Stat::default() }
}

/// The 16550.
struct Serial;

impl FileOps for Serial {
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        if buf.remaining() == 0 {
            return Ok(0);
        }
        if !drv_uart::readable() {
            if file.nonblocking() {
                return Err(Errno::EAGAIN);
            }
            drv_uart::start_receiving();
            drv_uart::HEAD.queue.wait(WaitOptions::default(), || drv_uart::readable().then_some(())).map_err(|_| Errno::RESTARTSYS)?;
        }
        let mut chunk = [0u8; CHUNK];
        let room = buf.remaining().min(CHUNK);
        let count = drv_uart::receive(&mut chunk[..room]);
        buf.put(&chunk[..count])
    }

    fn write_at(&self, _file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        let mut chunk = [0u8; CHUNK];
        let mut done = 0;
        while buf.remaining() > 0 {
            let count = buf.take(&mut chunk)?;
            drv_uart::send(&chunk[..count]);
            done += count;
        }
        Ok(done)
    }

    fn poll(&self, _file: &File) -> PollEvents {
        let input = if drv_uart::readable() { PollEvents::IN | PollEvents::RDNORM } else { PollEvents::empty() };
        input | PollEvents::OUT | PollEvents::WRNORM
    }

    fn poll_head(&self) -> Option<&PollHead> {
        Some(&drv_uart::HEAD)
    }

    fn stat(&self, _file: &File) -> Stat {
        character()
    }

    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        device(out, "/dev/ttyS0")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A descriptor that is connected to nothing.
struct Null;

impl FileOps for Null {
    fn read_at(&self, _file: &File, _buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        Ok(0)
    }

    fn write_at(&self, _file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        Ok(buf.remaining())
    }

    fn stat(&self, _file: &File) -> Stat {
        character()
    }

    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        device(out, "/dev/null")
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
