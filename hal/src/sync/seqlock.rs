//! A sequence lock: readers never wait for the writer's lock, they read again when a write came between.

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicU32, Ordering, fence};

use super::spin::SpinLock;

/// A small `Copy` value that is read often and written seldom (clock parameters).
pub struct SeqLock<T: Copy> {
    sequence: AtomicU32,
    writer: SpinLock<()>,
    value: UnsafeCell<T>,
}

// SAFETY: writers exclude each other by `writer`; readers copy and discard the copy when `sequence` shows a write in between.
unsafe impl<T: Copy + Send> Sync for SeqLock<T> {}

impl<T: Copy> SeqLock<T> {
    /// A lock around `value`.
    pub const fn new(value: T) -> Self {
        SeqLock { sequence: AtomicU32::new(0), writer: SpinLock::new(()), value: UnsafeCell::new(value) }
    }

    /// A consistent copy of the value.
    #[inline]
    pub fn read(&self) -> T {
        loop {
            let before = self.sequence.load(Ordering::Acquire);
            // SAFETY: the pointer is valid; a copy torn by a concurrent write is thrown away below, and T is Copy so it needs no drop.
            let value = unsafe { core::ptr::read_volatile(self.value.get()) };
            fence(Ordering::Acquire);
            if before & 1 == 0 && self.sequence.load(Ordering::Relaxed) == before {
                return value;
            }
            core::hint::spin_loop();
        }
    }

    /// Replaces the value.
    pub fn write(&self, value: T) {
        let _writer = self.writer.lock();
        self.sequence.fetch_add(1, Ordering::AcqRel);
        // SAFETY: `_writer` excludes other writers; readers discard what they copied meanwhile.
        unsafe { core::ptr::write_volatile(self.value.get(), value) };
        self.sequence.fetch_add(1, Ordering::Release);
    }
}
