//! Sockets: structures and constants of sys/socket.h and sys/un.h.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Unspecified family: connect(2) dissolves an association.
pub const AF_UNSPEC: u16 = 0;
/// Unix sockets.
pub const AF_UNIX: u16 = 1;
/// Stream with message boundaries lost.
pub const SOCK_STREAM: u32 = 1;
/// Datagrams.
pub const SOCK_DGRAM: u32 = 2;
/// Raw; Unix sockets treat it as datagrams.
pub const SOCK_RAW: u32 = 3;
/// Connected datagrams.
pub const SOCK_SEQPACKET: u32 = 5;
/// The bits of a type argument that are the type.
pub const SOCK_TYPE_MASK: u32 = 0xf;
/// In a type argument: non-blocking (O_NONBLOCK).
pub const SOCK_NONBLOCK: u32 = 0o4000;
/// In a type argument: close on exec (O_CLOEXEC).
pub const SOCK_CLOEXEC: u32 = 0o2000000;
/// Level of the options and control messages of every socket.
pub const SOL_SOCKET: i32 = 1;
/// Control message: descriptors.
pub const SCM_RIGHTS: i32 = 1;
/// Control message: struct ucred.
pub const SCM_CREDENTIALS: i32 = 2;
/// Most descriptors of one message.
pub const SCM_MAX_FD: usize = 253;
/// Longest address (struct sockaddr_storage).
pub const ADDR_MAX: usize = 128;
/// ioctl: bytes sent and not yet received.
pub const SIOCOUTQ: u32 = 0x5411;

flags::flags! {
    /// MSG_* flags.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct MsgFlags: u32 {
        /// Out-of-band data.
        const OOB = 1;
        /// Look, do not take.
        const PEEK = 2;
        /// Control data did not fit (out).
        const CTRUNC = 8;
        /// Data did not fit (out); return the full length (in).
        const TRUNC = 0x20;
        /// Do not block.
        const DONTWAIT = 0x40;
        /// End of record.
        const EOR = 0x80;
        /// Wait for the full length.
        const WAITALL = 0x100;
        /// From the error queue.
        const ERRQUEUE = 0x2000;
        /// No SIGPIPE.
        const NOSIGNAL = 0x4000;
        /// More will come.
        const MORE = 0x8000;
        /// recvmmsg: block for the first message only.
        const WAITFORONE = 0x10000;
        /// Received descriptors are close-on-exec.
        const CMSG_CLOEXEC = 0x4000_0000;
    }
}

/// Options of level SOL_SOCKET.
#[allow(missing_docs)] // the names of socket(7)
pub mod so {
    pub const DEBUG: i32 = 1;
    pub const REUSEADDR: i32 = 2;
    pub const TYPE: i32 = 3;
    pub const ERROR: i32 = 4;
    pub const DONTROUTE: i32 = 5;
    pub const BROADCAST: i32 = 6;
    pub const SNDBUF: i32 = 7;
    pub const RCVBUF: i32 = 8;
    pub const KEEPALIVE: i32 = 9;
    pub const OOBINLINE: i32 = 10;
    pub const PRIORITY: i32 = 12;
    pub const LINGER: i32 = 13;
    pub const REUSEPORT: i32 = 15;
    pub const PASSCRED: i32 = 16;
    pub const PEERCRED: i32 = 17;
    pub const RCVLOWAT: i32 = 18;
    pub const SNDLOWAT: i32 = 19;
    pub const RCVTIMEO: i32 = 20;
    pub const SNDTIMEO: i32 = 21;
    pub const ACCEPTCONN: i32 = 30;
    pub const SNDBUFFORCE: i32 = 32;
    pub const RCVBUFFORCE: i32 = 33;
    pub const PROTOCOL: i32 = 38;
    pub const DOMAIN: i32 = 39;
}

/// struct ucred.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Ucred {
    /// Process id.
    pub pid: i32,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
}

/// struct msghdr.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[allow(missing_docs)] // the names of recvmsg(2)
pub struct Msghdr {
    pub name: u64,
    pub namelen: i32,
    pub pad0: u32,
    pub iov: u64,
    pub iovlen: u64,
    pub control: u64,
    pub controllen: u64,
    pub flags: u32,
    pub pad1: u32,
}

/// struct mmsghdr.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Mmsghdr {
    /// The message.
    pub hdr: Msghdr,
    /// Bytes sent or received.
    pub len: u32,
    /// Unused.
    pub pad: u32,
}

/// struct cmsghdr; the data follows, all aligned to 8 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Cmsghdr {
    /// Bytes with this header.
    pub len: u64,
    /// Level.
    pub level: i32,
    /// Type.
    pub kind: i32,
}
