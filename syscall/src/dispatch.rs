//! From a trap to a handler.

use abi::Errno;
use hal::trap::UserContext;

use crate::table::HANDLERS;

/// Called when a number has no line in the table; the kernel explains it once.
#[cold]
fn unknown(_ctx: &mut UserContext) -> abi::Result<usize> {
    Err(Errno::ENOSYS)
}

/// Runs the system call that `ctx` made and leaves the result in `rax`.
pub fn dispatch(ctx: &mut UserContext) {
    let handler = usize::try_from(ctx.call_number()).ok().and_then(|n| HANDLERS.get(n).copied().flatten());
    let result = match handler {
        Some(handler) => handler(ctx),
        None => unknown(ctx),
    };
    ctx.rax = match result {
        Ok(value) => value as u64, // x86-64: the same width
        Err(errno) => i64::from(-errno.number()).cast_unsigned(),
    };
}
