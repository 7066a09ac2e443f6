//! Signals as a stream (signalfd(2)). The signals are those of the thread that reads.

use alloc::sync::Arc;
use core::any::Any;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering};

use abi::{Errno, Result};

use crate::fd::hooks;
use crate::iobuf::ReadBuf;
use crate::poll::{PollEvents, PollHead};
use crate::vfs::file::{File, FileOps, OpenFlags};

/// Bytes of struct signalfd_siginfo.
const RECORD: usize = 128;
/// SIGKILL and SIGSTOP are never read.
const NEVER: u64 = 1 << 8 | 1 << 18;

/// A view of the signals in a mask.
pub struct SignalFd {
    mask: AtomicU64,
}

/// The view behind an open file; EINVAL.
pub fn of(file: &File) -> Result<&SignalFd> {
    file.ops.as_any().downcast_ref().ok_or(Errno::EINVAL)
}

impl SignalFd {
    /// A new open file; `flags` may hold NONBLOCK.
    pub fn open(mask: u64, flags: OpenFlags) -> Arc<File> {
        File::new(Arc::new(SignalFd { mask: AtomicU64::new(mask & !NEVER) }), flags | OpenFlags::RDWR)
    }

    /// Replaces the mask.
    pub fn set_mask(&self, mask: u64) {
        self.mask.store(mask & !NEVER, Ordering::Relaxed);
        if let Some(signals) = hooks::signals() {
            signals.head().notify(PollEvents::IN); // what waits may be wanted now
        }
    }
}

impl FileOps for SignalFd {
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        if buf.remaining() < RECORD {
            return Err(Errno::EINVAL);
        }
        let signals = hooks::signals().ok_or(Errno::EAGAIN)?;
        let mask = || self.mask.load(Ordering::Relaxed);
        let mut total = 0;
        while buf.remaining() >= RECORD {
            let Some(record) = signals.take(mask()) else {
                if total > 0 {
                    break;
                }
                if file.nonblocking() {
                    return Err(Errno::EAGAIN);
                }
                signals.head().queue.wait_interruptible(|| (signals.pending(mask()) != 0).then_some(()))?;
                continue;
            };
            match buf.put(&record) {
                Ok(RECORD) => total += RECORD,
                _ if total > 0 => break,
                _ => return Err(Errno::EFAULT),
            }
        }
        Ok(total)
    }

    fn poll(&self, _file: &File) -> PollEvents {
        let waiting = hooks::signals().is_some_and(|signals| signals.pending(self.mask.load(Ordering::Relaxed)) != 0);
        if waiting { PollEvents::IN } else { PollEvents::empty() }
    }

    fn poll_head(&self) -> Option<&PollHead> {
        hooks::signals().map(|signals| signals.head())
    }

    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("anon_inode:[signalfd]")
    }

    fn fdinfo(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        writeln!(out, "sigmask:\t{:016x}", self.mask.load(Ordering::Relaxed))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
