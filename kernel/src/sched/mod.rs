//! Threads and who runs next.
//!
//! A [`Thread`] is the owner of a machine task. Runnable threads wait in their CPU's queue ([`queue`]); a thread gives the CPU up only in [`park`], [`yield_now`],
//! [`cond_resched`] and on its way back to the application. What a thread is besides that (process, signals, files) hangs on it as a [`UserPart`].

mod blocker;
mod queue;
mod switch;
mod thread;
pub mod timer;
pub mod wait;

pub use queue::{queue_length, runnable_count};
pub use switch::{cond_resched, exit, park, reload_space, reschedule, set_space_hook, set_tick_hook, start, tick, yield_now};
pub use thread::{Policy, Thread, UserPart, spawn_kernel, thread_count};
pub use wait::{WaitError, WaitOptions, WaitQueue};

use hal::task::Current;

/// Bits of the work word: why the way back to the application stops in the kernel.
pub mod work {
    /// A signal may have to be delivered, or the thread has to end or stop.
    pub const SIGNAL: u32 = 1;
    /// Another thread should run.
    pub const RESCHED: u32 = 2;
    /// The call's result is an internal restart code.
    pub const RESTART: u32 = 4;
    /// The thread was switched away or a signal came while rseq is registered.
    pub const RSEQ: u32 = 8;
    /// CPU-time limits or timers ran out.
    pub const CPU_TIMER: u32 = 16;
}

/// Length of a scheduling tick while threads run, nanoseconds (CONFIG_HZ=250).
pub const TICK_NS: u64 = 4_000_000;

/// Whether a running thread gives way to one whose turn it is, or only when it sleeps or yields.
pub(crate) const PREEMPTIVE: bool = !cfg!(feature = "cooperative");

/// Rank of threads that are not real-time ([`Thread::rank`]; lower is better).
pub const FAIR_RANK: u32 = fairness::FAIR as u32; // widening

/// CPUs the tables have room for.
pub const MAX_CPUS: usize = 16;

/// The running thread.
#[inline(always)] // a load and a comparison
pub fn current() -> Current<Thread> {
    hal::task::current::<Thread>()
}

/// Whether a signal waits for the running thread; a sleep that signals end should not begin.
#[inline]
pub fn signal_pending() -> bool {
    current().signal_pending()
}

/// Sends `signal` to the running thread, as the kernel does for its own faults against a rule (SIGPIPE, SIGXFSZ). Nothing for kernel threads.
pub fn raise(signal: u32) {
    let current = current();
    if let Some(user) = current.user_dyn() {
        user.raise(&current, signal);
    }
}
