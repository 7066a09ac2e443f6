//! Nice values and I/O priorities.

use abi::process::rlimit;
use abi::{Errno, Result};
use alloc::sync::Arc;
use alloc::vec::Vec;
use kernel::cred::cap;
use kernel::process::{UserThread, current, find, find_thread, table};
use kernel::sched::{self, Policy, Thread};

const PROCESS: i32 = 0;
const GROUP: i32 = 1;
const USER: i32 = 2;

/// The threads that (which, who) means.
fn targets(which: i32, who: i32) -> Result<Vec<Arc<Thread>>> {
    let caller = current();
    let mut threads = Vec::new();
    match which {
        PROCESS if who == 0 => threads.push(sched::current().to_arc()),
        PROCESS => threads.extend(find_thread(who).or_else(|| find(who)?.threads().into_iter().next())),
        GROUP => {
            let group = if who == 0 { caller.process.pgid() } else { who };
            for process in table::all().iter().filter(|process| process.pgid() == group) {
                threads.extend(process.threads());
            }
        }
        USER => {
            let uid = if who == 0 { caller.cred().uid } else { who.cast_unsigned() };
            let owned = |thread: &Arc<Thread>| {
                let cred = thread.user::<UserThread>().and_then(|user| user.cred_slot().get());
                cred.is_some_and(|cred| cred.uid == uid)
            };
            for process in table::all() {
                threads.extend(process.threads().into_iter().filter(owned));
            }
        }
        _ => return Err(Errno::EINVAL),
    }
    if threads.is_empty() { Err(Errno::ESRCH) } else { Ok(threads) }
}

/// getpriority(2): 20 − nice, as the kernel gives it.
pub fn getpriority(which: i32, who: i32) -> Result<i32> {
    let best = targets(which, who)?.iter().map(|thread| thread.policy().nice).min();
    best.map(|nice| 20 - nice).ok_or(Errno::ESRCH)
}

/// setpriority(2).
pub fn setpriority(which: i32, who: i32, nice: i32) -> Result<()> {
    let nice = nice.clamp(-20, 19);
    let user = current();
    let may_raise = user.cred().capable(cap::SYS_NICE);
    let limit = user.process.limits.soft(rlimit::NICE);
    for thread in targets(which, who)? {
        let old = thread.policy();
        if nice < old.nice && !may_raise && u64::from((20 - nice).unsigned_abs()) > limit {
            return Err(Errno::EACCES);
        }
        thread.set_policy(Policy { nice, ..old });
    }
    Ok(())
}

/// ioprio_get(2): no class.
pub fn ioprio_get(which: i32, _who: i32) -> Result<i32> {
    if (1..=3).contains(&which) { Ok(0) } else { Err(Errno::EINVAL) }
}

/// ioprio_set(2): checked; there is no block layer that would order by it.
pub fn ioprio_set(which: i32, _who: i32, value: i32) -> Result<()> {
    let class = value >> 13;
    if !(1..=3).contains(&which) || !(0..=3).contains(&class) || value & 0x1fff > 7 {
        return Err(Errno::EINVAL);
    }
    Ok(())
}
