//! Readiness: what poll(2), select(2) and epoll(7) ask of a file, and how they hear of changes.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering, fence};

use crate::sched::wait::WaitQueue;
use crate::sync::{IrqSpinLock, SpinLock};

flags::flags! {
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

impl PollEvents {
    /// What a file with something to read reports.
    pub const READ: PollEvents = PollEvents::IN.union(PollEvents::RDNORM);
    /// What a file with room reports.
    pub const WRITE: PollEvents = PollEvents::OUT.union(PollEvents::WRNORM);
}

/// Somebody who wants to hear of changes (an epoll item, a poll call in progress).
pub trait Watcher: Send + Sync {
    /// `events` may have become ready. Called with interrupts possibly off: must not sleep or allocate. True when a thread was woken for it: an
    /// exclusive watcher that says so is the last one told (EPOLLEXCLUSIVE).
    fn notify(&self, events: PollEvents) -> bool;

    /// The open file it watched is gone (told through [`Links`]).
    fn file_closed(&self) {}
}

struct Entry {
    watcher: Arc<dyn Watcher>,
    exclusive: bool,
}

/// Beside every pollable object: the threads blocked on it and the watchers of it.
pub struct PollHead {
    /// Threads blocked in read, write, accept and so on.
    pub queue: WaitQueue,
    /// Length of `watchers`, read without the lock: most objects have none.
    count: AtomicUsize,
    watchers: IrqSpinLock<Vec<Entry>>,
}

impl PollHead {
    /// Nobody waits.
    pub const fn new() -> PollHead {
        PollHead { queue: WaitQueue::new(), count: AtomicUsize::new(0), watchers: IrqSpinLock::new(Vec::new()) }
    }

    /// Adds a watcher, which must look at the readiness itself after this. It stays until [`PollHead::remove`].
    pub fn add(&self, watcher: Arc<dyn Watcher>, exclusive: bool) {
        let entry = Entry { watcher, exclusive };
        let mut spare = Vec::new();
        loop {
            let mut watchers = self.watchers.lock();
            if spare.capacity() > watchers.len() && watchers.len() == watchers.capacity() {
                spare.append(&mut watchers);
                core::mem::swap(&mut *watchers, &mut spare);
            }
            if watchers.len() < watchers.capacity() {
                watchers.push(entry);
                self.count.store(watchers.len(), Ordering::Relaxed);
                break;
            }
            // Memory comes from outside the lock: it is held with interrupts off.
            let need = (watchers.len() * 2).max(2);
            drop(watchers);
            spare = Vec::with_capacity(need);
        }
        // The caller looks at the readiness after the count is visible; a notifier reads the count after changing the readiness.
        fence(Ordering::SeqCst);
    }

    /// Removes one entry of a watcher.
    pub fn remove(&self, watcher: &Arc<dyn Watcher>) {
        let entry = {
            let mut watchers = self.watchers.lock();
            let target = Arc::as_ptr(watcher).cast::<()>();
            let found = watchers.iter().position(|w| Arc::as_ptr(&w.watcher).cast::<()>() == target);
            let entry = found.map(|at| watchers.swap_remove(at));
            self.count.store(watchers.len(), Ordering::Relaxed);
            entry
        };
        drop(entry); // outside the lock: it may be the last reference
    }

    /// Whether anybody watches.
    #[inline]
    pub fn watched(&self) -> bool {
        fence(Ordering::SeqCst);
        self.count.load(Ordering::Relaxed) != 0
    }

    /// As [`PollHead::watched`] for a caller that has put a fence behind its change.
    #[inline]
    pub fn watched_now(&self) -> bool {
        self.count.load(Ordering::Relaxed) != 0
    }

    /// Says that `events` may be ready: wakes all blocked threads and tells the watchers.
    #[inline]
    pub fn notify(&self, events: PollEvents) {
        self.queue.wake_all();
        self.notify_watchers(events);
    }

    /// Tells the watchers only, for objects that keep queues of their own.
    #[inline]
    pub fn notify_watchers(&self, events: PollEvents) {
        if self.watched() {
            self.tell(events);
        }
    }

    #[cold]
    fn tell(&self, events: PollEvents) {
        for entry in self.watchers.lock().iter() {
            if entry.watcher.notify(events) && entry.exclusive {
                break;
            }
        }
    }
}

impl Default for PollHead {
    fn default() -> Self {
        PollHead::new()
    }
}

/// Beside every open file: the watchers that must go when it does, as closing the last descriptor takes a file out of all epoll instances.
pub struct Links {
    watchers: SpinLock<Vec<Arc<dyn Watcher>>>,
}

impl Links {
    /// No watcher.
    pub const fn new() -> Links {
        Links { watchers: SpinLock::new(Vec::new()) }
    }

    /// `watcher` lives as long as the open file at most.
    pub fn add(&self, watcher: Arc<dyn Watcher>) {
        self.watchers.lock().push(watcher);
    }

    /// Takes a watcher out.
    pub fn remove(&self, watcher: &Arc<dyn Watcher>) {
        let mut watchers = self.watchers.lock();
        let target = Arc::as_ptr(watcher).cast::<()>();
        let found = watchers.iter().position(|w| Arc::as_ptr(w).cast::<()>() == target).map(|at| watchers.swap_remove(at));
        drop(watchers);
        drop(found);
    }

    /// Whether nobody must hear: what closing a file mostly finds.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.watchers.lock().is_empty()
    }

    /// The open file is going; `head` is where its watchers are.
    pub fn file_dropped(&self, head: Option<&PollHead>) {
        let watchers = core::mem::take(&mut *self.watchers.lock());
        for watcher in watchers {
            if let Some(head) = head {
                head.remove(&watcher);
            }
            watcher.file_closed();
        }
    }
}

impl Default for Links {
    fn default() -> Self {
        Links::new()
    }
}
