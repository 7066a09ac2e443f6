//! Policies and parameters (sched(7)).

use abi::process::rlimit;
use abi::sched::{SchedAttr, policy};
use abi::time::Timespec;
use abi::{Errno, Result};
use core::sync::atomic::Ordering;
use hal::user::{UserPtr, read_bytes, write_bytes};
use kernel::cred::cap;
use kernel::process::{UserThread, current};
use kernel::sched::{Policy, Thread};
use zerocopy::{FromZeros, IntoBytes};

use super::affinity::target;

const RESET_ON_FORK: u64 = 1;
const KEEP_POLICY: u64 = 8;
const KEEP_PARAMS: u64 = 16;
const ATTR_SIZE: usize = size_of::<SchedAttr>();
/// Size of the first version.
const ATTR_SIZE_0: usize = 48;

/// Checks and installs; the rules are those of __sched_setscheduler.
fn install(thread: &Thread, new: Policy, reset: bool) -> Result<()> {
    let known = matches!(new.policy, policy::OTHER | policy::FIFO | policy::RR | policy::BATCH | policy::IDLE);
    let realtime = new.is_realtime();
    if !known || realtime != (new.priority != 0) || new.priority > 99 || !(-20..=19).contains(&new.nice) {
        return Err(Errno::EINVAL);
    }
    let user = current();
    let old = thread.policy();
    if !user.cred().capable(cap::SYS_NICE) {
        let limits = &user.process.limits;
        let rt_limit = limits.soft(rlimit::RTPRIO);
        if realtime && (old.policy != new.policy && rt_limit == 0 || new.priority > old.priority && u64::from(new.priority) > rt_limit) {
            return Err(Errno::EPERM);
        }
        if new.nice < old.nice && u64::from((20 - new.nice).unsigned_abs()) > limits.soft(rlimit::NICE) {
            return Err(Errno::EPERM);
        }
    }
    thread.set_policy(new);
    kernel::futex::pi::policy_changed(thread);
    if let Some(target) = thread.user::<UserThread>() {
        target.reset_on_fork.store(reset, Ordering::Relaxed);
    }
    Ok(())
}

/// sched_setscheduler(2).
pub fn setscheduler(tid: i32, number: i32, param: UserPtr<u32>) -> Result<()> {
    if number < 0 || param.is_null() || tid < 0 {
        return Err(Errno::EINVAL);
    }
    let priority = param.read()?;
    let thread = target(tid)?;
    let new = Policy { policy: number & !policy::RESET_ON_FORK, priority, nice: thread.policy().nice };
    install(&thread, new, number & policy::RESET_ON_FORK != 0)
}

/// sched_getscheduler(2).
pub fn getscheduler(tid: i32) -> Result<i32> {
    let thread = target(tid)?;
    let reset = thread.user::<UserThread>().is_some_and(|user| user.reset_on_fork.load(Ordering::Relaxed));
    Ok(thread.policy().policy | if reset { policy::RESET_ON_FORK } else { 0 })
}

/// sched_setparam(2).
pub fn setparam(tid: i32, param: UserPtr<u32>) -> Result<()> {
    if param.is_null() || tid < 0 {
        return Err(Errno::EINVAL);
    }
    let priority = param.read()?;
    let thread = target(tid)?;
    let reset = thread.user::<UserThread>().is_some_and(|user| user.reset_on_fork.load(Ordering::Relaxed));
    install(&thread, Policy { priority, ..thread.policy() }, reset)
}

/// sched_getparam(2).
pub fn getparam(tid: i32, param: UserPtr<u32>) -> Result<()> {
    if param.is_null() {
        return Err(Errno::EINVAL);
    }
    param.write(&target(tid)?.policy().priority)
}

/// sched_setattr(2).
pub fn setattr(tid: i32, attr: UserPtr<SchedAttr>, flags: u32) -> Result<()> {
    if attr.is_null() || tid < 0 || flags != 0 {
        return Err(Errno::EINVAL);
    }
    let size = attr.cast::<u32>().read()?;
    let size = if size == 0 { ATTR_SIZE_0 } else { size as usize }; // widening
    if !(ATTR_SIZE_0..=4096).contains(&size) {
        attr.cast::<u32>().write(&u32::try_from(ATTR_SIZE).unwrap_or(0))?;
        return Err(Errno::E2BIG);
    }
    let mut value = SchedAttr::new_zeroed();
    read_bytes(attr.addr(), &mut value.as_mut_bytes()[..size.min(ATTR_SIZE)])?;
    if value.flags & !0x7f != 0 {
        return Err(Errno::EINVAL);
    }
    let thread = target(tid)?;
    let old = thread.policy();
    let mut new = Policy { policy: i32::try_from(value.policy).map_err(|_| Errno::EINVAL)?, priority: value.priority, nice: value.nice };
    if value.flags & KEEP_POLICY != 0 {
        new.policy = old.policy;
    }
    if value.flags & KEEP_PARAMS != 0 {
        (new.priority, new.nice) = (old.priority, old.nice);
    }
    install(&thread, new, value.flags & RESET_ON_FORK != 0)
}

/// sched_getattr(2).
pub fn getattr(tid: i32, attr: UserPtr<u8>, size: u32, flags: u32) -> Result<()> {
    let size = size as usize; // widening
    if attr.is_null() || tid < 0 || flags != 0 || !(ATTR_SIZE_0..=4096).contains(&size) {
        return Err(Errno::EINVAL);
    }
    let thread = target(tid)?;
    let policy = thread.policy();
    let reset = thread.user::<UserThread>().is_some_and(|user| user.reset_on_fork.load(Ordering::Relaxed));
    let len = size.min(ATTR_SIZE);
    let value = SchedAttr {
        size: u32::try_from(len).unwrap_or(0),
        policy: policy.policy.unsigned_abs(),
        flags: if reset { RESET_ON_FORK } else { 0 },
        nice: policy.nice,
        priority: policy.priority,
        ..SchedAttr::default()
    };
    write_bytes(attr.addr(), &value.as_bytes()[..len])
}

/// sched_get_priority_max(2).
pub fn priority_max(number: i32) -> Result<u32> {
    match number {
        policy::FIFO | policy::RR => Ok(99),
        policy::OTHER | policy::BATCH | policy::IDLE | policy::DEADLINE => Ok(0),
        _ => Err(Errno::EINVAL),
    }
}

/// sched_get_priority_min(2).
pub fn priority_min(number: i32) -> Result<u32> {
    priority_max(number).map(|max| max.min(1))
}

/// sched_rr_get_interval(2).
pub fn rr_interval(tid: i32, out: UserPtr<Timespec>) -> Result<()> {
    let ns = match target(tid)?.policy().policy {
        policy::RR => 100_000_000,
        policy::FIFO => 0,
        _ => kernel::sched::TICK_NS,
    };
    out.write(&Timespec::from_ns(ns))
}
