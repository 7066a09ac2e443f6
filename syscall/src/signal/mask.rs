//! rt_sigprocmask, rt_sigpending, rt_sigsuspend, rt_sigtimedwait, pause.

use abi::signal::{SIG_BLOCK, SIG_SETMASK, SIG_UNBLOCK, SigInfoRaw};
use abi::time::Timespec;
use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::process::{current, sigwait, sleep};
use kernel::{signal, time};

const SET_SIZE: usize = 8;

/// rt_sigprocmask(2).
pub fn rt_sigprocmask(how: i32, set: UserPtr<u64>, old: UserPtr<u64>, size: usize) -> Result<()> {
    if size != SET_SIZE {
        return Err(Errno::EINVAL);
    }
    let user = current();
    let before = user.signals.blocked();
    if let Some(set) = set.non_null() {
        let set = set.read()?;
        let mask = match how {
            SIG_BLOCK => before | set,
            SIG_UNBLOCK => before & !set,
            SIG_SETMASK => set,
            _ => return Err(Errno::EINVAL),
        };
        if mask & !signal::UNBLOCKABLE != before {
            sigwait::set_mask(&user, mask);
        }
    }
    old.non_null().map_or(Ok(()), |old| old.write(&before))
}

/// rt_sigpending(2): blocked signals that wait.
pub fn rt_sigpending(set: UserPtr<u8>, size: usize) -> Result<()> {
    if size > SET_SIZE {
        return Err(Errno::EINVAL);
    }
    let user = current();
    let pending = sigwait::pending(&user, user.signals.blocked());
    hal::user::write_bytes(set.addr(), &pending.to_le_bytes()[..size])
}

/// rt_sigsuspend(2).
pub fn rt_sigsuspend(mask: UserPtr<u64>, size: usize) -> Result<usize> {
    if size != SET_SIZE {
        return Err(Errno::EINVAL);
    }
    Err(sigwait::suspend(mask.read()?))
}

/// pause(2).
pub fn pause() -> Result<usize> {
    Err(sleep::pause())
}

/// rt_sigtimedwait(2).
pub fn rt_sigtimedwait(set: UserPtr<u64>, info: UserPtr<SigInfoRaw>, timeout: UserPtr<Timespec>, size: usize) -> Result<u32> {
    if size != SET_SIZE {
        return Err(Errno::EINVAL);
    }
    let set = set.read()?;
    let deadline = match timeout.non_null() {
        Some(timeout) => Some(time::monotonic().saturating_add(timeout.read()?.to_ns()?)),
        None => None,
    };
    let taken = sigwait::timed_wait(set, deadline)?;
    if let Some(info) = info.non_null() {
        info.write(&taken.raw())?;
    }
    Ok(taken.signal)
}
