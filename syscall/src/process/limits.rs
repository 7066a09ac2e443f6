//! Resource limits and usage.

use abi::process::{RLIM_INFINITY, Rlimit, Rusage, rlimit};
use abi::time::{NSEC_PER_SEC, Timeval, Tms, USER_HZ};
use abi::{Errno, Result};
use alloc::sync::Arc;
use hal::mem::PAGE_SIZE;
use hal::user::UserPtr;
use kernel::cred::cap;
use kernel::process::process::thread_usage;
use kernel::process::{Process, Usage, current, find};
use kernel::{sched, time};

fn process_of(pid: i32) -> Result<Arc<Process>> {
    if pid == 0 { Ok(current().process.clone()) } else { find(pid).ok_or(Errno::ESRCH) }
}

/// prlimit64(2).
pub fn prlimit64(pid: i32, resource: u32, new: UserPtr<Rlimit>, old: UserPtr<Rlimit>) -> Result<()> {
    let resource = usize::try_from(resource).ok().filter(|r| *r < rlimit::COUNT).ok_or(Errno::EINVAL)?;
    let new = new.non_null().map(UserPtr::read).transpose()?;
    let process = process_of(pid)?;
    let before = process.limits.get(resource);
    if let Some(new) = new {
        if new.cur > new.max {
            return Err(Errno::EINVAL);
        }
        if resource == rlimit::NOFILE && new.max > 1 << 20 || new.max > before.max && !current().cred().capable(cap::SYS_RESOURCE) {
            return Err(Errno::EPERM);
        }
        process.limits.set(resource, new);
        if resource == rlimit::CPU && new.cur != RLIM_INFINITY {
            process.timers.watch_cpu_time();
        }
    }
    old.non_null().map_or(Ok(()), |old| old.write(&before))
}

/// getrlimit(2).
pub fn getrlimit(resource: u32, limit: UserPtr<Rlimit>) -> Result<()> {
    let resource = usize::try_from(resource).ok().filter(|r| *r < rlimit::COUNT).ok_or(Errno::EINVAL)?;
    limit.write(&current().process.limits.get(resource))
}

/// setrlimit(2).
pub fn setrlimit(resource: u32, limit: UserPtr<Rlimit>) -> Result<()> {
    let new = limit.read()?;
    let _ = new;
    prlimit64(0, resource, limit, UserPtr::new(0))
}

/// What was used, as struct rusage.
pub(super) fn rusage_of(usage: &Usage) -> Rusage {
    let count = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    Rusage {
        utime: Timeval::from_ns(usage.user),
        stime: Timeval::from_ns(usage.system),
        maxrss: count(usage.max_rss),
        minflt: count(usage.faults[0]),
        majflt: count(usage.faults[1]),
        nvcsw: count(usage.voluntary),
        nivcsw: count(usage.involuntary),
        ..Rusage::default()
    }
}

/// getrusage(2): RUSAGE_SELF 0, CHILDREN −1, THREAD 1.
pub fn getrusage(who: i32, out: UserPtr<Rusage>) -> Result<()> {
    let user = current();
    let peak = (user.mm().usage().peak * (PAGE_SIZE / 1024)) as u64; // widening
    let usage = match who {
        0 => Usage { max_rss: peak, ..user.process.usage() },
        1 => Usage { max_rss: peak, ..thread_usage(&sched::current()) },
        -1 => *user.process.children_usage.lock(),
        _ => return Err(Errno::EINVAL),
    };
    out.write(&rusage_of(&usage))
}

/// times(2): gives clock ticks since boot.
pub fn times(out: UserPtr<Tms>) -> Result<u64> {
    let ticks = |ns: u64| (ns / (NSEC_PER_SEC / USER_HZ)).cast_signed();
    if let Some(out) = out.non_null() {
        let process = current().process.clone();
        let (own, children) = (process.usage(), *process.children_usage.lock());
        out.write(&Tms { utime: ticks(own.user), stime: ticks(own.system), cutime: ticks(children.user), cstime: ticks(children.system) })?;
    }
    Ok(ticks(time::monotonic()).cast_unsigned())
}
