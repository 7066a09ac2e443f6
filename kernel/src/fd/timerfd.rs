//! Timers as descriptors (timerfd_create(2)).

use alloc::sync::{Arc, Weak};
use core::any::Any;
use core::fmt;

use abi::time::clock;
use abi::{Errno, Result};

use crate::iobuf::ReadBuf;
use crate::poll::{PollEvents, PollHead};
use crate::sched::timer::{Expire, Timer};
use crate::sync::IrqSpinLock;
use crate::time::{self, ClockSet};
use crate::vfs::file::{File, FileOps, OpenFlags};

struct State {
    /// Expirations that were not read.
    ticks: u64,
    /// Period in nanoseconds, 0 for one shot.
    interval: u64,
    /// When it expires next, CLOCK_MONOTONIC; `None`: disarmed.
    next: Option<u64>,
    /// A periodic timer expired at `next` and is armed again when somebody looks: so a short period costs nothing while nobody reads.
    rests: bool,
    /// Offset of the wall clock that `next` was computed with, for absolute times on it.
    wall: Option<u64>,
    /// TFD_TIMER_CANCEL_ON_SET.
    cancellable: bool,
    /// The wall clock was set since then.
    cancelled: bool,
}

/// A timer that is readable after it expired.
pub struct TimerFd {
    clock: i32,
    state: IrqSpinLock<State>,
    timer: Timer,
    head: PollHead,
}

/// A setting: first expiry and period, in nanoseconds; 0 for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Setting {
    /// Time until, or of, the first expiry.
    pub value: u64,
    /// Period.
    pub interval: u64,
}

/// The timer behind an open file; EINVAL.
pub fn of(file: &File) -> Result<&TimerFd> {
    file.ops.as_any().downcast_ref().ok_or(Errno::EINVAL)
}

impl TimerFd {
    /// A disarmed timer on `clock`; EINVAL for a clock that cannot be waited on. `flags` may hold NONBLOCK.
    pub fn open(clock: i32, flags: OpenFlags) -> Result<Arc<File>> {
        let known = [clock::REALTIME, clock::MONOTONIC, clock::BOOTTIME, clock::REALTIME_ALARM, clock::BOOTTIME_ALARM];
        if !known.contains(&clock) {
            return Err(Errno::EINVAL);
        }
        let state = State { ticks: 0, interval: 0, next: None, rests: false, wall: None, cancellable: false, cancelled: false };
        let timer = Arc::new_cyclic(|me: &Weak<TimerFd>| TimerFd {
            clock,
            state: IrqSpinLock::new(state),
            timer: Timer::new(me.clone()),
            head: PollHead::new(),
        });
        if time::is_wall_clock(clock) {
            let listener: Weak<TimerFd> = Arc::downgrade(&timer);
            time::on_clock_set(listener);
        }
        Ok(File::new(timer, flags | OpenFlags::RDWR))
    }

    /// timerfd_settime(2): `absolute` times are on the timer's clock. Gives the old setting.
    pub fn set(&self, new: Setting, absolute: bool, cancel_on_set: bool) -> Result<Setting> {
        let now = time::monotonic();
        let next = match new.value {
            0 => None,
            value if absolute => Some(time::to_monotonic(self.clock, value)?),
            value => Some(now.saturating_add(value)),
        };
        let wall = (absolute && time::is_wall_clock(self.clock)).then(time::real_offset);
        let mut state = self.state.lock();
        self.forward(&mut state, now);
        self.timer.cancel();
        let old = setting(&state, now);
        *state = State {
            ticks: 0,
            interval: new.interval,
            next,
            rests: false,
            wall,
            cancellable: cancel_on_set && wall.is_some(),
            cancelled: false,
        };
        if let Some(next) = next {
            self.timer.arm(next);
        }
        Ok(old)
    }

    /// timerfd_gettime(2).
    pub fn get(&self) -> Setting {
        let mut state = self.state.lock();
        let now = time::monotonic();
        self.forward(&mut state, now);
        setting(&state, now)
    }

    /// Counts the periods that went by unseen and arms the timer for the next.
    fn forward(&self, state: &mut State, now: u64) {
        if let (true, Some(last)) = (state.rests, state.next) {
            let passed = now.saturating_sub(last) / state.interval.max(1) + 1;
            let next = last.saturating_add(passed.saturating_mul(state.interval));
            state.ticks = state.ticks.saturating_add(passed - 1);
            state.next = Some(next);
            state.rests = false;
            self.timer.arm(next);
        }
    }

    fn take(&self) -> Option<Result<u64>> {
        let mut state = self.state.lock();
        if state.cancelled {
            state.cancelled = false;
            return Some(Err(Errno::ECANCELED));
        }
        self.forward(&mut state, time::monotonic());
        match core::mem::take(&mut state.ticks) {
            0 => None,
            ticks => Some(Ok(ticks)),
        }
    }
}

/// What is left.
fn setting(state: &State, now: u64) -> Setting {
    let value = state.next.map_or(0, |next| next.saturating_sub(now).max(u64::from(state.interval != 0)));
    Setting { value, interval: state.interval }
}

impl Expire for TimerFd {
    fn expire(&self, now: u64) {
        {
            let mut state = self.state.lock();
            if state.rests || state.next.is_none_or(|next| next > now) {
                return;
            }
            state.ticks = state.ticks.saturating_add(1);
            if state.interval == 0 {
                state.next = None;
            } else {
                state.rests = true;
            }
        }
        self.head.notify(PollEvents::IN);
    }
}

impl ClockSet for TimerFd {
    fn clock_was_set(&self) {
        let cancelled = {
            let mut state = self.state.lock();
            let Some(before) = state.wall else { return };
            let offset = time::real_offset();
            state.wall = Some(offset);
            if let (Some(next), false) = (state.next, state.rests) {
                let moved = next.wrapping_add(before).saturating_sub(offset);
                state.next = Some(moved);
                self.timer.arm(moved);
            }
            state.cancelled |= state.cancellable && offset != before;
            state.cancelled
        };
        if cancelled {
            self.head.notify(PollEvents::IN);
        }
    }
}

impl FileOps for TimerFd {
    fn read_at(&self, file: &File, buf: &mut ReadBuf<'_>, _pos: u64) -> Result<usize> {
        if buf.remaining() < 8 {
            return Err(Errno::EINVAL);
        }
        let ticks = match self.take() {
            Some(ticks) => ticks?,
            None if file.nonblocking() => return Err(Errno::EAGAIN),
            None => self.head.queue.wait_interruptible(|| self.take())??,
        };
        if buf.put(&ticks.to_ne_bytes())? < 8 { Err(Errno::EFAULT) } else { Ok(8) }
    }

    fn poll(&self, _file: &File) -> PollEvents {
        let state = self.state.lock();
        if state.ticks > 0 || state.cancelled { PollEvents::IN } else { PollEvents::empty() }
    }

    fn poll_head(&self) -> Option<&PollHead> {
        Some(&self.head)
    }

    fn describe(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("anon_inode:[timerfd]")
    }

    fn fdinfo(&self, _file: &File, out: &mut dyn fmt::Write) -> fmt::Result {
        let ticks = self.state.lock().ticks;
        let left = self.get();
        writeln!(out, "clockid: {}\nticks: {ticks}\nsettime flags: 00", self.clock)?;
        writeln!(out, "it_value: ({}, {})", left.value / 1_000_000_000, left.value % 1_000_000_000)?;
        writeln!(out, "it_interval: ({}, {})", left.interval / 1_000_000_000, left.interval % 1_000_000_000)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
