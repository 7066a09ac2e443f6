//! All clocks of clock_gettime(2): those of the machine and the CPU clocks of processes and threads, also by encoded id.

use abi::time::clock;
use abi::{Errno, Result};

use super::table;
use super::user::{UserThread, current};
use crate::sched;
use crate::time;

/// An encoded clock id: `!pid << 3 | per-thread << 2 | kind` (linux/posix-timers.h).
#[derive(Clone, Copy)]
struct Encoded {
    id: i32,
    thread: bool,
    kind: i32,
}

fn decode(clock: i32) -> Option<Encoded> {
    (clock < 0).then_some(Encoded { id: !(clock >> 3), thread: clock & 4 != 0, kind: clock & 3 })
}

/// Whether the clock counts CPU time.
pub fn is_cpu_clock(clock: i32) -> bool {
    matches!(clock, clock::PROCESS_CPUTIME | clock::THREAD_CPUTIME) || clock < 0
}

/// The encoded id of "this process's" or "this thread's" CPU clock, so that others can read it; other ids as they are.
pub fn absolute_id(user: &UserThread, clock: i32) -> i32 {
    match clock {
        clock::PROCESS_CPUTIME => !user.pid() << 3 | 2,
        clock::THREAD_CPUTIME => !user.tid() << 3 | 6,
        _ => clock,
    }
}

/// The time of a clock, ns. EINVAL for clocks that do not exist.
pub fn read(id: i32) -> Result<u64> {
    match id {
        clock::PROCESS_CPUTIME => Ok(current().process.cpu_time()),
        clock::THREAD_CPUTIME => Ok(sched::current().cpu_time()),
        0.. => time::read(id),
        _ => read_encoded(decode(id).ok_or(Errno::EINVAL)?),
    }
}

fn read_encoded(clock: Encoded) -> Result<u64> {
    // Kinds: 0 user and system time by samples, 1 user time, 2 exact; 3 are descriptors of dynamic clocks.
    let pick = |(user, system): (u64, u64)| if clock.kind == 1 { user } else { user + system };
    if clock.kind == 3 {
        return Err(Errno::EINVAL);
    }
    if clock.thread {
        let thread = match clock.id {
            0 => sched::current().arc(),
            id => table::find_thread(id),
        };
        let thread = thread.ok_or(Errno::EINVAL)?;
        // Only threads of the caller's process.
        let same = thread.user::<UserThread>().is_some_and(|user| user.pid() == current().pid());
        return if same { Ok(pick(thread.user_system_time())) } else { Err(Errno::EINVAL) };
    }
    let process = match clock.id {
        0 => current().process.clone(),
        id => table::find(id).ok_or(Errno::EINVAL)?,
    };
    let usage = process.usage();
    Ok(pick((usage.user, usage.system)))
}

/// The resolution of a clock, ns.
pub fn resolution(id: i32) -> Result<u64> {
    if is_cpu_clock(id) { read(id).map(|_| 1) } else { time::resolution(id) }
}

/// Whether timer_create and clock_nanosleep take the clock: EINVAL, or EOPNOTSUPP for clocks that are only read.
pub fn check_timer_clock(id: i32) -> Result<()> {
    match id {
        clock::MONOTONIC_RAW | clock::REALTIME_COARSE | clock::MONOTONIC_COARSE => Err(Errno::EOPNOTSUPP),
        _ if is_cpu_clock(id) => read(id).map(|_| ()),
        _ => time::to_monotonic(id, 0).map(|_| ()),
    }
}
