//! The clock source and the event device, as data and two functions. Timers are the kernel's.
//!
//! The TSC is the clock. Where nobody states its frequency it is measured against the APIC timer, which runs from boot on anyway: a first
//! guess when the clock is first read, better ones whenever a longer run of the timer ends. Nothing ever waits for a measurement.

use core::sync::atomic::{AtomicBool, Ordering};

use crate::arch::imp::{apic, calibrate, regs, rtc, start};
use crate::sync::{IrqSpinLock, SeqLock};
use crate::trap;

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

impl ClockParams {
    /// Parameters for a TSC of `hz` that was `base_tsc` at `base_ns`.
    fn new(hz: u64, base_tsc: u64, base_ns: u64) -> ClockParams {
        let mut shift = 32;
        let mut mult = (u128::from(SECOND) << 32) / u128::from(hz.max(1));
        while mult >> 32 != 0 {
            mult >>= 1;
            shift -= 1;
        }
        ClockParams { base_tsc, base_ns, mult: mult as u64, shift }
    }

    /// Nanoseconds since boot at `tsc`; never before `base_ns`.
    #[inline]
    pub fn ns(&self, tsc: u64) -> u64 {
        self.base_ns + self.span(tsc.saturating_sub(self.base_tsc))
    }

    /// Nanoseconds in `ticks` of the TSC.
    #[inline]
    fn span(&self, ticks: u64) -> u64 {
        ((u128::from(ticks) * u128::from(self.mult)) >> self.shift) as u64
    }
}

const SECOND: u64 = 1_000_000_000;
const NEVER: u64 = u64::MAX;
/// When the frequency is measured again, in nanoseconds after the first guess; the last one is good for some parts per million.
const REFINE: [u64; 4] = [2_000_000, 20_000_000, 200_000_000, 2_000_000_000];
/// Timer ticks of the shortest run that counts.
const SHORTEST_RUN: u64 = 100_000;
/// Timer ticks from which on the timer may start over by itself.
const SHORTEST_AGAIN: u32 = 500_000;
const HOOKS: usize = 4;

static PARAMS: SeqLock<ClockParams> = SeqLock::new(ClockParams { base_tsc: 0, base_ns: 0, mult: 0, shift: 0 });
static READY: AtomicBool = AtomicBool::new(false);
type Hook = fn(ClockParams);
static CHANGE_HOOKS: IrqSpinLock<[Option<Hook>; HOOKS]> = IrqSpinLock::new([None; HOOKS]);

/// The timer of the (one) CPU.
struct Device {
    deadline: u64,
    refine_at: u64,
    refine_step: usize,
    /// It runs without interrupts.
    free: bool,
    /// It fired and was not set again yet.
    stale: bool,
    /// It starts over when it fires.
    again: bool,
    /// What it counts down from.
    armed_count: u32,
    /// Where the present run of the measurement began.
    start_count: u32,
    start_tsc: u64,
    /// All runs so far.
    sum_tsc: u64,
    sum_ticks: u64,
    /// Timer ticks that the last result rests on.
    best: u64,
}

static DEVICE: IrqSpinLock<Device> = IrqSpinLock::new(Device {
    deadline: NEVER,
    refine_at: NEVER,
    refine_step: 0,
    free: true,
    stale: false,
    again: true,
    armed_count: u32::MAX,
    start_count: u32::MAX,
    start_tsc: 0,
    sum_tsc: 0,
    sum_ticks: 0,
    best: 0,
});

/// Notes the timer's start at boot, free running.
pub(crate) fn timer_started() {
    let mut device = DEVICE.lock();
    let _ = readings(); // the first time of anything is slow under an emulator
    (device.start_count, device.start_tsc) = readings();
}

/// The parameters now; they may be refined several times in the first seconds, by calibration ([`on_change`]).
#[inline]
pub fn params() -> ClockParams {
    if !READY.load(Ordering::Acquire) {
        first_guess();
    }
    PARAMS.read()
}

