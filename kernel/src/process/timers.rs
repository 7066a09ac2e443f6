//! The timers of a process: interval timers (setitimer) and POSIX timers (timer_create).

use alloc::sync::{Arc, Weak};
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};

use super::itimers::RealTimer;
use super::process::Process;
use super::ptimers::PosixTimer;
use ordmap::OrdMap;

use crate::sync::{Once, SpinLock};

/// A timer on CPU time: fires when the clock passes `deadline` (0: not armed), then every `interval`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CpuTimer {
    pub deadline: u64,
    pub interval: u64,
}

/// The timers of one process.
pub struct Timers {
    pub(super) process: Weak<Process>,
    pub(super) real: Once<Arc<RealTimer>>,
    /// ITIMER_VIRTUAL and ITIMER_PROF.
    pub(super) cpu: SpinLock<[CpuTimer; 2]>,
    pub(super) posix: SpinLock<OrdMap<i32, Arc<PosixTimer>>>,
    pub(super) next_id: AtomicI32,
    /// POSIX timers on CPU clocks that are armed, or other reasons to look at each tick.
    pub(super) watches_cpu: AtomicBool,
    /// CPU seconds at which SIGXCPU was sent last.
    pub(super) cpu_limit_told: AtomicU64,
}

impl Timers {
    pub(super) fn new(process: Weak<Process>) -> Timers {
        Timers {
            process,
            real: Once::new(),
            cpu: SpinLock::new([CpuTimer::default(); 2]),
            posix: SpinLock::new(OrdMap::new()),
            next_id: AtomicI32::new(0),
            watches_cpu: AtomicBool::new(false),
            cpu_limit_told: AtomicU64::new(0),
        }
    }

    /// Whether ticks have to compare CPU times.
    #[inline]
    pub fn counts_cpu_time(&self) -> bool {
        self.watches_cpu.load(Ordering::Relaxed)
    }

    /// A CPU-time timer was armed or a CPU limit set.
    pub fn watch_cpu_time(&self) {
        self.watches_cpu.store(true, Ordering::Relaxed);
    }

    /// exec and the end: POSIX timers go, interval timers stay over exec.
    pub fn delete_posix(&self) {
        let gone = core::mem::take(&mut *self.posix.lock());
        drop(gone);
    }
}
