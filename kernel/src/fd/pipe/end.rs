//! The open ends of a pipe, and how they are opened: both at once by pipe(2), one by one for a FIFO.

use alloc::sync::Arc;
use core::any::Any;
use core::fmt;
use core::sync::atomic::Ordering;

use abi::fs::{Stat, mode};
use abi::{Errno, Result};

use super::{Pipe, reads, writes};
use crate::fd::anon;
use crate::iobuf::{ReadBuf, WriteBuf};
use crate::poll::{PollEvents, PollHead};
use crate::vfs::file::{File, FileOps, OpenFlags};

/// One open end of a pipe (both ends, for a FIFO opened O_RDWR).
pub struct PipeEnd {
    pipe: Arc<Pipe>,
    /// `writer_opens` when a FIFO was opened without a writer: it does not hang up before one came.
    seen: Option<u32>,
}

impl PipeEnd {
    /// The pipe behind it.
    pub fn pipe(&self) -> &Arc<Pipe> {
        &self.pipe
    }

    /// The pipe behind an open file, if it is one.
    pub fn of(file: &File) -> Option<&Arc<Pipe>> {
        file.ops.as_any().downcast_ref::<PipeEnd>().map(|end| &end.pipe)
    }

    /// Number of the pipe, as in `pipe:[number]`.
    pub fn number(&self) -> u64 {
        self.pipe.number
    }
}

impl FileOps for PipeEnd {
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        self.pipe.read(buf, file.nonblocking())
    }

    fn write_at(&self, file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        let flags = file.flags();
        self.pipe.write(buf, flags.contains(OpenFlags::DIRECT), flags.contains(OpenFlags::NONBLOCK))
    }

    fn poll(&self, file: &File) -> PollEvents {
        let pipe = &self.pipe;
        let mut events = PollEvents::empty();
        if file.readable() {
            if !pipe.empty() {
                events |= PollEvents::READ;
            }
            if pipe.writers() == 0 && self.seen != Some(pipe.writer_opens.load(Ordering::Relaxed)) {
                events |= PollEvents::HUP;
            }
        }
        if file.writable() {
            if !pipe.full() {
                events |= PollEvents::WRITE;
            }
            if pipe.readers() == 0 {
                events |= PollEvents::ERR;
            }
        }
        events
    }

    fn poll_head(&self) -> Option<&PollHead> {
        Some(&self.pipe.head)
    }

    fn ioctl(&self, _file: &File, cmd: u32, arg: usize) -> Result<usize> {
        if cmd != abi::io::FIONREAD {
            return Err(Errno::ENOTTY);
        }
        let bytes = i32::try_from(self.pipe.bytes()).unwrap_or(i32::MAX);
        hal::user::UserPtr::<i32>::new(arg).write(&bytes)?;
        Ok(0)
    }

    fn stat(&self, _file: &File) -> Stat {
        anon::stat(mode::S_IFIFO | self.pipe.perm.load(Ordering::Relaxed), self.pipe.number)
    }

    fn set_perm(&self, _file: &File, perm: u32) -> Result<()> {
        self.pipe.perm.store(perm & 0o7777, Ordering::Relaxed);
        Ok(())
    }

    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        write!(out, "pipe:[{}]", self.pipe.number)
    }

    fn release(&self, file: &File) {
        self.pipe.closed(file.flags());
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The two ends of a new pipe: for reading, for writing. `flags` may hold NONBLOCK and DIRECT.
pub fn pair(flags: OpenFlags) -> (Arc<File>, Arc<File>) {
    let pipe = Pipe::new();
    let open = |mode: OpenFlags| {
        pipe.opened(mode);
        File::new(Arc::new(PipeEnd { pipe: pipe.clone(), seen: None }), flags | mode)
    };
    (open(OpenFlags::empty()), open(OpenFlags::WRONLY))
}

/// Opens a FIFO as open(2) does: waits for the other side unless NONBLOCK or O_RDWR. ENXIO for a non-blocking writer without a reader; ERESTARTSYS on a signal.
pub fn open_end(pipe: &Arc<Pipe>, flags: OpenFlags) -> Result<PipeEnd> {
    let nonblocking = flags.contains(OpenFlags::NONBLOCK);
    let (read, write) = (reads(flags), writes(flags));
    if write && !read && nonblocking && pipe.readers() == 0 {
        return Err(Errno::ENXIO);
    }
    let (reader_opens, writer_opens) = (pipe.reader_opens.load(Ordering::Relaxed), pipe.writer_opens.load(Ordering::Relaxed));
    pipe.opened(flags);
    pipe.read_queue.wake_all();
    pipe.write_queue.wake_all();
    let mut seen = None;
    let met = match (read, write) {
        (true, false) if pipe.writers() == 0 && nonblocking => {
            seen = Some(writer_opens);
            Ok(())
        }
        (true, false) if pipe.writers() == 0 => {
            pipe.read_queue.wait_interruptible(|| (pipe.writer_opens.load(Ordering::Acquire) != writer_opens).then_some(()))
        }
        (false, true) if pipe.readers() == 0 => {
            pipe.write_queue.wait_interruptible(|| (pipe.reader_opens.load(Ordering::Acquire) != reader_opens).then_some(()))
        }
        _ => Ok(()),
    };
    if let Err(errno) = met {
        pipe.closed(flags);
        return Err(errno);
    }
    Ok(PipeEnd { pipe: pipe.clone(), seen })
}
