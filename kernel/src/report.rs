//! Explained one-line reports: what the application asked for that this kernel does not do, and how it died. Each thing is said once.

use core::fmt;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

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
        if !self.0.swap(true, Ordering::Relaxed) {
            control::line("log", format_args!("warn {text}"));
        }
    }
}

impl Default for Once {
    fn default() -> Self {
        Once::new()
    }
}

/// System calls reported, one bit each.
static CALLS: [AtomicU64; 8] = [const { AtomicU64::new(0) }; 8];
/// ioctl commands reported last.
static IOCTLS: [AtomicU64; 16] = [const { AtomicU64::new(0) }; 16];
static BEYOND: Once = Once::new();

/// The application made a call that does not exist here: `name` if Linux has it. Once per number.
#[cold]
pub fn unknown_call(number: u64, name: &str, program: &[u8], rip: u64) {
    let program = control::Bytes(program);
    let text = format_args!("{program}: system call {number} ({name}) at {rip:#x} is not implemented: it returns ENOSYS");
    match usize::try_from(number).ok().and_then(|n| CALLS.get(n / 64).map(|word| (word, 1u64 << (n % 64)))) {
        Some((word, bit)) => {
            if word.fetch_or(bit, Ordering::Relaxed) & bit == 0 {
                control::line("log", format_args!("warn {text}"));
            }
        }
        None => BEYOND.warn(text),
    }
}

/// The application asked something of a file that its kind does not know. Once per command, for the first sixteen.
#[cold]
pub fn unknown_ioctl(command: u32, kind: &str, program: &[u8]) {
    let key = u64::from(command) | 1 << 32;
    for slot in &IOCTLS {
        match slot.compare_exchange(0, key, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => {
                let program = control::Bytes(program);
                control::line("log", format_args!("debug {program}: ioctl {command:#x} on {kind} is not implemented: it returns ENOTTY"));
                return;
            }
            Err(seen) if seen == key => return,
            Err(_) => {}
        }
    }
}

/// The application dies of a fault.
#[cold]
pub fn fatal_fault(program: &[u8], signal: &str, what: fmt::Arguments<'_>, ctx: &UserContext) {
    let name = control::Bytes(program);
    control::line("log", format_args!("error {name}: {signal}: {what} at rip {:#x}, rsp {:#x}", ctx.rip, ctx.rsp));
    control::line(
        "log",
        format_args!(
            "info rax {:#x} rbx {:#x} rcx {:#x} rdx {:#x} rsi {:#x} rdi {:#x} rbp {:#x} r8 {:#x} r9 {:#x} r10 {:#x} r11 {:#x} r12 {:#x} r13 {:#x} r14 {:#x} r15 {:#x}",
            ctx.rax,
            ctx.rbx,
            ctx.rcx,
            ctx.rdx,
            ctx.rsi,
            ctx.rdi,
            ctx.rbp,
            ctx.r8,
            ctx.r9,
            ctx.r10,
            ctx.r11,
            ctx.r12,
            ctx.r13,
            ctx.r14,
            ctx.r15
        ),
    );
}
