//! Time: timespec, timeval, clock and timer numbers (time.h, linux/time.h).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use crate::{Errno, Result};

/// Nanoseconds in a second.
pub const NSEC_PER_SEC: u64 = 1_000_000_000;

/// struct timespec.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Timespec {
    /// Seconds.
    pub sec: i64,
    /// Nanoseconds, 0 to 999 999 999 when valid.
    pub nsec: i64,
}

impl Timespec {
    /// From nanoseconds.
    #[inline]
    pub const fn from_ns(ns: u64) -> Timespec {
        Timespec { sec: (ns / NSEC_PER_SEC).cast_signed(), nsec: (ns % NSEC_PER_SEC).cast_signed() }
    }

    /// Nanoseconds, saturating; EINVAL when negative or malformed (as Linux's timespec64_valid).
    #[inline]
    pub fn to_ns(self) -> Result<u64> {
        if self.sec < 0 || !(0..1_000_000_000).contains(&self.nsec) {
            return Err(Errno::EINVAL);
        }
        Ok(self.sec.unsigned_abs().saturating_mul(NSEC_PER_SEC).saturating_add(self.nsec.unsigned_abs()))
    }
}

/// struct timeval.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Timeval {
    /// Seconds.
    pub sec: i64,
    /// Microseconds, 0 to 999 999 when valid.
    pub usec: i64,
}

impl Timeval {
    /// From nanoseconds, rounded down.
    pub const fn from_ns(ns: u64) -> Timeval {
        Timeval { sec: (ns / NSEC_PER_SEC).cast_signed(), usec: (ns % NSEC_PER_SEC / 1000).cast_signed() }
    }

    /// Nanoseconds, saturating; EINVAL when negative or malformed.
    pub fn to_ns(self) -> Result<u64> {
        if self.sec < 0 || !(0..1_000_000).contains(&self.usec) {
            return Err(Errno::EINVAL);
        }
        Ok(self.sec.unsigned_abs().saturating_mul(NSEC_PER_SEC).saturating_add(self.usec.unsigned_abs() * 1000))
    }
}

/// struct itimerspec.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Itimerspec {
    /// Period, 0 for one shot.
    pub interval: Timespec,
    /// First expiry, 0 to disarm.
    pub value: Timespec,
}

/// struct itimerval.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Itimerval {
    /// Period, 0 for one shot.
    pub interval: Timeval,
    /// First expiry, 0 to disarm.
    pub value: Timeval,
}

/// struct timezone.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Timezone {
    /// Minutes west of Greenwich.
    pub minuteswest: i32,
    /// Type of DST correction.
    pub dsttime: i32,
}

/// struct tms of times(2), in clock ticks.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct Tms {
    /// User time of the process.
    pub utime: i64,
    /// System time of the process.
    pub stime: i64,
    /// User time of waited-for children.
    pub cutime: i64,
    /// System time of waited-for children.
    pub cstime: i64,
}

/// Ticks a second in times(2) and /proc (sysconf(_SC_CLK_TCK)).
pub const USER_HZ: u64 = 100;

/// Clock numbers of clock_gettime(2).
pub mod clock {
    /// Wall clock.
    pub const REALTIME: i32 = 0;
    /// Since boot, never set.
    pub const MONOTONIC: i32 = 1;
    /// CPU time of the process.
    pub const PROCESS_CPUTIME: i32 = 2;
    /// CPU time of the thread.
    pub const THREAD_CPUTIME: i32 = 3;
    /// Monotonic without adjustment.
    pub const MONOTONIC_RAW: i32 = 4;
    /// Wall clock, tick resolution.
    pub const REALTIME_COARSE: i32 = 5;
    /// Monotonic, tick resolution.
    pub const MONOTONIC_COARSE: i32 = 6;
    /// Monotonic with suspend.
    pub const BOOTTIME: i32 = 7;
    /// Wall clock that can wake the machine.
    pub const REALTIME_ALARM: i32 = 8;
    /// Boot time that can wake the machine.
    pub const BOOTTIME_ALARM: i32 = 9;
    /// International atomic time.
    pub const TAI: i32 = 11;
}

/// Flag of clock_nanosleep, timer_settime, timerfd_settime: the time is absolute.
pub const TIMER_ABSTIME: i32 = 1;
/// setitimer: wall time, SIGALRM.
pub const ITIMER_REAL: i32 = 0;
/// setitimer: user CPU time, SIGVTALRM.
pub const ITIMER_VIRTUAL: i32 = 1;
/// setitimer: CPU time, SIGPROF.
pub const ITIMER_PROF: i32 = 2;

/// struct timex of adjtimex(2), 208 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[allow(missing_docs)] // names of the man page
pub struct Timex {
    pub modes: u32,
    pub pad0: u32,
    pub offset: i64,
    pub freq: i64,
    pub maxerror: i64,
    pub esterror: i64,
    pub status: i32,
    pub pad1: u32,
    pub constant: i64,
    pub precision: i64,
    pub tolerance: i64,
    pub time: Timeval,
    pub tick: i64,
    pub ppsfreq: i64,
    pub jitter: i64,
    pub shift: i32,
    pub pad2: u32,
    pub stabil: i64,
    pub jitcnt: i64,
    pub calcnt: i64,
    pub errcnt: i64,
    pub stbcnt: i64,
    pub tai: i32,
    pub reserved: [i32; 11],
}
