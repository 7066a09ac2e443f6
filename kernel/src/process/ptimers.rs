//! POSIX timers (timer_create(2)). At most one signal of a timer is queued; expiries meanwhile are counted as overruns.

use alloc::sync::{Arc, Weak};
use alloc::vec::Vec;

use abi::signal::{SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_THREAD_ID, SigEvent, code, sig};
use abi::{Errno, Result};
use core::sync::atomic::Ordering;

use super::process::Process;
use super::signals::{self, Sent};
use super::user::UserThread;
use super::{clocks, table};
use crate::sched::timer::{Expire, Timer};
use crate::signal::{Info, Pending};
use crate::sync::{IrqSpinLock, Once};
use crate::time;

/// Most timers of one process (RLIMIT_SIGPENDING counts them on Linux).
const MAX: usize = 32768;

/// One timer.
pub struct PosixTimer {
    id: i32,
    clock: i32,
    signal: u32,
    value: u64,
    /// The thread that gets the signal, 0 for the process.
    tid: i32,
    silent: bool,
    process: Weak<Process>,
    state: IrqSpinLock<State>,
    timer: Once<Timer>,
}

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// On the timer's clock as nanoseconds of CLOCK_MONOTONIC (or of CPU time), 0: not armed.
    deadline: u64,
    interval: u64,
    /// The absolute time on a wall clock, for when that is set.
    wall: u64,
    /// Its signal waits for delivery.
    queued: bool,
    /// Expiries that had no signal of their own, of the last delivered one.
    overrun: i32,
}

impl PosixTimer {
    fn on_cpu(&self) -> bool {
        clocks::is_cpu_clock(self.clock)
    }

    fn now(&self) -> u64 {
        if self.on_cpu() { clocks::read(self.clock).unwrap_or(0) } else { time::monotonic() }
    }

    fn arm_machine(&self, deadline: u64) {
        if let Some(timer) = self.timer.get() {
            if deadline == 0 {
                timer.cancel();
            } else {
                timer.arm(deadline);
            }
        }
    }

    /// The time has come. Interrupts may be off.
    fn fire(&self, now: u64) {
        let Some(process) = self.process.upgrade() else { return };
        let mut state = self.state.lock();
        if state.deadline == 0 {
            return;
        }
        let mut queued = false;
        if !self.silent {
            let info = Info::timer(self.signal, self.id, 0, self.value);
            // Sending takes the process's lock, which delivery holds before this one.
            state.queued = true;
            drop(state);
            queued = match self.tid {
                0 => signals::send_from_interrupt(&process, info) == Sent::Queued,
                tid => table::find_thread_from_interrupt(&process, tid)
                    .is_some_and(|thread| signals::send_to_thread_from_interrupt(&thread, info) == Sent::Queued),
            };
            state = self.state.lock();
            state.queued &= queued;
        }
        if queued {
            return; // goes on at delivery
        }
        advance(&mut state, now);
        let deadline = state.deadline;
        drop(state);
        if !self.on_cpu() {
            self.arm_machine(deadline);
        }
    }
}

/// Moves the deadline behind `now`; gives the number of expiries passed over.
fn advance(state: &mut State, now: u64) -> u64 {
    if state.interval == 0 {
        state.deadline = 0;
        return 0;
    }
    let missed = now.saturating_sub(state.deadline) / state.interval;
    state.deadline = state.deadline.saturating_add(state.interval.saturating_mul(missed + 1));
    missed
}

impl Expire for PosixTimer {
    fn expire(&self, now: u64) {
        self.fire(now);
    }
}

impl time::ClockSet for PosixTimer {
    fn clock_was_set(&self) {
        let mut state = self.state.lock();
        if state.deadline != 0
            && state.wall != 0
            && !state.queued
            && let Ok(deadline) = time::to_monotonic(self.clock, state.wall)
        {
            state.deadline = deadline.max(1);
            drop(state);
            self.arm_machine(deadline.max(1));
        }
    }
}

/// A signal of a timer leaves the queue: its overrun count is filled in and the timer goes on.
pub(super) fn delivered(process: &Process, info: &mut Info) {
    if info.code != code::TIMER {
        return;
    }
    let id = (info.fields[0] & 0xffff_ffff) as i32; // the low half is meant
    let Some(timer) = process.timers.posix.lock().get(&id).cloned() else { return };
    let now = timer.now();
    let mut state = timer.state.lock();
    if !state.queued {
        return;
    }
    state.queued = false;
    let missed = advance(&mut state, now);
    state.overrun = i32::try_from(missed).unwrap_or(i32::MAX);
    info.fields[0] = info.fields[0] & 0xffff_ffff | u64::from(state.overrun.cast_unsigned()) << 32;
    let deadline = state.deadline;
    drop(state);
    if timer.on_cpu() {
        process.timers.watch_cpu_time();
    } else {
        timer.arm_machine(deadline);
    }
}

