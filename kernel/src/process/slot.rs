//! A replaceable counted pointer: what a thread shares with others until exec, unshare or its end.

use alloc::sync::Arc;

use crate::sync::SpinLock;

/// Holds an `Arc<T>` that may be replaced; empty after its thread has ended.
pub struct Slot<T>(SpinLock<Option<Arc<T>>>);

impl<T> Slot<T> {
    /// A slot with `value`.
    pub fn new(value: Arc<T>) -> Slot<T> {
        Slot(SpinLock::new(Some(value)))
    }

    /// The value; `None` when the thread has ended.
    #[inline]
    pub fn get(&self) -> Option<Arc<T>> {
        self.0.lock().clone()
    }

    /// Runs `f` with the value under the lock, without counting a reference: for short work that does not sleep.
    #[inline(always)]
    pub fn with<R>(&self, f: impl FnOnce(&T) -> R) -> Option<R> {
        self.0.lock().as_deref().map(f)
    }

    /// Replaces the value; the old one is dropped outside the lock by the caller.
    #[must_use = "drop the old value where dropping may sleep"]
    pub fn replace(&self, value: Arc<T>) -> Option<Arc<T>> {
        self.0.lock().replace(value)
    }

    /// Empties the slot.
    #[must_use = "drop the old value where dropping may sleep"]
    pub fn take(&self) -> Option<Arc<T>> {
        self.0.lock().take()
    }
}
