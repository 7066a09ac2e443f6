//! Waiting for something to happen.

use abi::Result;

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
    _private: (),
}

impl WaitQueue {
    /// An empty queue.
    pub const fn new() -> WaitQueue {
        WaitQueue { _private: () }
    }

    /// Sleeps until `condition` answers `Some`. It is evaluated first without sleeping, then after each wake-up; it may take locks but must not sleep.
    /// A wake-up between its evaluation and the sleep is not lost.
    pub fn wait<R>(&self, _options: WaitOptions, _condition: impl FnMut() -> Option<R>) -> core::result::Result<R, WaitError> {
        todo!()
    }

    /// As [`WaitQueue::wait`] without a deadline; a signal gives ERESTARTSYS.
    pub fn wait_interruptible<R>(&self, _condition: impl FnMut() -> Option<R>) -> Result<R> {
        todo!()
    }

    /// Wakes the thread that waits longest; false when nobody waits.
    pub fn wake_one(&self) -> bool {
        todo!()
    }

    /// Wakes everybody.
    pub fn wake_all(&self) {
        todo!()
    }
}

impl Default for WaitQueue {
    fn default() -> Self {
        WaitQueue::new()
    }
}
