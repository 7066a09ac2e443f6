//! Pipes and FIFOs (pipe(7)): a ring of page slots, so that splice and tee move pages and small writes fill the last page.
//!
//! The rules are those of Linux's fs/pipe.c: 16 slots at first; a write goes into the last slot as far as its odd part fits, else into new
//! slots; what is at most PIPE_BUF long is never torn.

mod end;
mod ring;

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering, fence};

use abi::{Errno, Result};
use hal::mem::PAGE_SIZE;

use crate::fd::{anon, hooks};
use crate::iobuf::{ReadBuf, WriteBuf};
use crate::poll::{PollEvents, PollHead};
use crate::sched::wait::WaitQueue;
use crate::sync::{Mutex, MutexGuard};
use crate::vfs::file::OpenFlags;
pub use end::{PipeEnd, open_end, pair};
pub use ring::{Ring, Slot};

/// Slots that a caller without CAP_SYS_RESOURCE may ask for: 1 MiB (fs.pipe-max-size).
const MAX_SLOTS: usize = 256;

/// A pipe.
pub struct Pipe {
    ring: Mutex<Ring>,
    /// Slots in use and slots there are: copies of the ring's, for those who may not take its lock.
    used: AtomicUsize,
    max: AtomicUsize,
    readers: AtomicU32,
    writers: AtomicU32,
    /// Times that an end was opened, for FIFO opens that wait for the other side.
    reader_opens: AtomicU32,
    writer_opens: AtomicU32,
    read_queue: WaitQueue,
    write_queue: WaitQueue,
    /// Watchers of both ends.
    head: PollHead,
    number: u64,
    /// Permission bits: they mean nothing to a pipe without a name, but fchmod(2) sets them.
    perm: AtomicU32,
}

impl Pipe {
    /// An empty pipe without ends.
    pub fn new() -> Arc<Pipe> {
        let ring = Ring::new();
        Arc::new(Pipe {
            max: AtomicUsize::new(ring.max()),
            ring: Mutex::new(ring),
            used: AtomicUsize::new(0),
            readers: AtomicU32::new(0),
            writers: AtomicU32::new(0),
            reader_opens: AtomicU32::new(0),
            writer_opens: AtomicU32::new(0),
            read_queue: WaitQueue::new(),
            write_queue: WaitQueue::new(),
            head: PollHead::new(),
            number: anon::next_number(),
            perm: AtomicU32::new(0o600),
        })
    }

    fn empty(&self) -> bool {
        self.used.load(Ordering::Acquire) == 0
    }

    fn full(&self) -> bool {
        self.used.load(Ordering::Acquire) >= self.max.load(Ordering::Relaxed)
    }

    /// Open reading ends.
    pub fn readers(&self) -> u32 {
        self.readers.load(Ordering::Acquire)
    }

    /// Open writing ends.
    pub fn writers(&self) -> u32 {
        self.writers.load(Ordering::Acquire)
    }

