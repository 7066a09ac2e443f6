//! Open file descriptions: what open(2) makes and descriptors share.

use alloc::sync::Arc;
use core::any::Any;
use core::sync::atomic::{AtomicU32, Ordering};

use abi::{Errno, Result};

use crate::iobuf::{ReadBuf, WriteBuf};
use crate::poll::{Links, PollEvents, PollHead};
use crate::sync::Mutex;

bitflags::bitflags! {
    /// O_* flags of open(2) and fcntl(F_GETFL); the values are Linux's.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct OpenFlags: u32 {
        /// Write only (the low two bits are the access mode).
        const WRONLY = 0o1;
        /// Read and write.
        const RDWR = 0o2;
        /// Create if missing.
        const CREAT = 0o100;
        /// Fail if it exists.
        const EXCL = 0o200;
        /// Not as controlling terminal.
        const NOCTTY = 0o400;
        /// Truncate.
        const TRUNC = 0o1000;
        /// Append on each write.
        const APPEND = 0o2000;
        /// Do not block.
        const NONBLOCK = 0o4000;
        /// Data integrity on write.
        const DSYNC = 0o10000;
        /// SIGIO on readiness.
        const ASYNC = 0o20000;
        /// Bypass the cache.
        const DIRECT = 0o40000;
        /// Always set on x86-64 only by the 32-bit ABI.
        const LARGEFILE = 0o100000;
        /// Must be a directory.
        const DIRECTORY = 0o200000;
        /// Do not follow a final symlink.
        const NOFOLLOW = 0o400000;
        /// Do not update atime.
        const NOATIME = 0o1000000;
        /// Close on exec (a descriptor flag, not kept here).
        const CLOEXEC = 0o2000000;
        /// File integrity (with DSYNC: O_SYNC).
        const SYNC_BIT = 0o4000000;
        /// A location only.
        const PATH = 0o10000000;
        /// Unnamed temporary file (with DIRECTORY).
        const TMPFILE_BIT = 0o20000000;
    }
}

/// The behaviour of one kind of open file. Defaults answer as Linux does for a file that lacks the operation.
pub trait FileOps: Send + Sync {
    /// Reads at `pos` (ignored by streams). Blocks unless `file` is non-blocking (then EAGAIN). Returns the bytes put into `buf`.
    fn read_at(&self, _file: &File, _buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        Err(Errno::EINVAL)
    }

    /// Writes at `pos` (ignored by streams; O_APPEND has been resolved by `append` below).
    fn write_at(&self, _file: &File, _buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        Err(Errno::EINVAL)
    }

    /// Whether the file has a position: lseek, pread and pwrite work, else ESPIPE.
    fn seekable(&self) -> bool {
        false
    }

    /// What is ready now.
    fn poll(&self, _file: &File) -> PollEvents {
        PollEvents::IN | PollEvents::OUT | PollEvents::RDNORM | PollEvents::WRNORM
    }

    /// Where changes of readiness are told; `None`: always ready (epoll_ctl then says EPERM).
    fn poll_head(&self) -> Option<&PollHead> {
        None
    }

    /// ioctl(2). `arg` is the raw third argument. ENOTTY when the command is not for this kind.
    fn ioctl(&self, _file: &File, _cmd: u32, _arg: usize) -> Result<usize> {
        Err(Errno::ENOTTY)
    }

    /// The last reference to the description is gone.
    fn release(&self, _file: &File) {}

    /// A descriptor to the description was closed (POSIX locks, flush).
    fn closed(&self, _file: &File) {}

    /// For those who know the concrete type (epoll in epoll, sockets).
    fn as_any(&self) -> &dyn Any;
}

/// An open file description. Positions and status flags are shared by all descriptors made from it with dup(2) or fork(2).
pub struct File {
    /// The behaviour.
    pub ops: Arc<dyn FileOps>,
    flags: AtomicU32,
    /// The position of seekable files; the lock makes concurrent reads and writes take turns, as POSIX asks.
    pub pos: Mutex<u64>,
    /// Who must hear that the description is gone (epoll).
    pub links: Links,
}

impl File {
    /// Opens `ops` with `flags` (creation flags are dropped).
    pub fn new(ops: Arc<dyn FileOps>, flags: OpenFlags) -> Arc<File> {
        Arc::new(File { ops, flags: AtomicU32::new(flags.bits()), pos: Mutex::new(0), links: Links::new() })
    }

    /// Access mode and status flags.
    #[inline]
    pub fn flags(&self) -> OpenFlags {
        OpenFlags::from_bits_retain(self.flags.load(Ordering::Relaxed))
    }

    /// Replaces the status flags (fcntl(F_SETFL)).
    pub fn set_flags(&self, flags: OpenFlags) {
        self.flags.store(flags.bits(), Ordering::Relaxed);
    }

    /// Opened for reading.
    #[inline]
    pub fn readable(&self) -> bool {
        self.flags().bits() & 3 != 1 && !self.flags().contains(OpenFlags::PATH)
    }

    /// Opened for writing.
    #[inline]
    pub fn writable(&self) -> bool {
        matches!(self.flags().bits() & 3, 1 | 2) && !self.flags().contains(OpenFlags::PATH)
    }

    /// O_NONBLOCK is set.
    #[inline]
    pub fn nonblocking(&self) -> bool {
        self.flags().contains(OpenFlags::NONBLOCK)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        self.links.file_dropped(self.ops.poll_head());
        self.ops.release(self);
    }
}
