//! POSIX timers: timer_create and its relatives.

use abi::Result;
use abi::signal::SigEvent;
use abi::time::{Itimerspec, TIMER_ABSTIME, Timespec};
use hal::user::UserPtr;
use kernel::process::{current, ptimers};

/// timer_create(2).
pub fn timer_create(clock: i32, event: UserPtr<SigEvent>, id: UserPtr<i32>) -> Result<()> {
    let user = current();
    let event = event.non_null().map(UserPtr::read).transpose()?;
    let created = ptimers::create(&user, clock, event)?;
    id.write(&created).inspect_err(|_| {
        let _ = ptimers::delete(&user.process, created);
    })
}

fn to_user((value, interval): (u64, u64)) -> Itimerspec {
    Itimerspec { interval: Timespec::from_ns(interval), value: Timespec::from_ns(value) }
}

/// timer_gettime(2).
pub fn timer_gettime(id: i32, out: UserPtr<Itimerspec>) -> Result<()> {
    let setting = ptimers::get(&current().process, id)?;
    out.write(&to_user(setting))
}

/// timer_settime(2).
pub fn timer_settime(id: i32, flags: i32, new: UserPtr<Itimerspec>, old: UserPtr<Itimerspec>) -> Result<()> {
    if new.is_null() {
        return Err(abi::Errno::EINVAL);
    }
    let new = new.read()?;
    let (value, interval) = (new.value.to_ns()?, new.interval.to_ns()?);
    let before = ptimers::set(&current().process, id, flags & TIMER_ABSTIME != 0, value, interval)?;
    old.non_null().map_or(Ok(()), |old| old.write(&to_user(before)))
}

/// timer_getoverrun(2).
pub fn timer_getoverrun(id: i32) -> Result<i32> {
    ptimers::overrun(&current().process, id)
}

/// timer_delete(2).
pub fn timer_delete(id: i32) -> Result<()> {
    ptimers::delete(&current().process, id)
}