/// timer_create(2).
pub fn create(user: &UserThread, clock: i32, event: Option<SigEvent>) -> Result<i32> {
    clocks::check_timer_clock(clock)?;
    let process = &user.process;
    let (notify, signal, value, tid) = match event {
        None => (SIGEV_SIGNAL, sig::ALRM, None, 0),
        Some(event) => (event.notify, event.signo.cast_unsigned(), Some(event.value), event.tid),
    };
    let to_thread = notify & SIGEV_THREAD_ID != 0;
    if !matches!(notify, SIGEV_SIGNAL | SIGEV_NONE | SIGEV_THREAD) && notify != SIGEV_THREAD_ID {
        return Err(Errno::EINVAL);
    }
    if notify != SIGEV_NONE && !(1..=sig::MAX).contains(&signal) {
        return Err(Errno::EINVAL);
    }
    if to_thread {
        // Its queue keeps room, so that expiry allocates nothing.
        change_room(process, tid, Pending::reserve_one).ok_or(Errno::EINVAL)?;
    }
    let mut timers = process.timers.posix.lock();
    if timers.len() >= MAX {
        return Err(Errno::EAGAIN);
    }
    let id = loop {
        let id = process.timers.next_id.fetch_add(1, Ordering::Relaxed) & i32::MAX;
        if !timers.contains_key(&id) {
            break id;
        }
    };
    let timer = Arc::new(PosixTimer {
        id,
        clock: clocks::absolute_id(user, clock),
        signal,
        value: value.unwrap_or(u64::from(id.cast_unsigned())),
        tid: if to_thread { tid } else { 0 },
        silent: notify == SIGEV_NONE,
        process: process.timers.process.clone(),
        state: IrqSpinLock::new(State::default()),
        timer: Once::new(),
    });
    let target: Weak<PosixTimer> = Arc::downgrade(&timer);
    let _ = timer.timer.set(Timer::new(target.clone()));
    if time::is_wall_clock(clock) {
        time::on_clock_set(target);
    }
    timers.insert(id, timer);
    drop(timers);
    if !to_thread {
        process.signals.lock().pending.reserve_one();
    }
    Ok(id)
}

/// Changes the room in the queue of thread `tid`; `None` if the process has no such thread.
fn change_room(process: &Process, tid: i32, change: fn(&mut Pending)) -> Option<()> {
    let threads = process.threads();
    let user = threads.iter().filter_map(|thread| thread.user::<UserThread>()).find(|user| user.tid() == tid)?;
    change(&mut user.signals.pending.lock());
    Some(())
}

fn find(process: &Process, id: i32) -> Result<Arc<PosixTimer>> {
    process.timers.posix.lock().get(&id).cloned().ok_or(Errno::EINVAL)
}

/// timer_gettime(2): nanoseconds left (0: not armed) and the interval.
pub fn get(process: &Process, id: i32) -> Result<(u64, u64)> {
    let timer = find(process, id)?;
    let now = timer.now();
    let mut state = timer.state.lock();
    if state.interval != 0 && state.deadline != 0 && now >= state.deadline && (timer.silent || state.queued) {
        // It goes on counting although nobody was told.
        let left = state.interval - (now - state.deadline) % state.interval;
        return Ok((left, state.interval));
    }
    let left = match state.deadline {
        0 => 0,
        deadline if timer.silent && now >= deadline => {
            state.deadline = 0;
            0
        }
        deadline => deadline.saturating_sub(now).max(1),
    };
    Ok((left, state.interval))
}

/// timer_settime(2); gives the old setting.
pub fn set(process: &Process, id: i32, absolute: bool, value: u64, interval: u64) -> Result<(u64, u64)> {
    let old = get(process, id)?;
    let timer = find(process, id)?;
    let deadline = match (value, absolute) {
        (0, _) => 0,
        (value, true) if timer.on_cpu() => value,
        (value, true) => time::to_monotonic(timer.clock, value)?.max(1),
        (value, false) => timer.now().saturating_add(value),
    };
    let wall = if absolute && time::is_wall_clock(timer.clock) { value } else { 0 };
    timer.arm_machine(0);
    *timer.state.lock() = State { deadline, interval: if value == 0 { 0 } else { interval }, wall, queued: false, overrun: 0 };
    if timer.on_cpu() {
        process.timers.watch_cpu_time();
    } else if deadline != 0 {
        timer.arm_machine(deadline);
    }
    Ok(old)
}

/// timer_getoverrun(2).
pub fn overrun(process: &Process, id: i32) -> Result<i32> {
    find(process, id).map(|timer| timer.state.lock().overrun)
}

/// timer_delete(2).
pub fn delete(process: &Process, id: i32) -> Result<()> {
    let timer = process.timers.posix.lock().remove(&id).ok_or(Errno::EINVAL)?;
    timer.arm_machine(0);
    match timer.tid {
        0 => process.signals.lock().pending.unreserve_one(),
        tid => _ = change_room(process, tid, Pending::unreserve_one),
    }
    Ok(())
}

/// Fires the timers on CPU clocks that are due; true while any is armed.
pub(super) fn check_cpu(process: &Process) -> bool {
    let timers: Vec<_> = process.timers.posix.lock().values().filter(|timer| timer.on_cpu()).cloned().collect();
    let mut armed = false;
    for timer in timers {
        let now = timer.now();
        let State { deadline, queued, .. } = *timer.state.lock();
        if deadline != 0 && now >= deadline && !queued {
            timer.fire(now);
        }
        armed |= timer.state.lock().deadline != 0;
    }
    armed
}
