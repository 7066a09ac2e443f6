//! Open file descriptions: what open(2) makes and descriptors share.

use alloc::sync::Arc;
use core::any::Any;
use core::fmt;
use core::sync::atomic::{AtomicU32, Ordering};

use abi::fs::{Stat, inotify, seek};
use abi::{Errno, Result};

use super::inode::Inode;
use super::locks::{self, LockTable, Owner};
use super::mount::Path;
use super::notify;
use super::ops::Emit;
use super::types::FileType;
use crate::iobuf::{ReadBuf, WriteBuf};
use crate::mm::PageCache;
use crate::poll::{Links, PollEvents, PollHead};
use crate::sync::{Mutex, Once};

pub use super::flags::OpenFlags;

/// The behaviour of one kind of open file. Defaults answer as Linux does for a file that lacks the operation.
pub trait FileOps: Send + Sync {
    /// Reads at `pos` (ignored by streams). Blocks unless `file` is non-blocking (then EAGAIN). Returns the bytes put into `buf`.
    fn read_at(&self, _file: &File, _buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        Err(Errno::EINVAL)
    }

    /// Writes at `pos` (ignored by streams, and by a file opened with O_APPEND, which writes at its end).
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

    /// Directory: the entries after `cookie`, `.` and `..` included, until `emit` says no (getdents64(2)).
    fn read_dir(&self, _file: &File, _cookie: u64, _emit: &mut Emit<'_>) -> Result<()> {
        Err(Errno::ENOTDIR)
    }

    /// lseek(2) from `pos`: the new position. The default knows SEEK_SET, SEEK_CUR and, with an inode, SEEK_END.
    fn seek(&self, file: &File, pos: u64, offset: i64, whence: u32) -> Result<u64> {
        let size = file.inode().map_or(0, |i| i.size());
        seek_to(pos, size, offset, whence)
    }

    /// What fstat(2) says of a file without a path; its number is the same for all of a kind, as on Linux's anon_inodefs.
    fn stat(&self, _file: &File) -> Stat {
        Stat { st_dev: 9, st_ino: 1, st_nlink: 1, st_mode: 0o600, st_blksize: 4096, ..Stat::default() }
    }

    /// fchmod(2) of a file without a path.
    fn set_perm(&self, _file: &File, _perm: u32) -> Result<()> {
        Err(Errno::EPERM)
    }

    /// What /proc/self/fd shows for a file without a path: `pipe:[7]`, `anon_inode:[eventpoll]`.
    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("anon_inode:[unknown]")
    }

    /// More lines for /proc/self/fdinfo.
    fn fdinfo(&self, _file: &File, _out: &mut dyn fmt::Write) -> fmt::Result {
        Ok(())
    }

    /// The pages that mmap(2) maps; ENODEV for what cannot be mapped.
    fn page_cache(&self, _file: &File) -> Result<Arc<PageCache>> {
        Err(Errno::ENODEV)
    }

    /// fsync(2); EINVAL where it means nothing (pipes, sockets).
    fn sync(&self, _file: &File) -> Result<()> {
        Err(Errno::EINVAL)
    }

    /// fcntl(F_SETFL) wants these flags: EINVAL for O_DIRECT where it is not known.
    fn check_flags(&self, _file: &File, _flags: OpenFlags) -> Result<()> {
        Ok(())
    }

    /// For those who know the concrete type (epoll in epoll, sockets).
    fn as_any(&self) -> &dyn Any;
}

/// The target of an lseek with the plain kinds of `whence`; EINVAL below zero, past the largest offset, or for another kind.
pub fn seek_to(pos: u64, size: u64, offset: i64, whence: u32) -> Result<u64> {
    let base = match whence {
        seek::SET => 0,
        seek::CUR => pos,
        seek::END => size,
        _ => return Err(Errno::EINVAL),
    };
    base.checked_add_signed(offset).filter(|to| i64::try_from(*to).is_ok()).ok_or(Errno::EINVAL)
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
    /// [`FileOps::seekable`] of `ops`, which every read and write asks for.
    seekable: bool,
    /// Opened for reading, for writing: never changes, and every read and write asks.
    access: (bool, bool),
    path: Option<Path>,
    /// flock(2) of a file without an inode, made at the first lock.
    locks: Once<Arc<LockTable>>,
}

/// Whether flags allow reading and writing.
fn access(flags: OpenFlags) -> (bool, bool) {
    match flags.bits() & 3 {
        _ if flags.contains(OpenFlags::PATH) => (false, false),
        0 => (true, false),
        1 => (false, true),
        2 => (true, true),
        _ => (false, false), // 3: ioctl only
    }
}

impl File {
    /// Opens `ops`, which has no name in any file system (pipe, socket, eventfd), with `flags`.
    pub fn new(ops: Arc<dyn FileOps>, flags: OpenFlags) -> Arc<File> {
        File::make(ops, flags, None)
    }

