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
        let delta = tsc.saturating_sub(self.base_tsc);
        self.base_ns + ((u128::from(delta) * u128::from(self.mult)) >> self.shift) as u64
    }
}

const SECOND: u64 = 1_000_000_000;
const NEVER: u64 = u64::MAX;
/// When the frequency is measured again, in nanoseconds after the first guess; the last one is good for some parts per million.
const REFINE: [u64; 4] = [2_000_000, 20_000_000, 200_000_000, 2_000_000_000];
const HOOKS: usize = 4;

static PARAMS: SeqLock<ClockParams> = SeqLock::new(ClockParams { base_tsc: 0, base_ns: 0, mult: 0, shift: 0 });
static READY: AtomicBool = AtomicBool::new(false);
type Hook = fn(ClockParams);
static CHANGE_HOOKS: IrqSpinLock<[Option<Hook>; HOOKS]> = IrqSpinLock::new([None; HOOKS]);

/// How the APIC timer runs now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    /// Over and over from the largest count, silent.
    Free,
    /// To zero and stops.
    Once,
    /// Fires at zero and starts over: what was missed can still be read.
    Again,
}

/// The timer of the (one) CPU.
struct Device {
    deadline: u64,
    refine_at: u64,
    refine_step: usize,
    run: Run,
    armed_tsc: u64,
    armed_count: u32,
    /// Timer ticks of the longest measurement so far.
    best: u64,
}

static DEVICE: IrqSpinLock<Device> = IrqSpinLock::new(Device {
    deadline: NEVER,
    refine_at: NEVER,
    refine_step: 0,
    run: Run::Free,
    armed_tsc: 0,
    armed_count: u32::MAX,
    best: 0,
});

/// Tells when the timer was started at boot, free running.
pub(crate) fn timer_started() {
    DEVICE.lock().armed_tsc = regs::rdtsc();
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
    let changed = device.measure();
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
        device.sample().map_or(SECOND, |s| s.0)
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
    }
    device.program();
    drop(device);
    announce(changed);
    if expired {
        (trap::handlers().tick)(from_app);
    }
}

fn announce(changed: Option<ClockParams>) {
    if let Some(params) = changed {
        let hooks = *CHANGE_HOOKS.lock();
        hooks.iter().flatten().for_each(|hook| hook(params));
    }
}

impl Device {
    /// TSC frequency over the present run of the timer, and the run's length in timer ticks.
    fn sample(&self) -> Option<(u64, u64)> {
        let left = apic::current_count();
        let tsc = regs::rdtsc().wrapping_sub(self.armed_tsc);
        let count = u64::from(self.armed_count);
        let in_round = count - u64::from(left).min(count);
        let ticks = match self.run {
            Run::Once if left == 0 => return None,
            Run::Once => in_round,
            Run::Free | Run::Again => {
                // Whole rounds by what the TSC says so far (the first guess, made within the first seconds, is in round 0).
                let hz = u128::from(calibrate::tsc_hz());
                let passed = (u128::from(tsc) * u128::from(calibrate::apic_hz())).checked_div(hz).unwrap_or(u128::from(in_round));
                let rounds = (passed + u128::from(count / 2)).saturating_sub(u128::from(in_round)) / u128::from(count.max(1));
                rounds as u64 * count + in_round
            }
        };
        let hz = u128::from(tsc) * u128::from(calibrate::apic_hz()) / u128::from(ticks.max(1));
        let hz = u64::try_from(hz).ok()?;
        (ticks >= 1000 && hz > 10_000_000).then_some((hz, ticks))
    }

    /// Takes the present run as a measurement if it is much longer than the best so far.
    fn measure(&mut self) -> Option<ClockParams> {
        if self.refine_at == NEVER {
            return None;
        }
        let (hz, ticks) = self.sample()?;
        if ticks < self.best.saturating_mul(3) || ticks < 100_000 {
            return None;
        }
        self.best = ticks;
        calibrate::set_tsc_hz(hz);
        let now = regs::rdtsc();
        let params = ClockParams::new(hz, now, PARAMS.read().ns(now));
        PARAMS.write(params);
        Some(params)
    }

    /// Arms the timer for what comes first.
    fn program(&mut self) {
        let target = self.deadline.min(self.refine_at);
        if target == NEVER {
            if self.run != Run::Free {
                self.run = Run::Free;
                self.armed_count = u32::MAX;
                apic::run_free();
                self.armed_tsc = regs::rdtsc();
            }
            return;
        }
        let wait = target.saturating_sub(monotonic_ns());
        let hz = calibrate::apic_hz();
        let ticks = if hz == SECOND { wait } else { (u128::from(wait) * u128::from(hz) / u128::from(SECOND)) as u64 };
        // A little late, so that the deadline is past for certain when it fires; waits beyond the counter take several rounds.
        let ticks = ticks.saturating_add(ticks >> 14).saturating_add(20);
        self.armed_count = u32::try_from(ticks).unwrap_or(u32::MAX);
        self.run = if self.refine_at == target { Run::Again } else { Run::Once };
        apic::arm(self.armed_count, self.run == Run::Again);
        self.armed_tsc = regs::rdtsc();
    }
}
