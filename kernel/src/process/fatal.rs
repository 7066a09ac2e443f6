//! The words about a program that dies of a fault.

use abi::signal::{code, sig};
use hal::trap::UserContext;

use super::mapped::Code;
use super::user::UserThread;
use crate::control;
use crate::report;
use crate::signal::{Info, SYNCHRONOUS, bit};

/// The name of a standard signal.
pub fn name(signal: u32) -> &'static str {
    const NAMES: [&str; 32] = [
        "signal",
        "SIGHUP",
        "SIGINT",
        "SIGQUIT",
        "SIGILL",
        "SIGTRAP",
        "SIGABRT",
        "SIGBUS",
        "SIGFPE",
        "SIGKILL",
        "SIGUSR1",
        "SIGSEGV",
        "SIGUSR2",
        "SIGPIPE",
        "SIGALRM",
        "SIGTERM",
        "SIGSTKFLT",
        "SIGCHLD",
        "SIGCONT",
        "SIGSTOP",
        "SIGTSTP",
        "SIGTTIN",
        "SIGTTOU",
        "SIGURG",
        "SIGXCPU",
        "SIGXFSZ",
        "SIGVTALRM",
        "SIGPROF",
        "SIGWINCH",
        "SIGIO",
        "SIGPWR",
        "SIGSYS",
    ];
    NAMES.get(signal as usize).copied().unwrap_or("a real-time signal") // widening
}

/// Words of the stack that are looked at for return addresses, and how many of these are told. The tool sorts out which are real.
const STACK_WORDS: usize = 1024;
const FRAMES: usize = 48;

/// Says what the program did, when an instruction of its own killed it.
pub(super) fn explain(ctx: &UserContext, user: &UserThread, info: &Info) {
    if !control::ERRORS || bit(info.signal) & SYNCHRONOUS == 0 || info.code <= 0 {
        return;
    }
    let program = user.name();
    let program = &program[..program.iter().position(|b| *b == 0).unwrap_or(program.len())];
    Code::tell(&user.mm()).tell_trace(ctx.rip, ctx.rsp, STACK_WORDS, FRAMES);
    let address = info.fields[0];
    let signal = name(info.signal);
    match (info.signal, info.code) {
        (sig::SEGV, code::SEGV_MAPERR) if address < 4096 => {
            report::fatal_fault(program, signal, format_args!("null pointer, address {address:#x}"), ctx);
        }
        (sig::SEGV, code::SEGV_MAPERR) => report::fatal_fault(program, signal, format_args!("nothing is mapped at {address:#x}"), ctx),
        (sig::SEGV, code::SEGV_ACCERR) => report::fatal_fault(program, signal, format_args!("access to {address:#x} is not allowed"), ctx),
        (sig::SEGV, _) => report::fatal_fault(program, signal, format_args!("protection fault or bad signal stack"), ctx),
        (sig::BUS, _) => report::fatal_fault(program, signal, format_args!("no memory behind {address:#x}"), ctx),
        (sig::ILL, _) => report::fatal_fault(program, signal, format_args!("illegal instruction"), ctx),
        (sig::FPE, code::FPE_INTDIV) => report::fatal_fault(program, signal, format_args!("integer division"), ctx),
        (sig::FPE, _) => report::fatal_fault(program, signal, format_args!("arithmetic exception"), ctx),
        _ => report::fatal_fault(program, signal, format_args!("trap"), ctx),
    }
}
