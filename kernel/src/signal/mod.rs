//! Signals as state: what a process does with each, and what a thread blocks, waits for and has pending. Sending and delivery need processes and live
//! in `process::signals` and `process::deliver`.

use abi::signal::{SIG_DFL, SIG_IGN, SS_DISABLE, SigAction, StackT, sa, sig};
use abi::{Errno, Result};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

pub use sigqueue::{DUMPING, DefaultAction, IGNORED, Info, Pending, STOPPING, SYNCHRONOUS, UNBLOCKABLE, bit, default_action};

use crate::poll::PollHead;
use crate::sync::{IrqSpinLock, SpinLock};

/// What a process does with each signal; shared under CLONE_SIGHAND.
///
/// Most processes never change any, so the table is made by the first change.
pub struct Actions {
    table: IrqSpinLock<Vec<SigAction>>,
}

/// Index of a valid signal number.
fn index(signal: u32) -> Option<usize> {
    (1..=sig::MAX).contains(&signal).then(|| signal as usize - 1) // widening
}

impl Actions {
    /// Default for all.
    pub const fn new() -> Actions {
        Actions { table: IrqSpinLock::new(Vec::new()) }
    }

    /// A copy for a child.
    pub fn duplicate(&self) -> Actions {
        Actions { table: IrqSpinLock::new(self.copy()) }
    }

    /// The table with room for all; nothing is allocated under its lock, which interrupts take too.
    fn copy(&self) -> Vec<SigAction> {
        let mut copy = Vec::with_capacity(sig::MAX as usize); // 64
        let table = self.table.lock();
        copy.extend_from_slice(&table);
        drop(table);
        copy
    }

    /// What is installed for `signal` (default for a bad number).
    pub fn get(&self, signal: u32) -> SigAction {
        index(signal).and_then(|at| self.table.lock().get(at).copied()).unwrap_or_default()
    }

    /// Installs; gives the old action. EINVAL for bad numbers, SIGKILL and SIGSTOP.
    pub fn set(&self, signal: u32, mut new: SigAction) -> Result<SigAction> {
        let at = index(signal).ok_or(Errno::EINVAL)?;
        if bit(signal) & UNBLOCKABLE != 0 {
            return Err(Errno::EINVAL);
        }
        new.flags &= sa::KNOWN;
        new.mask &= !UNBLOCKABLE;
        let mut fresh = Vec::new();
        loop {
            let mut table = self.table.lock();
            match table.get_mut(at) {
                Some(action) => return Ok(core::mem::replace(action, new)),
                None if fresh.is_empty() => {
                    drop(table);
                    fresh.resize(sig::MAX as usize, SigAction::default()); // 64
                }
                None => core::mem::swap(&mut *table, &mut fresh),
            }
        }
    }

    /// Takes the handler for delivery: SA_RESETHAND puts the default back.
    pub fn take_for_delivery(&self, signal: u32) -> SigAction {
        let Some(at) = index(signal) else { return SigAction::default() };
        let mut table = self.table.lock();
        let Some(action) = table.get_mut(at) else { return SigAction::default() };
        let taken = *action;
        if taken.flags & sa::RESETHAND != 0 && taken.handler > SIG_IGN {
            action.handler = SIG_DFL;
        }
        taken
    }

    /// Puts the default in place whatever was there (a forced signal that is blocked or ignored).
    pub fn reset(&self, signal: u32) {
        let mut table = self.table.lock();
        if let Some(action) = index(signal).and_then(|at| table.get_mut(at)) {
            action.handler = SIG_DFL;
        }
    }

    /// Whether an unblocked `signal` would do nothing.
    pub fn ignores(&self, signal: u32) -> bool {
        match self.get(signal).handler {
            SIG_IGN => bit(signal) & UNBLOCKABLE == 0,
            SIG_DFL => default_action(signal) == DefaultAction::Ignore,
            _ => false,
        }
    }

    /// exec: handlers become defaults, ignored signals stay ignored.
    pub fn reset_handlers(&self) {
        for action in self.table.lock().iter_mut() {
            let handler = if action.handler == SIG_IGN { SIG_IGN } else { SIG_DFL };
            *action = SigAction { handler, ..SigAction::default() };
        }
    }

    /// The sets of ignored and of caught signals, for /proc/pid/status.
    pub fn summary(&self) -> (u64, u64) {
        let table = self.table.lock();
        let set =
            |test: fn(u64) -> bool| (1..=sig::MAX).zip(table.iter()).filter(|(_, action)| test(action.handler)).map(|(s, _)| bit(s)).sum();
        (set(|handler| handler == SIG_IGN), set(|handler| handler > SIG_IGN))
    }
}

impl Default for Actions {
    fn default() -> Self {
        Actions::new()
    }
}

/// How an interrupted call goes on: restart_syscall(2) calls `run` with `args`.
#[derive(Clone, Copy)]
pub struct Restart {
    /// What continues the call.
    pub run: fn(&[u64; 6]) -> Result<usize>,
    /// Its arguments.
    pub args: [u64; 6],
}

/// A thread's signals.
pub struct ThreadSignals {
    blocked: AtomicU64,
    /// The mask to come back to after sigsuspend, ppoll and the like; valid when `has_saved`.
    saved: AtomicU64,
    has_saved: AtomicBool,
    /// Signals that sigtimedwait waits for: they wake it although blocked.
    wanted: AtomicU64,
    /// Signals for this thread alone.
    pub pending: IrqSpinLock<Pending>,
    /// The alternate stack.
    pub stack: SpinLock<StackT>,
    /// See [`Restart`].
    pub restart: SpinLock<Option<Restart>>,
}

/// No alternate stack.
pub const NO_STACK: StackT = StackT { sp: 0, flags: SS_DISABLE, pad: 0, size: 0 };

impl ThreadSignals {
    /// A thread that blocks `blocked`.
    pub const fn new(blocked: u64) -> ThreadSignals {
        ThreadSignals {
            blocked: AtomicU64::new(blocked),
            saved: AtomicU64::new(0),
            has_saved: AtomicBool::new(false),
            wanted: AtomicU64::new(0),
            pending: IrqSpinLock::new(Pending::new()),
            stack: SpinLock::new(NO_STACK),
            restart: SpinLock::new(None),
        }
    }

    /// The mask.
    #[inline]
    pub fn blocked(&self) -> u64 {
        self.blocked.load(Ordering::Acquire)
    }

    /// Replaces the mask; the owner must look for pending signals after that.
    pub fn store_blocked(&self, mask: u64) {
        self.blocked.store(mask & !UNBLOCKABLE, Ordering::Release);
    }

    /// Blocked and not waited for by sigtimedwait: sending such a signal wakes nobody.
    pub fn deaf_to(&self) -> u64 {
        self.blocked() & !self.wanted.load(Ordering::Acquire)
    }

    /// Sets what sigtimedwait waits for, 0 when it ends.
    pub fn set_wanted(&self, set: u64) {
        self.wanted.store(set, Ordering::Release);
    }

    /// Keeps the present mask to come back to, and blocks `mask` instead.
    pub fn swap_temporary(&self, mask: u64) {
        self.saved.store(self.blocked(), Ordering::Relaxed);
        self.has_saved.store(true, Ordering::Relaxed);
        self.store_blocked(mask);
    }

    /// Takes the kept mask.
    pub fn take_saved(&self) -> Option<u64> {
        self.has_saved.swap(false, Ordering::Relaxed).then(|| self.saved.load(Ordering::Relaxed))
    }
}

/// Told whenever a signal is queued anywhere: signalfd's readiness.
pub static QUEUED: PollHead = PollHead::new();
