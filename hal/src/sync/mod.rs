//! Locks. Three kinds, as the design says: [`SpinLock`] (short, never held across a sleep or a user copy), [`IrqSpinLock`] (also taken by
//! interrupt handlers: interrupts are off while it is held) and the sleeping [`Mutex`] and [`RwLock`].
//!
//! The kernel is preempted only at explicit points, so a `SpinLock` needs no preemption counter: its holder runs until it unlocks.

mod blocking;
mod once;
mod seqlock;
mod spin;

pub use blocking::{Blocker, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard, set_blocker};
pub use once::Once;
pub use seqlock::SeqLock;
pub use spin::{IrqSpinLock, IrqSpinLockGuard, SpinLock, SpinLockGuard};
