//! The clock source and the event device, as data and two functions. Timers are the kernel's.

/// How to turn the TSC into nanoseconds since boot: `((tsc - base_tsc) * mult) >> shift`, plus `base_ns`. Copied into the vDSO data page.
#[derive(Debug, Clone, Copy)]
pub struct ClockParams {
    /// TSC at `base_ns`.
    pub base_tsc: u64,
    /// CLOCK_MONOTONIC at `base_tsc`, in nanoseconds.
    pub base_ns: u64,
    /// Multiplier, 32 bits used.
    pub mult: u64,
    /// Right shift of the 128-bit product.
    pub shift: u32,
}

/// The parameters now; they may be refined once, shortly after boot, by calibration ([`on_change`]).
pub fn params() -> ClockParams {
    todo!()
}

/// Calls `hook` whenever the parameters were refined (the vDSO page is rewritten then).
pub fn on_change(_hook: fn(ClockParams)) {
    todo!()
}

/// Nanoseconds since boot, monotonic.
pub fn monotonic_ns() -> u64 {
    todo!()
}

/// Arms this CPU's one-shot timer for the absolute monotonic time `deadline_ns` (at once if past); `trap::Handlers::tick` runs when it fires. Replaces an earlier deadline.
pub fn set_deadline(_deadline_ns: u64) {
    todo!()
}

/// Disarms this CPU's timer.
pub fn clear_deadline() {
    todo!()
}

/// Seconds since the epoch from the CMOS clock, `None` without one. Takes some dozen port reads: call once, lazily.
pub fn read_rtc() -> Option<u64> {
    todo!()
}
