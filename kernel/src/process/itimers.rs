//! Interval timers (setitimer(2), alarm(2)) and the CPU-time limit.

use alloc::sync::{Arc, Weak};

use abi::process::{RLIM_INFINITY, rlimit};
use abi::signal::sig;
use abi::time::{ITIMER_PROF, ITIMER_REAL, ITIMER_VIRTUAL, NSEC_PER_SEC};
use abi::{Errno, Result};
use core::sync::atomic::Ordering;

use super::process::Process;
use super::timers::CpuTimer;
use super::user::UserThread;
use super::{exit, ptimers, signals};
use crate::sched::timer::{Expire, Timer};
use crate::signal::Info;
use crate::sync::{IrqSpinLock, Once};

/// ITIMER_REAL of a process.
pub struct RealTimer {
    process: Weak<Process>,
    interval: IrqSpinLock<u64>,
    timer: Once<Timer>,
}

impl RealTimer {
    fn new(process: Weak<Process>) -> Arc<RealTimer> {
        if let Some(process) = process.upgrade() {
            process.signals.lock().pending.reserve_one();
        }
        let timer = Arc::new(RealTimer { process, interval: IrqSpinLock::new(0), timer: Once::new() });
        let target: Weak<RealTimer> = Arc::downgrade(&timer);
        let _ = timer.timer.set(Timer::new(target));
        timer
    }
}

impl Expire for RealTimer {
    fn expire(&self, now: u64) {
        let Some(process) = self.process.upgrade() else { return };
        signals::send_from_interrupt(&process, Info::kernel(sig::ALRM));
        let interval = *self.interval.lock();
        if interval != 0
            && let Some(timer) = self.timer.get()
        {
            // In step with the first expiry, and never a storm.
            let base = timer.last_deadline();
            let behind = now.saturating_sub(base) / interval;
            timer.arm(base.saturating_add(interval.saturating_mul(behind + 1)));
        }
    }
}

/// Nanoseconds until expiry (0: not armed) and the interval.
pub type Setting = (u64, u64);

/// getitimer(2).
pub fn get(process: &Process, which: i32) -> Result<Setting> {
    match which {
        ITIMER_REAL => Ok(process.timers.real.get().map_or((0, 0), |real| {
            let left = real.timer.get().and_then(Timer::deadline).map_or(0, |d| d.saturating_sub(crate::time::monotonic()).max(1));
            (left, *real.interval.lock())
        })),
        ITIMER_VIRTUAL | ITIMER_PROF => {
            let timer = process.timers.cpu.lock()[cpu_index(which)];
            let left = if timer.deadline == 0 { 0 } else { timer.deadline.saturating_sub(cpu_clock(process, which)).max(1) };
            Ok((left, timer.interval))
        }
        _ => Err(Errno::EINVAL),
    }
}

/// setitimer(2); gives the old setting.
pub fn set(process: &Process, which: i32, value: u64, interval: u64) -> Result<Setting> {
    let old = get(process, which)?;
    if which == ITIMER_REAL {
        if value == 0 && process.timers.real.get().is_none() {
            return Ok(old);
        }
        let real = process.timers.real.get_or_init(|| RealTimer::new(process.timers.process.clone()));
        let timer = real.timer.get().ok_or(Errno::ENOMEM)?;
        timer.cancel();
        *real.interval.lock() = if value == 0 { 0 } else { interval };
        if value != 0 {
            timer.arm(crate::time::monotonic().saturating_add(value));
        }
        return Ok(old);
    }
    let deadline = if value == 0 { 0 } else { cpu_clock(process, which).saturating_add(value) };
    process.timers.cpu.lock()[cpu_index(which)] = CpuTimer { deadline, interval };
    if deadline != 0 {
        process.timers.watch_cpu_time();
    }
    Ok(old)
}

fn cpu_index(which: i32) -> usize {
    usize::from(which == ITIMER_PROF)
}

fn cpu_clock(process: &Process, which: i32) -> u64 {
    let usage = process.usage();
    if which == ITIMER_PROF { usage.user + usage.system } else { usage.user }
}

/// A tick found the process running: its CPU-time timers and limits. In the thread's own context.
pub(super) fn check_cpu_time(user: &UserThread) {
    let process = &user.process;
    let mut busy = false;
    for (which, signal) in [(ITIMER_VIRTUAL, sig::VTALRM), (ITIMER_PROF, sig::PROF)] {
        let now = cpu_clock(process, which);
        let mut timers = process.timers.cpu.lock();
        let timer = &mut timers[cpu_index(which)];
        let fires = timer.deadline != 0 && now >= timer.deadline;
        if fires {
            timer.deadline = if timer.interval == 0 { 0 } else { now.saturating_add(timer.interval) };
        }
        busy |= timer.deadline != 0;
        drop(timers);
        if fires {
            signals::send_to_process(process, Info::kernel(signal));
        }
    }
    busy |= ptimers::check_cpu(process);
    busy |= check_limit(process);
    process.timers.watches_cpu.store(busy, Ordering::Relaxed);
}

/// RLIMIT_CPU: SIGXCPU each second past the soft limit, SIGKILL at the hard one. True while there is a limit.
fn check_limit(process: &Process) -> bool {
    let limit = process.limits.get(rlimit::CPU);
    if limit.cur == RLIM_INFINITY && limit.max == RLIM_INFINITY {
        return false;
    }
    let seconds = process.cpu_time() / NSEC_PER_SEC;
    if limit.max != RLIM_INFINITY && seconds >= limit.max {
        exit::exit_group(sig::KILL.cast_signed());
    }
    if limit.cur != RLIM_INFINITY
        && seconds >= limit.cur
        && process.timers.cpu_limit_told.swap(seconds + 1, Ordering::Relaxed) != seconds + 1
    {
        signals::send_to_process(process, Info::kernel(sig::XCPU));
    }
    true
}
