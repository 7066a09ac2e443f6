//! Taking signals without a handler: sigtimedwait(2), sigsuspend(2), signalfd(2), masks held during a wait.

use abi::{Errno, Result};

use super::deliver::recalculate;
use super::user::{UserThread, current};
use super::{ptimers, sleep};
use crate::sched;
use crate::signal::{Info, UNBLOCKABLE};
use crate::time;

/// The signals of `mask` that wait for the thread or its process.
pub fn pending(user: &UserThread, mask: u64) -> u64 {
    let state = user.process.signals.lock();
    (state.pending.set() | user.signals.pending.lock().set()) & mask
}

/// Takes one signal of `mask`.
pub fn take(user: &UserThread, mask: u64) -> Option<Info> {
    let mut info = {
        let mut state = user.process.signals.lock();
        let mut own = user.signals.pending.lock();
        let mine = own.next(!mask).and_then(|signal| own.take(signal));
        mine.or_else(|| state.pending.next(!mask).and_then(|signal| state.pending.take(signal)))
    }?;
    ptimers::delivered(&user.process, &mut info);
    Some(info)
}

/// sigtimedwait(2): waits for a signal of `set` until `deadline` (monotonic ns). EAGAIN when it passes, EINTR for another signal.
pub fn timed_wait(set: u64, deadline: Option<u64>) -> Result<Info> {
    let user = current();
    let set = set & !UNBLOCKABLE;
    if let Some(info) = take(&user, set) {
        recalculate(&user);
        return Ok(info);
    }
    user.signals.set_wanted(set);
    let result = loop {
        if let Some(info) = take(&user, set) {
            break Ok(info);
        }
        recalculate(&user);
        if sched::signal_pending() {
            break Err(Errno::EINTR);
        }
        if deadline.is_some_and(|deadline| time::monotonic() >= deadline) {
            break Err(Errno::EAGAIN);
        }
        sched::park(true, deadline);
    };
    user.signals.set_wanted(0);
    recalculate(&user);
    result
}

/// sigsuspend(2): the mask comes back after the handler.
pub fn suspend(mask: u64) -> Errno {
    let user = current();
    user.signals.swap_temporary(mask);
    recalculate(&user);
    sleep::pause()
}

/// Runs `wait` under `mask` (ppoll, pselect, epoll_pwait): the old mask comes back at once, or after the handler if a signal ended the wait.
pub fn with_mask<R>(mask: Option<u64>, wait: impl FnOnce() -> Result<R>) -> Result<R> {
    let Some(mask) = mask else { return wait() };
    let user = current();
    user.signals.swap_temporary(mask);
    recalculate(&user);
    let result = wait();
    let interrupted = matches!(&result, Err(errno) if *errno == Errno::EINTR || errno.number() >= 512);
    if !interrupted || !sched::signal_pending() {
        if let Some(saved) = user.signals.take_saved() {
            user.signals.store_blocked(saved);
        }
        recalculate(&user);
    }
    result
}

/// sigprocmask(2): replaces the mask.
pub fn set_mask(user: &UserThread, mask: u64) {
    let opened = user.signals.blocked() & !mask;
    user.signals.store_blocked(mask);
    // Blocking more changes nothing while no signal is due.
    if opened != 0 || sched::signal_pending() {
        recalculate(user);
    }
}