/// Calls `hook` whenever the parameters were refined (the vDSO page is rewritten then). It runs with interrupts off, perhaps in the timer's interrupt: it may
/// take [`IrqSpinLock`]s only.
pub fn on_change(hook: fn(ClockParams)) {
    let mut hooks = CHANGE_HOOKS.lock();
    let free = hooks.iter_mut().find(|slot| slot.is_none()).expect("too many clock hooks");
    *free = Some(hook);
}

/// Nanoseconds since boot, monotonic.
#[inline]
pub fn monotonic_ns() -> u64 {
    params().ns(regs::rdtsc())
}

/// Arms this CPU's one-shot timer for the absolute monotonic time `deadline_ns` (at once if past); `trap::Handlers::tick` runs when it fires. Replaces an earlier deadline.
pub fn set_deadline(deadline_ns: u64) {
    let _ = params();
    let mut device = DEVICE.lock();
    let changed = if device.stale { None } else { device.measure() };
    device.deadline = deadline_ns;
    device.program();
    drop(device);
    announce(changed);
}

/// Disarms this CPU's timer.
pub fn clear_deadline() {
    let mut device = DEVICE.lock();
    if device.deadline == NEVER {
        return;
    }
    let changed = device.measure();
    device.deadline = NEVER;
    device.program();
    drop(device);
    announce(changed);
}

/// Seconds since the epoch from the CMOS clock, `None` without one. Takes some dozen port reads: call once, lazily.
pub fn read_rtc() -> Option<u64> {
    rtc::read()
}

#[cold]
fn first_guess() {
    let mut device = DEVICE.lock();
    if READY.load(Ordering::Acquire) {
        return;
    }
    let hz = calibrate::stated_tsc_hz().unwrap_or_else(|| {
        device.refine_at = REFINE[0];
        device.sample().and_then(|(tsc, ticks)| frequency(tsc, ticks)).unwrap_or(SECOND)
    });
    calibrate::set_tsc_hz(hz);
    PARAMS.write(ClockParams::new(hz, start::boot_tsc(), 0));
    READY.store(true, Ordering::Release);
    if device.refine_at != NEVER {
        let now = monotonic_ns();
        device.refine_at += now;
        device.program();
    }
}

/// The timer's interrupt.
pub(crate) fn timer_fired(from_app: bool) {
    let mut device = DEVICE.lock();
    let changed = device.measure();
    let now = monotonic_ns();
    if device.refine_at <= now {
        device.refine_step += 1;
        device.refine_at = REFINE.get(device.refine_step).map_or(NEVER, |after| now + after);
    }
    let expired = device.deadline <= now;
    if expired {
        device.deadline = NEVER;
        device.stale = true;
    } else {
        device.program();
    }
    drop(device);
    announce(changed);
    if expired {
        (trap::handlers().tick)(from_app);
        let mut device = DEVICE.lock();
        if device.stale {
            device.program(); // the handler did not set it
        }
    }
}

fn announce(changed: Option<ClockParams>) {
    if let Some(params) = changed {
        let hooks = *CHANGE_HOOKS.lock();
        hooks.iter().flatten().for_each(|hook| hook(params));
    }
}

impl Device {
    /// TSC and timer ticks since the run began that [`Device::begin`] noted.
    fn sample(&self) -> Option<(u64, u64)> {
        let (left, tsc) = readings();
        if !self.again && left == 0 {
            return None; // it stopped, nobody knows when
        }
        let passed_tsc = tsc.wrapping_sub(self.start_tsc);
        let round = u64::from(self.armed_count) + 1;
        let in_round = u64::from(self.start_count).wrapping_sub(u64::from(left)) as i64;
        // Whole rounds by what the TSC says so far (the first guess is made in the first seconds, within round 0).
        let expected = to_ticks(PARAMS.read().span(passed_tsc));
        let missed = (expected as i64 - in_round + round as i64 / 2).max(0) as u64;
        let rounds = if missed < round { 0 } else { missed / round };
        let ticks = (rounds * round) as i64 + in_round;
        u64::try_from(ticks).ok().filter(|ticks| *ticks > 0).map(|ticks| (passed_tsc, ticks))
    }

