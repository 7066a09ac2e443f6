//! Clocks and sleep.

use core::ffi::c_long;
use core::time::Duration;

unsafe extern "C" {
    fn uk_light_clock_gettime(clock: c_long, now: c_long) -> c_long;
    fn uk_syscall_nanosleep(length: c_long, left: c_long) -> c_long;
}

/// struct timespec.
#[repr(C)]
#[derive(Default)]
struct Timespec {
    sec: i64,
    nsec: i64,
}

fn clock(number: c_long) -> Duration {
    let mut now = Timespec::default();
    // SAFETY: the call fills the structure.
    unsafe { uk_light_clock_gettime(number, &raw mut now as c_long) };
    Duration::new(u64::try_from(now.sec).unwrap_or(0), u32::try_from(now.nsec).unwrap_or(0))
}

/// Since boot; never goes back.
pub fn monotonic() -> Duration {
    clock(1)
}

/// Since 1970-01-01 00:00:00 UTC.
pub fn wall() -> Duration {
    clock(0)
}

/// Sleeps at least so long, also when signals interrupt it.
pub fn sleep(length: Duration) {
    let mut left = Timespec { sec: i64::try_from(length.as_secs()).unwrap_or(i64::MAX), nsec: length.subsec_nanos().into() };
    let at = &raw mut left as c_long;
    // SAFETY: the call reads the structure and, when interrupted (EINTR), leaves in it what is left.
    while unsafe { uk_syscall_nanosleep(at, at) } == -4 {}
}