    /// Opens `ops` for the file at `path`. The caller has counted a writer ([`Inode::get_write`]) if a regular file is opened for writing.
    #[inline]
    pub fn with_path(ops: Arc<dyn FileOps>, flags: OpenFlags, path: Path) -> Arc<File> {
        File::make(ops, flags, Some(path))
    }

    #[inline]
    fn make(ops: Arc<dyn FileOps>, flags: OpenFlags, path: Option<Path>) -> Arc<File> {
        let seekable = ops.seekable();
        Arc::new(File {
            ops,
            flags: AtomicU32::new(flags.bits()),
            access: access(flags),
            pos: Mutex::new(0),
            links: Links::new(),
            seekable,
            path,
            locks: Once::new(),
        })
    }

    /// Where it was found; `None` for pipes, sockets and so on.
    #[inline]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_ref()
    }

    /// Its inode, if it has a path.
    #[inline]
    pub fn inode(&self) -> Option<&Arc<Inode>> {
        self.path.as_ref()?.dentry.inode()
    }

    /// A number that no other open description has now: what its locks are held by.
    pub fn id(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// flock(2): EWOULDBLOCK (EAGAIN), ERESTARTSYS.
    pub fn flock(&self, exclusive: bool, wait: bool) -> Result<()> {
        let owner = Owner::Description(self.id());
        if let Some(inode) = self.inode() {
            return inode.flock(owner, exclusive, wait);
        }
        let table = match self.locks.get() {
            Some(table) => table,
            None => {
                let stat = self.stat();
                let table = LockTable::of_object((stat.st_dev, stat.st_ino));
                self.locks.get_or_init(|| table)
            }
        };
        table.flock(owner, exclusive, wait)
    }

    /// flock(LOCK_UN).
    pub fn funlock(&self) {
        let owner = Owner::Description(self.id());
        match (self.inode(), self.locks.get()) {
            (Some(inode), _) => inode.funlock(owner),
            (None, Some(table)) => table.funlock(owner),
            (None, None) => {}
        }
    }

    /// fstat(2).
    pub fn stat(&self) -> Stat {
        match self.inode() {
            Some(inode) => inode.stat(),
            None => self.ops.stat(self),
        }
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

    /// Whether it has a position.
    #[inline]
    pub fn seekable(&self) -> bool {
        self.seekable
    }

    /// Opened for reading.
    #[inline]
    pub fn readable(&self) -> bool {
        self.access.0
    }

    /// Opened for writing.
    #[inline]
    pub fn writable(&self) -> bool {
        self.access.1
    }

    /// O_NONBLOCK is set.
    #[inline]
    pub fn nonblocking(&self) -> bool {
        self.flags().contains(OpenFlags::NONBLOCK)
    }

    /// lseek(2): ESPIPE for a stream.
    pub fn seek(&self, offset: i64, whence: u32) -> Result<u64> {
        if !self.seekable {
            return Err(Errno::ESPIPE);
        }
        let mut pos = self.pos.lock();
        *pos = self.ops.seek(self, *pos, offset, whence)?;
        Ok(*pos)
    }

    /// A descriptor of table `table` was closed: the table's byte-range locks on the file go, whichever descriptor took them (fcntl_locking(2)).
    #[inline]
    pub fn drop_process_locks(&self, table: u64) {
        if let Some(inode) = self.inode()
            && inode.has_locks()
        {
            inode.range_unlock(Owner::Process(table), 0, locks::TO_END);
        }
    }

    /// The end of a description that has a path: its writer's count, its locks, the news of its closing.
    fn leave(&self, path: &Path) {
        if self.flags().contains(OpenFlags::PATH) {
            return;
        }
        let Some(inode) = path.dentry.inode() else { return };
        if self.writable() && inode.kind == FileType::Regular {
            inode.put_write();
        }
        if inode.has_locks() {
            inode.range_unlock(Owner::Description(self.id()), 0, locks::TO_END);
            inode.funlock(Owner::Description(self.id()));
        }
        let event = if self.writable() { inotify::CLOSE_WRITE } else { inotify::CLOSE_NOWRITE };
        notify::on_dentry(&path.dentry, event);
        if notify::active() && inode.nlink() == 0 && Arc::strong_count(&path.dentry) == 1 {
            // The last who held the removed file; its end is what IN_DELETE_SELF tells.
            notify::tell(inode, inotify::DELETE_SELF, 0, None);
        }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        if !self.links.is_empty() {
            self.links.file_dropped(self.ops.poll_head());
        }
        self.ops.release(self);
        match &self.path {
            Some(path) => self.leave(path),
            None if self.locks.get().is_some() => self.funlock(),
            None => {}
        }
    }
}
