//! Sleeping for a time: nanosleep(2), clock_nanosleep(2), pause(2).

use abi::time::{Timespec, clock};
use abi::{Errno, Result};
use hal::user::UserPtr;

use super::clocks;
use super::user::current;
use crate::sched;
use crate::signal::Restart;
use crate::time;

/// clock_nanosleep(2): `ns` from now or, if `absolute`, until that time. `left` gets the remaining time when a signal ends a relative sleep.
pub fn nanosleep(id: i32, absolute: bool, ns: u64, left: usize) -> Result<usize> {
    if id == clock::THREAD_CPUTIME {
        return Err(Errno::EINVAL);
    }
    clocks::check_timer_clock(id)?;
    if clocks::is_cpu_clock(id) {
        let deadline = if absolute { ns } else { clocks::read(id)?.saturating_add(ns) };
        return sleep_cpu(id, deadline);
    }
    if absolute {
        // Looked up anew after each wake-up: setting the wall clock moves the end.
        return sleep_until(|| time::to_monotonic(id, ns)).map(|()| 0);
    }
    sleep_relative(time::monotonic().saturating_add(ns), left)
}

/// Sleeps until the deadline; a signal stores what is left and arranges for restart_syscall.
fn sleep_relative(deadline: u64, left: usize) -> Result<usize> {
    match sleep_until(|| Ok(deadline)) {
        Ok(()) => Ok(0),
        Err(_) => {
            let rest = deadline.saturating_sub(time::monotonic());
            if left != 0 {
                UserPtr::<Timespec>::new(left).write(&Timespec::from_ns(rest))?;
            }
            let restart = Restart { run: restart_sleep, args: [deadline, left as u64, 0, 0, 0, 0] }; // widening
            *current().signals.restart.lock() = Some(restart);
            Err(Errno::RESTART_RESTARTBLOCK)
        }
    }
}

fn restart_sleep(args: &[u64; 6]) -> Result<usize> {
    sleep_relative(args[0], usize::try_from(args[1]).unwrap_or(0))
}

/// ERESTARTNOHAND when a signal came first.
fn sleep_until(deadline: impl Fn() -> Result<u64>) -> Result<()> {
    loop {
        let deadline = deadline()?;
        if time::monotonic() >= deadline {
            return Ok(());
        }
        if sched::signal_pending() {
            return Err(Errno::RESTARTNOHAND);
        }
        sched::park(true, Some(deadline));
    }
}

/// CPU clocks of others advance while we sleep: looks again after the least time that could pass, a tick at least.
fn sleep_cpu(id: i32, deadline: u64) -> Result<usize> {
    loop {
        let now = clocks::read(id)?;
        if now >= deadline {
            return Ok(0);
        }
        let step = (deadline - now).max(sched::TICK_NS);
        let until = time::monotonic().saturating_add(step);
        sleep_until(|| Ok(until))?;
    }
}

/// Sleeps until a signal that is delivered or ends the process: ERESTARTNOHAND.
pub fn pause() -> Errno {
    while !sched::signal_pending() {
        sched::park(true, None);
    }
    Errno::RESTARTNOHAND
}
