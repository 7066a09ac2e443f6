//! From a trap to a handler. There are two dispatchers: this plain one, and the one of `observe` that also traces and counts; boot chooses, so that observation
//! costs nothing when off.

use abi::{Errno, Result};
use hal::trap::UserContext;
use kernel::process::{trap, unsupported};

use crate::table::HANDLERS;

/// First of the internal error numbers, which ask for a restart.
pub(crate) const FIRST_INTERNAL: i32 = 512;

/// Called when a number has no line in the table; the kernel explains it once.
#[cold]
fn unknown(ctx: &UserContext) -> Result<usize> {
    let number = ctx.call_number();
    unsupported::call(number, crate::names::linux_name(number).unwrap_or("unknown to Linux"));
    Err(Errno::ENOSYS)
}

#[inline]
pub(crate) fn run(ctx: &mut UserContext) -> Result<usize> {
    let handler = usize::try_from(ctx.call_number()).ok().and_then(|n| HANDLERS.get(n).copied().flatten());
    match handler {
        Some(handler) => handler(ctx),
        None => unknown(ctx),
    }
}

/// Leaves the result of a call in `rax`; an internal error asks for a restart.
#[inline]
pub fn finish(ctx: &mut UserContext, result: Result<usize>) {
    ctx.rax = match result {
        Ok(value) => value as u64, // x86-64: the same width
        Err(errno) => {
            if errno.number() >= FIRST_INTERNAL {
                trap::wants_restart();
            }
            i64::from(-errno.number()).cast_unsigned()
        }
    };
}

/// Runs the system call that `ctx` made and leaves the result in `rax`.
pub fn dispatch(ctx: &mut UserContext) {
    let result = run(ctx);
    finish(ctx, result);
}
