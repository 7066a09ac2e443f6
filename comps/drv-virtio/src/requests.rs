//! Devices with one queue that answer requests (9p, block): so many at a time, callers sleep until the interrupt, and nothing the device says is believed
//! unseen.

use alloc::boxed::Box;

use abi::{Errno, Result};
use hal::mem::{Frame, PAGE_SIZE};
use kernel::sched::wait::{WaitOptions, WaitQueue};
use kernel::sync::IrqSpinLock;

use crate::queue::{Part, Queue};
use crate::transport::Transport;

/// Requests under way at one time.
pub const SLOTS: usize = 8;
/// Descriptors, as far as the device has as many.
const QUEUE_SIZE: u16 = 128;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    Free,
    /// Somebody fills its buffer.
    Taken,
    /// Out with the device: the first descriptor.
    Sent(u16),
    /// The same, and nobody waits for the reply.
    Orphan(u16),
    /// Back: bytes that the device wrote.
    Done(u32),
}

struct Inner {
    queue: Queue,
    slots: [Slot; SLOTS],
}

/// The requests of one device.
pub struct Requests {
    transport: Box<dyn Transport>,
    inner: IrqSpinLock<Inner>,
    /// Replies have come, or slots became free.
    news: WaitQueue,
}

impl Requests {
    /// Hands queue 0 to the device; `None` for a device without a sound one.
    pub fn new(transport: Box<dyn Transport>) -> Option<Requests> {
        let queue = Queue::new(Some(transport.max_queue_size(0).min(QUEUE_SIZE)).filter(|n| n.is_power_of_two())?)?;
        transport.set_queue(0, &queue);
        let inner = IrqSpinLock::new(Inner { queue, slots: [Slot::Free; SLOTS] });
        Some(Requests { transport, inner, news: WaitQueue::new() })
    }

    /// The device.
    pub fn transport(&self) -> &dyn Transport {
        &*self.transport
    }

    /// Parts that a request may have.
    pub fn parts_max(&self) -> usize {
        usize::from(self.inner.lock().queue.size())
    }

    /// The device has interrupted.
    pub fn interrupt(&self) {
        self.transport.acknowledge_interrupt();
        self.wake();
    }

    /// Everybody looks again.
    pub fn wake(&self) {
        self.news.wake_all();
    }

    /// Waits, not to be ended by a signal, until `condition` holds; `None` at the deadline (CLOCK_MONOTONIC nanoseconds).
    fn wait<R>(&self, deadline: Option<u64>, mut condition: impl FnMut(&mut Inner) -> Option<R>) -> Option<R> {
        let mut found = None;
        self.wait_for(deadline, &mut |inner| {
            found = condition(inner);
            found.is_some()
        });
        found
    }

    /// One body for all waits.
    fn wait_for(&self, deadline: Option<u64>, condition: &mut dyn FnMut(&mut Inner) -> bool) {
        let options = WaitOptions { uninterruptible: true, deadline };
        let look = || {
            let mut inner = self.inner.lock();
            inner.reap();
            condition(&mut inner).then_some(())
        };
        let _ = self.news.wait(options, look);
    }

    /// Waits for a slot; its buffers are the caller's until [`Requests::release`].
    pub fn take(&self) -> usize {
        let free = |inner: &mut Inner| inner.take(0);
        loop {
            if let Some(slot) = self.wait(None, free) {
                return slot;
            }
        }
    }

    /// A slot, if more than half of them are free now.
    pub fn take_spare(&self) -> Option<usize> {
        let mut inner = self.inner.lock();
        inner.reap();
        inner.take(SLOTS / 2)
    }

    /// Makes the request in `slot` available to the device, which [`Requests::reply`] tells; waits while the queue is full. EMSGSIZE for more parts than the
    /// queue has; EIO at the deadline.
    pub fn send(&self, slot: usize, parts: &[Part], deadline: Option<u64>) -> Result<()> {
        let sent = self.wait(deadline, |inner| {
            // All parts at once, or later, when others have come back; more than the whole queue never fits.
            if inner.queue.room() < parts.len().min(usize::from(inner.queue.size())) {
                return None;
            }
            let head = inner.queue.add_chain(parts);
            inner.slots[slot] = head.map_or(Slot::Taken, Slot::Sent);
            Some(head.map(drop).ok_or(Errno::EMSGSIZE))
        });
        sent.unwrap_or(Err(Errno::EIO))
    }

    /// Tells the device and waits for the reply; gives the bytes that it says it wrote, `None` at the deadline or when `given_up` says so.
    pub fn reply(&self, slot: usize, deadline: Option<u64>, given_up: impl Fn() -> bool) -> Option<u32> {
        self.transport.notify(0);
        let done = self.wait(deadline, |inner| match inner.slots[slot] {
            Slot::Done(len) => Some(Some(len)),
            _ => given_up().then_some(None),
        });
        done.flatten()
    }

    /// The caller is done with the slot.
    pub fn release(&self, slot: usize) {
        self.inner.lock().slots[slot] = Slot::Free;
        self.wake();
    }

    /// The caller does not wait for the reply.
    pub fn abandon(&self, slot: usize) {
        let slot = &mut self.inner.lock().slots[slot];
        *slot = match *slot {
            Slot::Sent(head) => Slot::Orphan(head),
            _ => Slot::Free,
        };
    }
}

impl Inner {
    /// Notes what the device has given back.
    fn reap(&mut self) {
        while let Some((head, len)) = self.queue.take_used() {
            for slot in &mut self.slots {
                match *slot {
                    Slot::Sent(at) if at == head => *slot = Slot::Done(len),
                    Slot::Orphan(at) if at == head => *slot = Slot::Free,
                    _ => {}
                }
            }
        }
    }

    /// A slot, if more than `spare` are free.
    fn take(&mut self, spare: usize) -> Option<usize> {
        let mut free = (0..SLOTS).filter(|&at| self.slots[at] == Slot::Free);
        let slot = free.next().filter(|_| free.count() >= spare)?;
        self.slots[slot] = Slot::Taken;
        Some(slot)
    }
}

/// Calls `each` with physical address and length of every piece of bytes `from..to` of `frames`.
pub fn pages(frames: &[Frame], from: usize, to: usize, each: &mut dyn FnMut(u64, u32)) {
    for (index, frame) in frames.iter().enumerate() {
        let start = from.saturating_sub(index * PAGE_SIZE);
        let end = to.saturating_sub(index * PAGE_SIZE).min(PAGE_SIZE);
        if start < end {
            each(frame.pfn().0 * PAGE_SIZE as u64 + start as u64, (end - start) as u32); // within a page
        }
    }
}
