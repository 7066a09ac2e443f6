//! Host to guest.

use abi::{Errno, Result};
use hal::mem::{Frame, PAGE_SIZE, Page};
use kernel::iobuf::ReadBuf;
use kernel::sched::wait::{WaitError, WaitOptions};

use super::{Console, Port, console};
use crate::queue::Queue;

/// Pages that the host may fill ahead of the reader.
const SLOTS: u16 = 4;

pub(super) struct Input {
    queue: Queue,
    frames: [Option<Frame>; SLOTS as usize],
    /// The page being read: descriptor, bytes in it, bytes taken.
    current: Option<(u16, usize, usize)>,
}

impl Input {
    fn new(port: &Port, console: &Console) -> Result<Input> {
        let queue = Queue::new(SLOTS).ok_or(Errno::ENOMEM)?;
        let mut input = Input { queue, frames: [const { None }; SLOTS as usize], current: None };
        console.transport.set_queue(port.receive_queue(), &input.queue);
        for _ in 0..SLOTS {
            input.refill()?;
        }
        console.transport.notify(port.receive_queue());
        console.control.open_port(&*console.transport, port.number());
        Ok(input)
    }

    /// Gives the device one more page to fill.
    fn refill(&mut self) -> Result<()> {
        let index = usize::from(self.queue.next_free().ok_or(Errno::EAGAIN)?);
        if self.frames[index].is_none() {
            self.frames[index] = Some(Frame::uninit().ok_or(Errno::ENOMEM)?);
        }
        let Some(frame) = &self.frames[index] else { return Err(Errno::ENOMEM) };
        let phys = frame.pfn().0 * PAGE_SIZE as u64; // widening
        self.queue.add(phys, PAGE_SIZE as u32, true); // a constant that fits
        Ok(())
    }

    /// Makes sure that `current` has bytes, if the device has any.
    fn advance(&mut self) -> bool {
        while self.current.is_none() {
            let Some((index, len)) = self.queue.take_used() else { return false };
            let len = usize::try_from(len).unwrap_or(0).min(PAGE_SIZE);
            if len == 0 {
                let _ = self.refill();
            } else {
                self.current = Some((index, len, 0));
            }
        }
        true
    }

    /// Moves bytes to `buf`; whether a page went back to the device.
    fn copy(&mut self, buf: &mut ReadBuf<'_>) -> Result<bool> {
        let mut returned = false;
        while buf.remaining() > 0 && self.advance() {
            let Some((index, len, taken)) = self.current else { break };
            let Some(frame) = self.frames[usize::from(index)].clone() else { break };
            let copied = match buf.put_page(&Page::Owned(frame), taken, len - taken) {
                Ok(n) => n,
                Err(errno) if buf.done() == 0 => return Err(errno),
                Err(_) => break,
            };
            if taken + copied == len {
                self.current = None;
                self.refill()?;
                returned = true;
            } else {
                self.current = Some((index, len, taken + copied));
            }
        }
        Ok(returned)
    }
}

impl Port {
    /// Runs `f` on the input side, set up at first use.
    fn with_input<R>(&self, f: impl FnOnce(&mut Input, &Console) -> Result<R>) -> Result<R> {
        let console = console().ok_or(Errno::EIO)?;
        let mut guard = self.input.lock();
        if guard.is_none() {
            *guard = Some(Input::new(self, console)?);
        }
        match guard.as_mut() {
            Some(input) => f(input, console),
            None => Err(Errno::EIO),
        }
    }

    /// Reads what is there, waiting for the first byte unless `nonblocking`. 0 at the end of the host's input.
    pub fn read(&self, buf: &mut ReadBuf<'_>, nonblocking: bool) -> Result<usize> {
        loop {
            let ended = self.with_input(|input, console| {
                // The order matters: "closed" seen before "no data" means that no data can come any more.
                console.control.receive(&*console.transport);
                let closed = console.control.is_closed(self.number());
                if input.copy(buf)? {
                    console.transport.notify(self.receive_queue());
                }
                Ok(closed)
            })?;
            if buf.done() > 0 || ended || buf.remaining() == 0 {
                return Ok(buf.done());
            }
            if nonblocking {
                return Err(Errno::EAGAIN);
            }
            self.head
                .queue
                .wait(WaitOptions::default(), || (self.has_input() || self.is_closed()).then_some(()))
                .map_err(|error| if error == WaitError::Interrupted { Errno::RESTARTSYS } else { Errno::EAGAIN })?;
        }
    }

    /// Whether a read would find bytes. Sets the port up, since asking means that somebody wants input.
    pub fn has_input(&self) -> bool {
        match self.input.try_lock() {
            Some(mut guard) => match guard.as_mut() {
                Some(input) => input.advance(),
                None => false,
            },
            None => false,
        }
    }

    /// Starts receiving, so that readiness can be asked (poll before the first read).
    pub fn open_input(&self) -> Result<()> {
        self.with_input(|_, _| Ok(()))
    }
}
