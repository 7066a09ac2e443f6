//! Readiness: what poll(2), select(2) and epoll(7) ask of a file, and how they hear of changes.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use crate::sched::wait::WaitQueue;
use crate::sync::IrqSpinLock;

bitflags::bitflags! {
    /// Events of poll(2); the values are Linux's.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct PollEvents: u32 {
        /// Data to read.
        const IN = 0x1;
        /// Urgent data.
        const PRI = 0x2;
        /// Room to write.
        const OUT = 0x4;
        /// Error (always reported).
        const ERR = 0x8;
        /// Hang-up (always reported).
        const HUP = 0x10;
        /// Invalid descriptor.
        const NVAL = 0x20;
        /// As IN.
        const RDNORM = 0x40;
        /// Priority band data to read.
        const RDBAND = 0x80;
        /// As OUT.
        const WRNORM = 0x100;
        /// Priority band room.
        const WRBAND = 0x200;
        /// Peer shut down writing.
        const RDHUP = 0x2000;
    }
}

/// Somebody who wants to hear of changes (an epoll instance, a poll call in progress).
pub trait Watcher: Send + Sync {
    /// `events` may have become ready. Called with interrupts possibly off: must not sleep or allocate.
    fn notify(&self, events: PollEvents);
}

/// Beside every pollable object: the threads blocked on it and the watchers of it.
pub struct PollHead {
    /// Threads blocked in read, write, accept and so on.
    pub queue: WaitQueue,
    watchers: IrqSpinLock<Vec<Weak<dyn Watcher>>>,
}

impl PollHead {
    /// Nobody waits.
    pub const fn new() -> PollHead {
        PollHead { queue: WaitQueue::new(), watchers: IrqSpinLock::new(Vec::new()) }
    }

    /// Adds a watcher. It must look at the readiness itself after this, and is dropped with its last `Arc` or by [`PollHead::remove`].
    pub fn add(&self, watcher: &Arc<dyn Watcher>) {
        let mut watchers = self.watchers.lock();
        watchers.retain(|w| w.strong_count() > 0);
        watchers.push(Arc::downgrade(watcher));
    }

    /// Removes a watcher.
    pub fn remove(&self, watcher: &Arc<dyn Watcher>) {
        let target = Arc::as_ptr(watcher).cast::<()>();
        self.watchers.lock().retain(|w| w.as_ptr().cast::<()>() != target && w.strong_count() > 0);
    }

    /// Says that `events` may be ready: wakes all blocked threads and tells the watchers.
    pub fn notify(&self, events: PollEvents) {
        self.queue.wake_all();
        for watcher in self.watchers.lock().iter() {
            if let Some(watcher) = watcher.upgrade() {
                watcher.notify(events);
            }
        }
    }
}

impl Default for PollHead {
    fn default() -> Self {
        PollHead::new()
    }
}
