//! Waiting for something to happen.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering, fence};

use abi::{Errno, Result};

use super::thread::Thread;
use super::{current, park};
use crate::sync::IrqSpinLock;

/// Why a wait ended without its condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitError {
    /// A signal is pending (never from an uninterruptible wait).
    Interrupted,
    /// The deadline passed.
    TimedOut,
}

/// How to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WaitOptions {
    /// Absolute CLOCK_MONOTONIC nanoseconds.
    pub deadline: Option<u64>,
    /// Not to be ended by a signal.
    pub uninterruptible: bool,
}

/// Threads that wait for a condition. Wake-ups may come from interrupt handlers.
pub struct WaitQueue {
    /// In order of arrival. Only waiting threads insert, so wake-ups allocate nothing.
    waiting: IrqSpinLock<Vec<Arc<Thread>>>,
    /// Its length, for wake-ups that find nobody.
    count: AtomicUsize,
}

impl WaitQueue {
    /// An empty queue.
    pub const fn new() -> WaitQueue {
        WaitQueue { waiting: IrqSpinLock::new(Vec::new()), count: AtomicUsize::new(0) }
    }

    /// Sleeps until `condition` answers `Some`. It is evaluated first without sleeping, then after each wake-up; it may take locks but must not sleep.
    /// A wake-up between its evaluation and the sleep is not lost.
    pub fn wait<R>(&self, options: WaitOptions, mut condition: impl FnMut() -> Option<R>) -> core::result::Result<R, WaitError> {
        if let Some(value) = condition() {
            return Ok(value);
        }
        if !hal::task::started() {
            return wait_at_boot(options, condition);
        }
        let running = current();
        let me = running.to_arc();
        loop {
            self.join(&me);
            if let Some(value) = condition() {
                self.leave(&me);
                return Ok(value);
            }
            let error = if !options.uninterruptible && me.signal_pending() {
                Some(WaitError::Interrupted)
            } else if options.deadline.is_some_and(|deadline| hal::clock::monotonic_ns() >= deadline) {
                Some(WaitError::TimedOut)
            } else {
                None
            };
            if let Some(error) = error {
                if !self.leave(&me) {
                    self.wake_one(); // a wake-up meant for one waiter came to us: pass it on
                }
                return Err(error);
            }
            park(!options.uninterruptible, options.deadline);
        }
    }

    /// As [`WaitQueue::wait`] without a deadline; a signal gives ERESTARTSYS.
    pub fn wait_interruptible<R>(&self, condition: impl FnMut() -> Option<R>) -> Result<R> {
        self.wait(WaitOptions::default(), condition).map_err(|_| Errno::RESTARTSYS)
    }

    fn join(&self, me: &Arc<Thread>) {
        let mut waiting = self.waiting.lock();
        if !waiting.iter().any(|thread| Arc::ptr_eq(thread, me)) {
            waiting.push(me.clone());
            self.count.store(waiting.len(), Ordering::Relaxed);
        }
        drop(waiting);
        // The condition is looked at after this is seen; a waker looks here after it changed the condition.
        fence(Ordering::SeqCst);
    }

    /// True if we were still in the queue.
    fn leave(&self, me: &Arc<Thread>) -> bool {
        let mut waiting = self.waiting.lock();
        let at = waiting.iter().position(|thread| Arc::ptr_eq(thread, me));
        let found = at.map(|at| waiting.remove(at)).is_some();
        self.count.store(waiting.len(), Ordering::Relaxed);
        found
    }

    /// Whether anybody waits.
    #[inline]
    pub fn is_empty(&self) -> bool {
        fence(Ordering::SeqCst);
        self.is_empty_now()
    }

    /// As [`WaitQueue::is_empty`] for a caller that has put a fence behind its change of the condition.
    #[inline]
    pub fn is_empty_now(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }

    /// Wakes the thread that waits longest; false when nobody waits.
    #[inline]
    pub fn wake_one(&self) -> bool {
        !self.is_empty() && self.wake_first()
    }

    fn wake_first(&self) -> bool {
        let mut waiting = self.waiting.lock();
        if waiting.is_empty() {
            return false;
        }
        let thread = waiting.remove(0);
        self.count.store(waiting.len(), Ordering::Relaxed);
        thread.unpark();
        true
    }

    /// Wakes everybody.
    #[inline]
    pub fn wake_all(&self) {
        if !self.is_empty() {
            self.wake_every();
        }
    }

    fn wake_every(&self) {
        let mut waiting = self.waiting.lock();
        self.count.store(0, Ordering::Relaxed);
        for thread in waiting.drain(..) {
            thread.unpark();
        }
    }
}

/// Before threads run there is nobody to switch to: polls, with interrupts as they are.
fn wait_at_boot<R>(options: WaitOptions, mut condition: impl FnMut() -> Option<R>) -> core::result::Result<R, WaitError> {
    loop {
        if let Some(value) = condition() {
            return Ok(value);
        }
        if options.deadline.is_some_and(|deadline| hal::clock::monotonic_ns() >= deadline) {
            return Err(WaitError::TimedOut);
        }
        core::hint::spin_loop();
    }
}

impl Default for WaitQueue {
    fn default() -> Self {
        WaitQueue::new()
    }
}
