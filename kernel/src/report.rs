//! Explained reports: things that are said once, and how the application died.

use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use hal::trap::UserContext;

use crate::control;

/// A thing that is reported once.
pub struct Once(AtomicBool);

impl Once {
    /// Not said yet.
    pub const fn new() -> Once {
        Once(AtomicBool::new(false))
    }

    /// Says `text` as a warning, the first time.
    #[cold]
    pub fn warn(&self, text: fmt::Arguments<'_>) {
        if control::WARNINGS && !self.0.swap(true, Ordering::Relaxed) {
            control::warn(text);
        }
    }
}

impl Default for Once {
    fn default() -> Self {
        Once::new()
    }
}

/// The application dies of a fault.
#[cold]
pub fn fatal_fault(program: &[u8], signal: &str, what: fmt::Arguments<'_>, ctx: &UserContext) {
    let name = control::Bytes(program);
    control::line("log", format_args!("error {name}: {signal}: {what} at rip {:#x}, rsp {:#x}", ctx.rip, ctx.rsp));
    let rows = [
        [("rax", ctx.rax), ("rbx", ctx.rbx), ("rcx", ctx.rcx), ("rdx", ctx.rdx), ("rsi", ctx.rsi)],
        [("rdi", ctx.rdi), ("rbp", ctx.rbp), ("r8 ", ctx.r8), ("r9 ", ctx.r9), ("r10", ctx.r10)],
        [("r11", ctx.r11), ("r12", ctx.r12), ("r13", ctx.r13), ("r14", ctx.r14), ("r15", ctx.r15)],
    ];
    for [a, b, c, d, e] in rows {
        let row =
            format_args!("{} {:016x}  {} {:016x}  {} {:016x}  {} {:016x}  {} {:016x}", a.0, a.1, b.0, b.1, c.0, c.1, d.0, d.1, e.0, e.1);
        control::line("log", format_args!("error   {row}"));
    }
}
