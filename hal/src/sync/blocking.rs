//! Sleeping locks. They are futexes inside: a word, and a [`Blocker`] that the scheduler provides for the contended case.

use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};
use core::sync::atomic::{AtomicU32, Ordering};

use super::once::Once;

/// What the scheduler lends to sleeping locks (the design's seam 5). Not interruptible by signals.
pub trait Blocker: Sync {
    /// Sleeps while `*word == expected`; may return early.
    fn wait(&self, word: &AtomicU32, expected: u32);
    /// Wakes up to `count` threads sleeping on `word`.
    fn wake(&self, word: &AtomicU32, count: u32);
}

static BLOCKER: Once<&'static dyn Blocker> = Once::new();

/// Registers the scheduler. Before that a contended lock spins.
pub fn set_blocker(blocker: &'static dyn Blocker) {
    let _ = BLOCKER.set(blocker);
}

#[cold]
fn wait(word: &AtomicU32, expected: u32) {
    match BLOCKER.get() {
        Some(blocker) => blocker.wait(word, expected),
        None => core::hint::spin_loop(),
    }
}

#[cold]
fn wake(word: &AtomicU32, count: u32) {
    if let Some(blocker) = BLOCKER.get() {
        blocker.wake(word, count);
    }
}

const FREE: u32 = 0;
const HELD: u32 = 1;
const CONTENDED: u32 = 2;

/// Mutual exclusion whose holder may sleep. Not usable from interrupt handlers or under a spin lock.
pub struct Mutex<T: ?Sized> {
    state: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: one holder at a time gets `&mut T`.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}
// SAFETY: moving the lock moves the value.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}

impl<T> Mutex<T> {
    /// A free mutex around `value`.
    pub const fn new(value: T) -> Self {
        Mutex { state: AtomicU32::new(FREE), value: UnsafeCell::new(value) }
    }

    /// The value, when nobody else can hold the lock.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Takes the mutex, sleeping while another thread holds it.
    #[inline]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        if self.state.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).is_err() {
            while self.state.swap(CONTENDED, Ordering::Acquire) != FREE {
                wait(&self.state, CONTENDED);
            }
        }
        MutexGuard { lock: self }
    }

    /// Takes the mutex if it is free.
    #[inline]
    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        self.state.compare_exchange(FREE, HELD, Ordering::Acquire, Ordering::Relaxed).ok().map(|_| MutexGuard { lock: self })
    }

    /// The value, through exclusive access to the lock itself.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

impl<T: Default> Default for Mutex<T> {
    fn default() -> Self {
        Mutex::new(T::default())
    }
}

/// Holds a [`Mutex`]; unlocks on drop.
pub struct MutexGuard<'a, T: ?Sized> {
    lock: &'a Mutex<T>,
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the guard exists only while its thread holds the mutex.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as for `deref`, and `&mut self` is exclusive.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.lock.state.swap(FREE, Ordering::Release) == CONTENDED {
            wake(&self.lock.state, 1);
        }
    }
}

const WRITER: u32 = u32::MAX >> 1;
const WAITERS: u32 = 1 << 31;

/// Many readers or one writer; holders may sleep. The word counts readers, `WRITER` is one writer, the top bit says somebody sleeps.
pub struct RwLock<T: ?Sized> {
    state: AtomicU32,
    value: UnsafeCell<T>,
}

// SAFETY: readers share `&T` (T: Sync), one writer gets `&mut T` (T: Send).
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}
// SAFETY: moving the lock moves the value.
unsafe impl<T: ?Sized + Send> Send for RwLock<T> {}

impl<T> RwLock<T> {
    /// A free lock around `value`.
    pub const fn new(value: T) -> Self {
        RwLock { state: AtomicU32::new(0), value: UnsafeCell::new(value) }
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Takes the lock for reading.
    #[inline]
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        loop {
            let state = self.state.load(Ordering::Relaxed);
            if state < WRITER - 1 {
                if self.state.compare_exchange_weak(state, state + 1, Ordering::Acquire, Ordering::Relaxed).is_ok() {
                    return RwLockReadGuard { lock: self };
                }
            } else {
                self.sleep(state);
            }
        }
    }

    /// Takes the lock for writing.
    #[inline]
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        loop {
            match self.state.compare_exchange(0, WRITER, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return RwLockWriteGuard { lock: self },
                Err(state) => self.sleep(state),
            }
        }
    }

    /// Marks the lock as waited for and sleeps until it changes.
    #[cold]
    fn sleep(&self, state: u32) {
        if state == 0 || state == WAITERS {
            // Free but for the mark: take the mark off so that the fast paths see a free lock.
            let _ = self.state.compare_exchange(WAITERS, 0, Ordering::Relaxed, Ordering::Relaxed);
            return;
        }
        let marked = state | WAITERS;
        if state == marked || self.state.compare_exchange(state, marked, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            wait(&self.state, marked);
        }
    }

    /// Removes one holder; the last one wakes everybody who sleeps.
    #[inline]
    fn release(&self, holders: u32) {
        let before = self.state.fetch_sub(holders, Ordering::Release);
        if before & WAITERS != 0 && before & !WAITERS == holders {
            let _ = self.state.compare_exchange(WAITERS, 0, Ordering::Relaxed, Ordering::Relaxed);
            wake(&self.state, u32::MAX);
        }
    }
}

/// Holds a [`RwLock`] for reading.
pub struct RwLockReadGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
}

impl<T: ?Sized> Deref for RwLockReadGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: readers exclude the writer.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> Drop for RwLockReadGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.release(1);
    }
}

/// Holds a [`RwLock`] for writing.
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    lock: &'a RwLock<T>,
}

impl<T: ?Sized> Deref for RwLockWriteGuard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: the writer is alone.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the writer is alone, and `&mut self` is exclusive.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T: ?Sized> Drop for RwLockWriteGuard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.release(WRITER);
    }
}
