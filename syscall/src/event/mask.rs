//! The signal mask that ppoll, pselect6 and epoll_pwait hold during their wait.

use abi::{Errno, Result};
use hal::user::UserPtr;
use kernel::process::sigwait::with_mask;

/// Reads a mask argument: `None` when the pointer is null; EINVAL for another size than Linux's.
pub fn read(mask: UserPtr<u64>, size: usize) -> Result<Option<u64>> {
    let Some(mask) = mask.non_null() else { return Ok(None) };
    if size != 8 {
        return Err(Errno::EINVAL);
    }
    mask.read().map(Some)
}

/// Runs `wait` under `mask`.
pub fn hold<R>(mask: Option<u64>, wait: impl FnOnce() -> Result<R>) -> Result<R> {
    with_mask(mask, wait)
}
