//! Guest to host. Writes are copied into page frames, so that the caller's buffer is free at once, and the host takes them in order.

use abi::{Errno, Result};
use hal::mem::{Frame, PAGE_SIZE};
use kernel::iobuf::WriteBuf;
use kernel::sched::wait::{WaitError, WaitOptions};

use super::{Console, Port, console};
use crate::queue::Queue;

/// Pages that may be on their way at one time.
const SLOTS: u16 = 16;

pub(super) struct Output {
    queue: Queue,
    /// The page of each descriptor, made when first needed.
    frames: [Option<Frame>; SLOTS as usize],
}

impl Output {
    fn new(port: &Port, console: &Console) -> Result<Output> {
        let mut queue = Queue::new(SLOTS).ok_or(Errno::ENOMEM)?;
        queue.set_interrupts(false);
        console.transport.set_queue(port.receive_queue() + 1, &queue);
        console.control.open_port(&*console.transport, port.number());
        Ok(Output { queue, frames: [const { None }; SLOTS as usize] })
    }

    fn reclaim(&mut self) {
        while self.queue.take_used().is_some() {}
    }

    /// Copies one page's worth into a free slot and makes it available. The descriptor that `add` will take is the last one freed, so its frame is ours to fill.
    fn push(&mut self, buf: &mut WriteBuf<'_>) -> Result<()> {
        let len = buf.remaining().min(PAGE_SIZE);
        let index = usize::from(self.queue.next_free().ok_or(Errno::EAGAIN)?);
        if self.frames[index].is_none() {
            self.frames[index] = Some(Frame::uninit().ok_or(Errno::ENOMEM)?);
        }
        let Some(frame) = &self.frames[index] else { return Err(Errno::ENOMEM) };
        let taken = buf.take_into_frame(frame, 0, len)?;
        let phys = frame.pfn().0 * PAGE_SIZE as u64; // widening
        self.queue.add(phys, u32::try_from(taken).unwrap_or(0), false);
        Ok(())
    }
}

impl Port {
    /// Writes all of `buf`, waiting for room unless `nonblocking`. EPIPE when the host has closed its side.
    pub fn write(&self, buf: &mut WriteBuf<'_>, nonblocking: bool) -> Result<usize> {
        self.write_waiting(buf, nonblocking, WaitOptions::default())
    }

    /// As [`Port::write`], whatever signals come: for the kernel's own lines.
    pub fn write_all(&self, bytes: &[u8]) -> Result<usize> {
        self.write_waiting(&mut WriteBuf::kernel(bytes), false, WaitOptions { uninterruptible: true, ..WaitOptions::default() })
    }

    fn write_waiting(&self, buf: &mut WriteBuf<'_>, nonblocking: bool, options: WaitOptions) -> Result<usize> {
        let console = console().ok_or(Errno::EIO)?;
        let mut guard = self.output.lock();
        if guard.is_none() {
            *guard = Some(Output::new(self, console)?);
        }
        let Some(output) = guard.as_mut() else { return Err(Errno::EIO) };
        let mut unsent = false;
        let result = loop {
            if buf.remaining() == 0 {
                break Ok(());
            }
            console.control.receive(&*console.transport);
            if console.control.is_closed(self.number()) {
                break Err(Errno::EPIPE);
            }
            output.reclaim();
            if output.queue.has_room() {
                if let Err(errno) = output.push(buf) {
                    break Err(errno);
                }
                unsent = true;
                continue;
            }
            if core::mem::take(&mut unsent) {
                console.transport.notify(self.receive_queue() + 1);
                continue;
            }
            if nonblocking {
                break Err(Errno::EAGAIN);
            }
            if let Err(errno) = self.wait_for_room(output, console, options) {
                break Err(errno);
            }
        };
        if unsent {
            console.transport.notify(self.receive_queue() + 1);
        }
        match result {
            Err(errno) if buf.done() == 0 => Err(errno),
            _ => Ok(buf.done()),
        }
    }

    /// Sleeps until the device gave a page back or the host went away.
    fn wait_for_room(&self, output: &mut Output, console: &Console, options: WaitOptions) -> Result<()> {
        output.queue.set_interrupts(true);
        let outcome = self.head.queue.wait(options, || {
            let before = output.queue.is_idle();
            output.reclaim();
            (before || output.queue.has_room() || console.control.is_closed(self.number())).then_some(())
        });
        output.queue.set_interrupts(false);
        outcome.map_err(|error| if error == WaitError::Interrupted { Errno::RESTARTSYS } else { Errno::EAGAIN })
    }

    /// Whether a write would not block.
    pub fn can_write(&self) -> bool {
        match self.output.try_lock() {
            Some(mut guard) => guard.as_mut().is_none_or(|output| {
                output.reclaim();
                output.queue.has_room()
            }),
            None => false,
        }
    }

    /// Whether the host has closed its side.
    pub fn is_closed(&self) -> bool {
        console().is_some_and(|console| console.control.is_closed(self.number()))
    }

    pub(super) fn drain(&self, console: &Console) {
        let mut guard = self.output.lock();
        let Some(output) = guard.as_mut() else { return };
        output.queue.set_interrupts(true);
        let options = WaitOptions { uninterruptible: true, ..WaitOptions::default() };
        let _ = self.head.queue.wait(options, || {
            output.reclaim();
            (output.queue.is_idle() || console.control.is_closed(self.number())).then_some(())
        });
    }
}
