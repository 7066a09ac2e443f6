//! Interval timers: setitimer, getitimer, alarm.

use abi::Result;
use abi::time::{ITIMER_REAL, Itimerval, NSEC_PER_SEC, Timeval};
use hal::user::UserPtr;
use kernel::process::{current, itimers};

fn to_user((value, interval): itimers::Setting) -> Itimerval {
    // A timer that runs never shows zero.
    let round = |ns: u64| Timeval::from_ns(if ns == 0 { 0 } else { ns.max(1000) });
    Itimerval { interval: round(interval), value: round(value) }
}

/// getitimer(2).
pub fn getitimer(which: i32, out: UserPtr<Itimerval>) -> Result<()> {
    let setting = itimers::get(&current().process, which)?;
    out.write(&to_user(setting))
}

/// setitimer(2). A null new value disarms, as Linux does.
pub fn setitimer(which: i32, new: UserPtr<Itimerval>, old: UserPtr<Itimerval>) -> Result<()> {
    let new = new.non_null().map(UserPtr::read).transpose()?.unwrap_or_default();
    let (value, interval) = (new.value.to_ns()?, new.interval.to_ns()?);
    let before = itimers::set(&current().process, which, value, interval)?;
    old.non_null().map_or(Ok(()), |old| old.write(&to_user(before)))
}

/// alarm(2): gives the seconds that were left, rounded as Linux does.
pub fn alarm(seconds: u32) -> Result<u32> {
    let (left, _) = itimers::set(&current().process, ITIMER_REAL, u64::from(seconds) * NSEC_PER_SEC, 0)?;
    let whole = left / NSEC_PER_SEC;
    let rest = left % NSEC_PER_SEC;
    // Linux rounds to the nearest second, but never a running alarm to zero.
    let rounded = if whole == 0 && rest != 0 || rest >= NSEC_PER_SEC / 2 { whole + 1 } else { whole };
    Ok(u32::try_from(rounded).unwrap_or(u32::MAX))
}
