//! From a trap to a handler. Two dispatchers: the plain one, and one that also traces and counts; boot chooses, so that observation costs nothing when off.

use alloc::string::String;
use core::fmt::Write;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use abi::{Errno, Result};
use hal::trap::UserContext;
use kernel::process::{self, trap};
use kernel::{control, report};

use crate::table::{HANDLERS, MAX_CALLS, find};

/// First of the internal error numbers, which ask for a restart.
const FIRST_INTERNAL: i32 = 512;

/// Called when a number has no line in the table; the kernel explains it once.
#[cold]
fn unknown(ctx: &UserContext) -> Result<usize> {
    let user = process::current();
    let name = user.name();
    let name = name.split(|b| *b == 0).next().unwrap_or(&name);
    report::unknown_call(ctx.call_number(), crate::names::linux_name(ctx.call_number()).unwrap_or("unknown to Linux"), name, ctx.rip);
    Err(Errno::ENOSYS)
}

#[inline]
fn run(ctx: &mut UserContext) -> Result<usize> {
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

static TRACING: AtomicBool = AtomicBool::new(false);
static COUNTS: [AtomicU64; MAX_CALLS] = [const { AtomicU64::new(0) }; MAX_CALLS];

/// Turns `--strace` lines on; they come from [`dispatch_observed`] alone.
pub fn set_tracing(on: bool) {
    TRACING.store(on, Ordering::Relaxed);
}

/// Calls by number since boot, as [`dispatch_observed`] counted them.
pub fn counts() -> impl Iterator<Item = (usize, u64)> {
    COUNTS.iter().enumerate().map(|(number, count)| (number, count.load(Ordering::Relaxed))).filter(|(_, count)| *count > 0)
}

/// As [`dispatch`], counting the call and, if asked, telling the tool of it.
pub fn dispatch_observed(ctx: &mut UserContext) {
    let number = ctx.call_number();
    if let Some(count) = usize::try_from(number).ok().and_then(|n| COUNTS.get(n)) {
        count.fetch_add(1, Ordering::Relaxed);
    }
    if !TRACING.load(Ordering::Relaxed) {
        return dispatch(ctx);
    }
    let mut line = String::new();
    let _ = describe(ctx, &mut line);
    if matches!(number, EXIT | EXIT_GROUP | RT_SIGRETURN) {
        control::line("strace", format_args!("{line} = ?"));
        return dispatch(ctx);
    }
    let result = run(ctx);
    match &result {
        Ok(value) if *value > 0xffff => control::line("strace", format_args!("{line} = {value:#x}")),
        Ok(value) => control::line("strace", format_args!("{line} = {value}")),
        Err(errno) if errno.number() >= FIRST_INTERNAL => control::line("strace", format_args!("{line} = ? (to be restarted)")),
        Err(errno) => control::line("strace", format_args!("{line} = -1 {} ({})", errno.name(), errno.text())),
    }
    finish(ctx, result);
}

const EXIT: u64 = 60;
const EXIT_GROUP: u64 = 231;
const RT_SIGRETURN: u64 = 15;

fn describe(ctx: &UserContext, line: &mut String) -> core::fmt::Result {
    write!(line, "[{}] ", process::current().tid())?;
    match find(ctx.call_number()) {
        Some(call) => {
            write!(line, "{}(", call.name)?;
            for (at, (argument, value)) in call.args.iter().zip(ctx.args()).enumerate() {
                write!(line, "{}{}=", if at > 0 { ", " } else { "" }, argument.name)?;
                (argument.trace)(value, line)?;
            }
            line.write_str(")")
        }
        None => {
            let name = crate::names::linux_name(ctx.call_number()).unwrap_or("unknown");
            let args = ctx.args();
            write!(line, "{name}_{}({:#x}, {:#x}, {:#x})", ctx.call_number(), args[0], args[1], args[2])
        }
    }
}
