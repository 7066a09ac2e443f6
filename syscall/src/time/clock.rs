//! Reading, setting and sleeping on clocks.

use abi::time::{NSEC_PER_SEC, TIMER_ABSTIME, Timespec, Timeval, Timex, Timezone, clock};
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::cred::cap;
use kernel::process::{clocks, current, sleep};
use kernel::time;

/// clock_gettime(2).
pub fn clock_gettime(id: i32, out: UserPtr<Timespec>) -> Result<()> {
    out.write(&Timespec::from_ns(clocks::read(id)?))
}

/// clock_getres(2).
pub fn clock_getres(id: i32, out: UserPtr<Timespec>) -> Result<()> {
    let resolution = Timespec::from_ns(clocks::resolution(id)?);
    out.non_null().map_or(Ok(()), |out| out.write(&resolution))
}

/// clock_settime(2): CLOCK_REALTIME.
pub fn clock_settime(id: i32, value: UserPtr<Timespec>) -> Result<()> {
    if id != clock::REALTIME {
        // Encoded CPU clocks exist but cannot be set either.
        return Err(if id < 0 && clocks::read(id).is_ok() { Errno::EPERM } else { Errno::EINVAL });
    }
    let ns = value.read()?.to_ns()?;
    set(ns)
}

fn set(ns: u64) -> Result<()> {
    if !current().cred().capable(cap::SYS_TIME) {
        return Err(Errno::EPERM);
    }
    if ns < time::monotonic() {
        return Err(Errno::EINVAL);
    }
    time::set_realtime(ns);
    Ok(())
}

/// gettimeofday(2).
pub fn gettimeofday(tv: UserPtr<Timeval>, tz: UserPtr<Timezone>) -> Result<()> {
    if let Some(tv) = tv.non_null() {
        tv.write(&Timeval::from_ns(time::realtime()))?;
    }
    tz.non_null().map_or(Ok(()), |tz| tz.write(&Timezone::default()))
}

/// settimeofday(2); the time zone is not kept.
pub fn settimeofday(tv: UserPtr<Timeval>, tz: UserPtr<Timezone>) -> Result<()> {
    if let Some(tz) = tz.non_null() {
        tz.read()?;
    }
    match tv.non_null() {
        Some(tv) => set(tv.read()?.to_ns()?),
        None if !current().cred().capable(cap::SYS_TIME) => Err(Errno::EPERM),
        None => Ok(()),
    }
}

/// time(2).
pub fn time_of_day(out: UserPtr<i64>) -> Result<u64> {
    let seconds = time::realtime() / NSEC_PER_SEC;
    if let Some(out) = out.non_null() {
        out.write(&seconds.cast_signed())?;
    }
    Ok(seconds)
}

/// nanosleep(2).
pub fn nanosleep(request: UserPtr<Timespec>, left: usize) -> Result<usize> {
    let ns = request.read()?.to_ns()?;
    sleep::nanosleep(clock::MONOTONIC, false, ns, left)
}

/// clock_nanosleep(2).
pub fn clock_nanosleep(id: i32, flags: i32, request: UserPtr<Timespec>, left: usize) -> Result<usize> {
    clocks::check_timer_clock(id)?;
    let ns = request.read()?.to_ns()?;
    sleep::nanosleep(id, flags & TIMER_ABSTIME != 0, ns, left)
}

const ADJ_OFFSET: u32 = 1;
const ADJ_TAI: u32 = 0x80;
const ADJ_SETOFFSET: u32 = 0x100;
const ADJ_NANO: u32 = 0x2000;
const ADJ_ADJTIME: u32 = 0x8000;
/// STA_UNSYNC.
const UNSYNCHRONISED: i32 = 0x40;
/// TIME_ERROR: the clock is not synchronised.
const TIME_ERROR: i32 = 5;

/// adjtimex(2): steps and TAI offset are done; there is no slewing, so rates are accepted and not followed.
pub fn adjtimex(buf: UserPtr<Timex>) -> Result<i32> {
    let mut timex = buf.read()?;
    let modes = timex.modes;
    // ADJ_OFFSET_SS_READ (0xa001) only reads.
    let reads = modes == 0 || modes == 0xa001;
    if !reads && !current().cred().capable(cap::SYS_TIME) {
        return Err(Errno::EPERM);
    }
    if modes & ADJ_SETOFFSET != 0 {
        let unit = if modes & ADJ_NANO != 0 { 1 } else { 1000 };
        if timex.time.usec < 0 || timex.time.usec.saturating_mul(unit) >= 1_000_000_000 {
            return Err(Errno::EINVAL);
        }
        let delta = timex.time.sec.saturating_mul(1_000_000_000).saturating_add(timex.time.usec.saturating_mul(unit));
        time::step_realtime(delta);
    } else if !reads && modes & ADJ_ADJTIME != 0 && modes & ADJ_OFFSET != 0 {
        time::step_realtime(timex.offset.saturating_mul(1000));
    }
    if modes & ADJ_TAI != 0 && modes & ADJ_ADJTIME == 0 {
        time::set_tai_offset(i32::try_from(timex.constant).map_err(|_| Errno::EINVAL)?);
    }
    let now = time::realtime();
    timex.offset = 0;
    timex.freq = 0;
    timex.maxerror = 16_000_000;
    timex.esterror = 16_000_000;
    timex.status = UNSYNCHRONISED;
    timex.constant = 2;
    timex.precision = 1;
    timex.tolerance = 32_768_000;
    timex.time = Timeval::from_ns(now);
    timex.tick = 10_000;
    timex.tai = time::tai_offset();
    buf.write(&timex)?;
    Ok(TIME_ERROR)
}

/// clock_adjtime(2): CLOCK_REALTIME.
pub fn clock_adjtime(id: i32, buf: UserPtr<Timex>) -> Result<i32> {
    match id {
        clock::REALTIME => adjtimex(buf),
        _ if clocks::read(id).is_ok() => Err(Errno::EOPNOTSUPP),
        _ => Err(Errno::EINVAL),
    }
}
