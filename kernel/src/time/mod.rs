//! Clocks. CLOCK_MONOTONIC is the machine's; the wall clock is an offset to it, known from the boot configuration or read from the CMOS clock
//! when it is first asked for. CPU clocks belong to processes (`process::clocks`).

mod vdso;

use alloc::sync::Weak;
use alloc::vec::Vec;
use core::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use abi::time::{NSEC_PER_SEC, clock};
use abi::{Errno, Result};

use crate::sync::SpinLock;
pub use vdso::vdso_frame;

/// Resolution of the coarse clocks, ns.
pub const COARSE_NS: u64 = crate::sched::TICK_NS;

/// CLOCK_REALTIME − CLOCK_MONOTONIC, wrapping; 0: not known yet.
static REAL_OFFSET: AtomicU64 = AtomicU64::new(0);
/// CLOCK_REALTIME at boot by the configuration, 0 for none.
static EPOCH: AtomicU64 = AtomicU64::new(0);
/// CLOCK_TAI − CLOCK_REALTIME, seconds (adjtimex sets it).
static TAI: AtomicI32 = AtomicI32::new(0);
static LISTENERS: SpinLock<Vec<Weak<dyn ClockSet>>> = SpinLock::new(Vec::new());

/// Told when the wall clock is set: absolute timers on it have to be armed again.
pub trait ClockSet: Send + Sync {
    /// The offset to the monotonic clock changed. May not sleep.
    fn clock_was_set(&self);
}

/// Calls `listener` from now on whenever the wall clock is set.
pub fn on_clock_set(listener: Weak<dyn ClockSet>) {
    let mut listeners = LISTENERS.lock();
    listeners.retain(|l| l.strong_count() > 0);
    listeners.push(listener);
}

/// CLOCK_REALTIME at boot, ns, from the boot configuration.
pub fn set_epoch(ns: u64) {
    EPOCH.store(ns, Ordering::Relaxed);
}

/// CLOCK_MONOTONIC, ns.
#[inline]
pub fn monotonic() -> u64 {
    hal::clock::monotonic_ns()
}

/// CLOCK_REALTIME, ns since 1970.
#[inline]
pub fn realtime() -> u64 {
    monotonic().wrapping_add(real_offset())
}

/// CLOCK_REALTIME as (seconds, nanoseconds).
pub fn realtime_parts() -> (i64, u32) {
    let now = realtime();
    ((now / NSEC_PER_SEC).cast_signed(), (now % NSEC_PER_SEC) as u32) // below 10^9
}

/// What to add to CLOCK_MONOTONIC for the wall clock.
#[inline]
pub fn real_offset() -> u64 {
    match REAL_OFFSET.load(Ordering::Relaxed) {
        0 => learn_offset(),
        offset => offset,
    }
}

#[cold]
fn learn_offset() -> u64 {
    let offset = match EPOCH.load(Ordering::Relaxed) {
        0 => {
            let seconds = hal::clock::read_rtc().unwrap_or(0);
            seconds.saturating_mul(NSEC_PER_SEC).wrapping_sub(monotonic())
        }
        epoch => epoch,
    };
    set_offset(offset);
    offset
}

fn set_offset(offset: u64) {
    REAL_OFFSET.store(if offset == 0 { 1 } else { offset }, Ordering::Relaxed);
    vdso::update();
}

/// Sets the wall clock (ns since 1970).
pub fn set_realtime(ns: u64) {
    set_offset(ns.wrapping_sub(monotonic()));
    let listeners: Vec<_> = LISTENERS.lock().iter().filter_map(Weak::upgrade).collect();
    for listener in listeners {
        listener.clock_was_set();
    }
}

/// Moves the wall clock by `delta` nanoseconds.
pub fn step_realtime(delta: i64) {
    set_realtime(realtime().wrapping_add_signed(delta));
}

/// CLOCK_TAI's distance from CLOCK_REALTIME, seconds.
pub fn tai_offset() -> i32 {
    TAI.load(Ordering::Relaxed)
}

/// Sets it.
pub fn set_tai_offset(seconds: i32) {
    TAI.store(seconds, Ordering::Relaxed);
}

/// The time of a clock of the machine, ns. EINVAL for others (CPU clocks are the process module's).
pub fn read(id: i32) -> Result<u64> {
    match id {
        clock::MONOTONIC | clock::MONOTONIC_RAW | clock::BOOTTIME | clock::BOOTTIME_ALARM | clock::MONOTONIC_COARSE => Ok(monotonic()),
        clock::REALTIME | clock::REALTIME_COARSE | clock::REALTIME_ALARM => Ok(realtime()),
        clock::TAI => Ok(realtime().saturating_add_signed(i64::from(tai_offset()) * 1_000_000_000)),
        _ => Err(Errno::EINVAL),
    }
}

/// The resolution of a clock of the machine, ns.
pub fn resolution(id: i32) -> Result<u64> {
    match id {
        clock::REALTIME_COARSE | clock::MONOTONIC_COARSE => Ok(COARSE_NS),
        _ => read_known(id).map(|()| 1),
    }
}

fn read_known(id: i32) -> Result<()> {
    match id {
        clock::REALTIME..=clock::MONOTONIC | clock::MONOTONIC_RAW..=clock::BOOTTIME_ALARM | clock::TAI => Ok(()),
        _ => Err(Errno::EINVAL),
    }
}

/// The CLOCK_MONOTONIC time of `ns` on clock `id`, for absolute timers. EINVAL for clocks one cannot wait on.
pub fn to_monotonic(id: i32, ns: u64) -> Result<u64> {
    match id {
        clock::MONOTONIC | clock::BOOTTIME | clock::BOOTTIME_ALARM => Ok(ns),
        clock::REALTIME | clock::REALTIME_ALARM => Ok(ns.saturating_sub(real_offset())),
        clock::TAI => Ok(ns.saturating_add_signed(-i64::from(tai_offset()) * 1_000_000_000).saturating_sub(real_offset())),
        _ => Err(Errno::EINVAL),
    }
}

/// Whether absolute times on the clock move when the wall clock is set.
pub fn is_wall_clock(id: i32) -> bool {
    matches!(id, clock::REALTIME | clock::REALTIME_ALARM | clock::TAI)
}
