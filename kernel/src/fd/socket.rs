//! Sockets, whatever their family: what the socket calls need, and the open file around it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::any::Any;
use core::fmt;

use abi::fs::{Stat, mode};
use abi::socket::{ADDR_MAX, MsgFlags};
use abi::{Errno, Result};

use crate::fd::anon;
use crate::fd::hooks::Peer;
use crate::iobuf::{ReadBuf, WriteBuf};
use crate::poll::{PollEvents, PollHead};
use crate::vfs::file::{File, FileOps, OpenFlags};

/// A socket address as user space sees it: family and the rest.
#[derive(Debug, Clone, Copy)]
pub struct SockAddr {
    bytes: [u8; ADDR_MAX],
    len: usize,
}

impl SockAddr {
    /// No address at all.
    pub const NONE: SockAddr = SockAddr { bytes: [0; ADDR_MAX], len: 0 };

    /// From bytes; `None` when too long.
    pub fn new(bytes: &[u8]) -> Option<SockAddr> {
        let mut addr = SockAddr { bytes: [0; ADDR_MAX], len: bytes.len() };
        addr.bytes.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(addr)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// The family, 0 when there is none.
    pub fn family(&self) -> u16 {
        if self.len < 2 { 0 } else { u16::from_ne_bytes([self.bytes[0], self.bytes[1]]) }
    }
}

/// What goes with the data of a send.
#[derive(Default)]
pub struct Outgoing {
    /// Where to; the connected peer without it.
    pub to: Option<SockAddr>,
    /// MSG_* flags; DONTWAIT is set for non-blocking files too.
    pub flags: MsgFlags,
    /// SCM_RIGHTS.
    pub rights: Vec<Arc<File>>,
    /// SCM_CREDENTIALS, checked.
    pub cred: Option<Peer>,
}

/// What comes with the data of a receive.
pub struct Incoming {
    /// MSG_* flags asked for; DONTWAIT is set for non-blocking files too.
    pub flags: MsgFlags,
    /// Out: where from.
    pub from: SockAddr,
    /// Out: TRUNC and so on.
    pub found: MsgFlags,
    /// Out: SCM_RIGHTS.
    pub rights: Vec<Arc<File>>,
    /// Out: SCM_CREDENTIALS, when the socket asks for them.
    pub cred: Option<Peer>,
}

impl Incoming {
    /// A receive with `flags`.
    pub fn new(flags: MsgFlags) -> Incoming {
        Incoming { flags, from: SockAddr::NONE, found: MsgFlags::empty(), rights: Vec::new(), cred: None }
    }
}

/// A socket. Names and errors are those of the system calls.
pub trait Socket: Send + Sync {
    /// bind(2).
    fn bind(&self, addr: &SockAddr) -> Result<()>;
    /// connect(2).
    fn connect(&self, addr: &SockAddr, nonblocking: bool) -> Result<()>;
    /// listen(2).
    fn listen(&self, backlog: i32) -> Result<()>;
    /// accept(2): the new socket.
    fn accept(&self, nonblocking: bool) -> Result<Arc<dyn Socket>>;
    /// getsockname(2).
    fn local(&self) -> Result<SockAddr>;
    /// getpeername(2).
    fn peer(&self) -> Result<SockAddr>;
    /// sendmsg(2).
    fn send(&self, data: &mut WriteBuf<'_>, message: Outgoing) -> Result<usize>;
    /// recvmsg(2). With MSG_TRUNC the answer may be above what was put into `data`.
    fn receive(&self, data: &mut ReadBuf<'_>, message: &mut Incoming) -> Result<usize>;
    /// shutdown(2): 0 reading, 1 writing, 2 both.
    fn shutdown(&self, how: u32) -> Result<()>;
    /// getsockopt(2): the value.
    fn option(&self, level: i32, name: i32) -> Result<Vec<u8>>;
    /// setsockopt(2).
    fn set_option(&self, level: i32, name: i32, value: &[u8]) -> Result<()>;
    /// ioctl(2).
    fn ioctl(&self, cmd: u32, arg: usize) -> Result<usize>;
    /// What is ready.
    fn ready(&self) -> PollEvents;
    /// Where changes are told.
    fn head(&self) -> &PollHead;
    /// The open file is gone.
    fn release(&self);
    /// For the family itself to find its own type.
    fn as_any(&self) -> &dyn Any;
}

/// An open socket.
pub struct SocketFile {
    /// The socket.
    pub socket: Arc<dyn Socket>,
    /// As in `socket:[number]`.
    pub number: u64,
}

impl SocketFile {
    /// Opens `socket`; `flags` may hold NONBLOCK.
    pub fn open(socket: Arc<dyn Socket>, flags: OpenFlags) -> Arc<File> {
        File::new(Arc::new(SocketFile { socket, number: anon::next_number() }), flags | OpenFlags::RDWR)
    }

    /// The socket behind an open file; ENOTSOCK.
    pub fn of(file: &File) -> Result<&Arc<dyn Socket>> {
        file.ops.as_any().downcast_ref::<SocketFile>().map(|open| &open.socket).ok_or(Errno::ENOTSOCK)
    }
}

fn mode(file: &File) -> MsgFlags {
    if file.nonblocking() { MsgFlags::DONTWAIT } else { MsgFlags::empty() }
}

impl FileOps for SocketFile {
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        if buf.remaining() == 0 {
            return Ok(0);
        }
        self.socket.receive(buf, &mut Incoming::new(mode(file)))
    }

    fn write_at(&self, file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        self.socket.send(buf, Outgoing { flags: mode(file), ..Outgoing::default() })
    }

    fn poll(&self, _file: &File) -> PollEvents {
        self.socket.ready()
    }

    fn poll_head(&self) -> Option<&PollHead> {
        Some(self.socket.head())
    }

    fn ioctl(&self, _file: &File, cmd: u32, arg: usize) -> Result<usize> {
        self.socket.ioctl(cmd, arg)
    }

    fn stat(&self, _file: &File) -> Stat {
        anon::stat(mode::S_IFSOCK | 0o777, self.number)
    }

    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "socket:[{}]", self.number)
    }

    fn release(&self, _file: &File) {
        self.socket.release();
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