    /// The contents, locked. [`Pipe::settle`] must follow a change.
    pub fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock()
    }

    /// Publishes the fill state, unlocks and wakes who can go on: readers if `readable`, writers if `writable`.
    #[inline]
    pub fn settle(&self, ring: MutexGuard<'_, Ring>, readable: bool, writable: bool) {
        self.used.store(ring.live(), Ordering::Release);
        drop(ring);
        if readable {
            self.read_queue.wake_one();
            self.head.notify_watchers(PollEvents::READ);
        }
        if writable {
            self.write_queue.wake_one();
            self.head.notify_watchers(PollEvents::WRITE);
        }
    }

    /// Sleeps until there is something to read or no writer; a signal gives ERESTARTSYS.
    pub fn wait_readable(&self) -> Result<()> {
        self.read_queue.wait_interruptible(|| (!self.empty() || self.writers() == 0).then_some(()))
    }

    /// Sleeps until there is room or no reader; a signal gives ERESTARTSYS.
    pub fn wait_writable(&self) -> Result<()> {
        self.write_queue.wait_interruptible(|| (!self.full() || self.readers() == 0).then_some(()))
    }

    /// Bytes in the pipe.
    pub fn bytes(&self) -> usize {
        self.ring.lock().bytes()
    }

    /// F_GETPIPE_SZ.
    pub fn capacity(&self) -> usize {
        self.max.load(Ordering::Relaxed) * PAGE_SIZE
    }

    /// F_SETPIPE_SZ: rounds up to a power of two of pages. EINVAL, EPERM above the limit without CAP_SYS_RESOURCE, EBUSY when the contents do not fit.
    pub fn set_capacity(&self, bytes: usize) -> Result<usize> {
        if bytes > 1 << 31 {
            return Err(Errno::EINVAL);
        }
        let slots = bytes.div_ceil(PAGE_SIZE).max(1).next_power_of_two();
        let mut ring = self.ring.lock();
        if slots > ring.max() && slots > MAX_SLOTS && !hooks::capable(crate::cred::cap::SYS_RESOURCE) {
            return Err(Errno::EPERM);
        }
        let grew = slots > ring.max();
        ring.set_max(slots)?;
        self.max.store(slots, Ordering::Relaxed);
        self.settle(ring, false, grew);
        Ok(slots * PAGE_SIZE)
    }

    /// Reads as read(2) does.
    #[inline]
    pub fn read(&self, buf: &mut ReadBuf<'_>, nonblocking: bool) -> Result<usize> {
        if let Some(done) = self.read_short(buf) {
            return done;
        }
        self.read_long(buf, nonblocking)
    }

    /// The common case, with one lock and one copy: all that is asked for, or all there is, lies in the first page. `None`: the long way.
    #[inline(always)]
    fn read_short(&self, buf: &mut ReadBuf<'_>) -> Option<Result<usize>> {
        let mut ring = self.ring.lock();
        let got = ring.drain_first(buf)?;
        self.used.store(ring.live(), Ordering::Release);
        Some(got)
    }

    #[inline(never)]
    fn read_long(&self, buf: &mut ReadBuf<'_>, nonblocking: bool) -> Result<usize> {
        if buf.remaining() == 0 {
            return Ok(0);
        }
        let mut ring = self.ring.lock();
        let mut was_full = ring.is_full();
        let mut slept = false;
        let result = loop {
            match ring.drain(buf) {
                Ok(0) => {}
                result => break result,
            }
            if self.writers() == 0 {
                break Ok(0);
            }
            if nonblocking {
                break Err(Errno::EAGAIN);
            }
            self.settle(ring, false, was_full);
            let woken = self.wait_readable();
            ring = self.ring.lock();
            was_full = ring.is_full();
            slept = true;
            if let Err(errno) = woken {
                break Err(errno);
            }
        };
        let more = slept && ring.live() > 0;
        self.settle(ring, false, was_full);
        if more {
            self.read_queue.wake_one(); // our wake-up may have been meant for data that is still there
        }
        result
    }

    /// Writes as write(2) does; raises SIGPIPE with EPIPE.
    #[inline]
    pub fn write(&self, buf: &mut WriteBuf<'_>, packets: bool, nonblocking: bool) -> Result<usize> {
        if let Some(done) = self.write_short(buf, packets) {
            return done;
        }
        self.write_long(buf, packets, nonblocking)
    }

    /// The common case, with one lock and one copy: a short write into a page that waits for it. `None`: the long way.
    #[inline(always)]
    fn write_short(&self, buf: &mut WriteBuf<'_>, packets: bool) -> Option<Result<usize>> {
        let mut ring = self.ring.lock();
        if self.readers() == 0 {
            return None;
        }
        let copied = match ring.fill_first(buf, packets)? {
            Ok(copied) => copied,
            failed => return Some(failed),
        };
        self.used.store(1, Ordering::Release);
        drop(ring);
        fence(Ordering::SeqCst);
        if !self.read_queue.is_empty_now() || self.head.watched_now() {
            self.read_queue.wake_one();
            self.head.notify_watchers(PollEvents::READ);
        }
        Some(Ok(copied))
    }

    #[inline(never)]
    fn write_long(&self, buf: &mut WriteBuf<'_>, packets: bool, nonblocking: bool) -> Result<usize> {
        if buf.remaining() == 0 {
            return Ok(0);
        }
        let before = buf.done();
        let mut ring = self.ring.lock();
        let mut was_empty = ring.live() == 0;
        let mut slept = false;
        let result = loop {
            if self.readers() == 0 {
                hooks::broken_pipe();
                break Err(Errno::EPIPE);
            }
            let first = buf.done() == before;
            match ring.fill(buf, packets, first) {
                Ok(()) if buf.remaining() == 0 => break Ok(()),
                Ok(()) => {}
                Err(errno) => break Err(errno),
            }
            if nonblocking {
                break Err(Errno::EAGAIN);
            }
            self.settle(ring, was_empty && buf.done() > before, false);
            let woken = self.wait_writable();
            ring = self.ring.lock();
            was_empty = ring.live() == 0;
            slept = true;
            if let Err(errno) = woken {
                break Err(errno);
            }
        };
        let written = buf.done() - before;
        let more = slept && !ring.is_full();
        let wake = was_empty && ring.live() > 0;
        self.settle(ring, wake, false);
        if !wake && written > 0 {
            self.head.notify_watchers(PollEvents::READ); // edge-triggered watchers hear of every write
        }
        if more {
            self.write_queue.wake_one();
        }
        if written > 0 { Ok(written) } else { result.map(|()| 0) }
    }

    fn opened(&self, flags: OpenFlags) {
        if reads(flags) {
            self.reader_opens.fetch_add(1, Ordering::Relaxed);
            self.readers.fetch_add(1, Ordering::AcqRel);
        }
        if writes(flags) {
            self.writer_opens.fetch_add(1, Ordering::Relaxed);
            self.writers.fetch_add(1, Ordering::AcqRel);
        }
    }

    fn closed(&self, flags: OpenFlags) {
        if reads(flags) {
            self.readers.fetch_sub(1, Ordering::AcqRel);
        }
        if writes(flags) {
            self.writers.fetch_sub(1, Ordering::AcqRel);
        }
        if (self.readers() == 0) != (self.writers() == 0) {
            self.read_queue.wake_all();
            self.write_queue.wake_all();
            self.head.notify_watchers(PollEvents::READ | PollEvents::WRITE | PollEvents::ERR | PollEvents::HUP);
        }
    }
}

fn reads(flags: OpenFlags) -> bool {
    flags.bits() & 3 != 1
}

fn writes(flags: OpenFlags) -> bool {
    matches!(flags.bits() & 3, 1 | 2)
}
