//! A virtio port as an open file. It looks like a pipe, which is what it is on the host's side.

use core::any::Any;
use core::fmt;

use abi::fs::{Stat, mode};
use abi::{Errno, Result};
use drv_virtio::console::{Port, PortId, port};
use kernel::iobuf::{ReadBuf, WriteBuf};
use kernel::poll::{PollEvents, PollHead};
use kernel::vfs::file::{File, FileOps};

/// SIGPIPE.
const SIGPIPE: u32 = 13;

/// An open port. The device is not touched before the first read, write or poll.
pub struct PortFile {
    id: PortId,
}

impl PortFile {
    /// The file of this port.
    pub fn new(id: PortId) -> PortFile {
        PortFile { id }
    }

    fn port(&self) -> Result<&'static Port> {
        port(self.id).ok_or(Errno::EIO)
    }

    fn is_input(&self) -> bool {
        self.id == PortId::Stdin
    }
}

impl FileOps for PortFile {
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        self.port()?.read(buf, file.nonblocking())
    }

    fn write_at(&self, file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        let result = self.port()?.write(buf, file.nonblocking());
        if result == Err(Errno::EPIPE) {
            kernel::sched::raise(SIGPIPE);
        }
        result
    }

    fn poll(&self, _file: &File) -> PollEvents {
        let Ok(port) = self.port() else { return PollEvents::ERR };
        let mut events = PollEvents::empty();
        if self.is_input() {
            let _ = port.open_input();
            if port.has_input() {
                events |= PollEvents::IN | PollEvents::RDNORM;
            }
            if port.is_closed() {
                events |= PollEvents::HUP;
            }
        } else if port.is_closed() {
            events |= PollEvents::ERR;
        } else if port.can_write() {
            events |= PollEvents::OUT | PollEvents::WRNORM;
        }
        events
    }

    fn poll_head(&self) -> Option<&PollHead> {
        self.port().ok().map(|port| &port.head)
    }

    fn stat(&self, _file: &File) -> Stat {
        Stat {
            st_dev: 13,
            st_ino: u64::from(self.id as u8), // the discriminant
            st_nlink: 1,
            st_mode: mode::S_IFIFO | 0o600,
            st_blksize: 4096,
            ..Stat::default()
        }
    }

    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "pipe:[{}]", self.id as u8) // the discriminant
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
