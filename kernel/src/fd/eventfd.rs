//! Event counters (eventfd(2)).

use alloc::sync::Arc;
use core::any::Any;
use core::fmt;

use abi::{Errno, Result};

use crate::iobuf::{ReadBuf, WriteBuf};
use crate::poll::{PollEvents, PollHead};
use crate::sync::IrqSpinLock;
use crate::vfs::file::{File, FileOps, OpenFlags};

/// A counter that is readable while it is not 0.
pub struct EventFd {
    count: IrqSpinLock<u64>,
    semaphore: bool,
    head: PollHead,
}

impl EventFd {
    /// A counter that starts at `initial`; `semaphore`: reads take one.
    pub fn new(initial: u64, semaphore: bool) -> EventFd {
        EventFd { count: IrqSpinLock::new(initial), semaphore, head: PollHead::new() }
    }

    /// A new open file of it; `flags` may hold NONBLOCK.
    pub fn open(initial: u64, semaphore: bool, flags: OpenFlags) -> Arc<File> {
        File::new(Arc::new(EventFd::new(initial, semaphore)), flags | OpenFlags::RDWR)
    }

    fn try_take(&self) -> Option<u64> {
        let mut count = self.count.lock();
        let taken = match *count {
            0 => return None,
            _ if self.semaphore => 1,
            all => all,
        };
        *count -= taken;
        Some(taken)
    }

    /// The counter stays below its highest value, `u64::MAX`, which stands for an overflow.
    fn try_add(&self, value: u64) -> Option<()> {
        let mut count = self.count.lock();
        let sum = count.checked_add(value).filter(|&sum| sum < u64::MAX)?;
        *count = sum;
        Some(())
    }
}

impl FileOps for EventFd {
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        if buf.remaining() < 8 {
            return Err(Errno::EINVAL);
        }
        let value = match self.try_take() {
            Some(value) => value,
            None if file.nonblocking() => return Err(Errno::EAGAIN),
            None => self.head.queue.wait_interruptible(|| self.try_take())?,
        };
        self.head.notify(PollEvents::OUT);
        if buf.put(&value.to_ne_bytes())? < 8 { Err(Errno::EFAULT) } else { Ok(8) }
    }

    fn write_at(&self, file: &File, buf: &mut WriteBuf<'_>, _pos: u64) -> Result<usize> {
        if buf.piece() != 8 {
            return Err(Errno::EINVAL);
        }
        let mut bytes = [0; 8];
        if buf.take(&mut bytes)? < 8 {
            return Err(Errno::EFAULT);
        }
        let value = u64::from_ne_bytes(bytes);
        if value == u64::MAX {
            return Err(Errno::EINVAL);
        }
        if self.try_add(value).is_none() {
            if file.nonblocking() {
                return Err(Errno::EAGAIN);
            }
            self.head.queue.wait_interruptible(|| self.try_add(value))?;
        }
        self.head.notify(PollEvents::IN);
        Ok(8)
    }

    fn poll(&self, _file: &File) -> PollEvents {
        let count = *self.count.lock();
        let mut events = PollEvents::empty();
        events.set(PollEvents::IN, count > 0);
        events.set(PollEvents::ERR, count == u64::MAX);
        events.set(PollEvents::OUT, count < u64::MAX - 1);
        events
    }

    fn poll_head(&self) -> Option<&PollHead> {
        Some(&self.head)
    }

    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("anon_inode:[eventfd]")
    }

    fn fdinfo(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(out, "eventfd-count: {:16x}", *self.count.lock())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