    /// Adds the present run, which ends now, to the measurement, and takes the result if it rests on a much longer time than the last one.
    fn measure(&mut self) -> Option<ClockParams> {
        if self.refine_at == NEVER {
            return None;
        }
        let (tsc, ticks) = self.sample()?;
        if ticks < SHORTEST_RUN {
            return None;
        }
        self.sum_tsc += tsc;
        self.sum_ticks += ticks;
        (self.start_count, self.start_tsc) = readings();
        if self.sum_ticks < self.best.saturating_mul(3) {
            return None;
        }
        self.best = self.sum_ticks;
        let hz = frequency(self.sum_tsc, self.sum_ticks)?;
        calibrate::set_tsc_hz(hz);
        let now = regs::rdtsc();
        let params = ClockParams::new(hz, now, PARAMS.read().ns(now));
        PARAMS.write(params);
        Some(params)
    }

    /// Notes where the timer and the TSC stand, just after the timer was set.
    fn begin(&mut self, count: u32) {
        self.armed_count = count;
        if self.refine_at != NEVER {
            (self.start_count, self.start_tsc) = readings();
        }
    }

    /// Arms the timer for what comes first. While the frequency is measured it starts over when it fires, so that what came after can still be read.
    fn program(&mut self) {
        self.stale = false;
        let target = self.deadline.min(self.refine_at);
        if target == NEVER {
            if !self.free {
                (self.free, self.again) = (true, true);
                apic::run_free();
                self.begin(u32::MAX);
            }
            return;
        }
        self.free = false;
        let ticks = to_ticks(target.saturating_sub(monotonic_ns()));
        // A little late, so that the deadline is past for certain when it fires; waits beyond the counter take several rounds.
        let ticks = ticks.saturating_add(ticks >> 14).saturating_add(20);
        let count = u32::try_from(ticks).unwrap_or(u32::MAX);
        // Not with a short count: QEMU's timer loop would not get around to anything else.
        self.again = self.refine_at != NEVER && count >= SHORTEST_AGAIN;
        apic::arm(count, self.again);
        self.begin(count);
    }
}

/// The timer's count and the TSC at one moment.
#[inline(never)]
fn readings() -> (u32, u64) {
    (apic::current_count(), regs::rdtsc())
}

/// Nanoseconds in ticks of the APIC's timer.
fn to_ticks(ns: u64) -> u64 {
    match calibrate::apic_hz() {
        SECOND => ns,
        hz => (u128::from(ns) * u128::from(hz) / u128::from(SECOND)) as u64,
    }
}

/// TSC ticks per second; `None` when the readings make no sense.
fn frequency(tsc: u64, ticks: u64) -> Option<u64> {
    let hz = u128::from(tsc) * u128::from(calibrate::apic_hz()) / u128::from(ticks.max(1));
    u64::try_from(hz).ok().filter(|hz| *hz > 10_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_turn_ticks_into_time() {
        for hz in [1_000_000_000, 2_596_123_000, 3_000_000_001, 24_000_000] {
            let params = ClockParams::new(hz, 500, 70);
            assert_eq!(params.ns(500), 70);
            assert_eq!(params.ns(0), 70, "never before its beginning");
            let hour = params.ns(500 + hz * 3600) - 70;
            assert!(hour.abs_diff(3600 * SECOND) < 10_000, "{hz}: {hour}");
            assert!(params.mult <= u64::from(u32::MAX));
        }
    }

    #[test]
    fn frequency_from_two_counters() {
        assert_eq!(frequency(2_500_000, 1_000_000), Some(2_500_000_000));
        assert_eq!(frequency(1, 1_000_000), None);
        assert_eq!(frequency(5, 0), Some(5_000_000_000));
    }
}
