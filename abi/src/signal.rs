//! Signals: numbers, codes, siginfo_t, sigaction, stack_t (signal.h, asm-generic/siginfo.h).

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Signal numbers.
#[allow(missing_docs)]
pub mod sig {
    pub const HUP: u32 = 1;
    pub const INT: u32 = 2;
    pub const QUIT: u32 = 3;
    pub const ILL: u32 = 4;
    pub const TRAP: u32 = 5;
    pub const ABRT: u32 = 6;
    pub const BUS: u32 = 7;
    pub const FPE: u32 = 8;
    pub const KILL: u32 = 9;
    pub const USR1: u32 = 10;
    pub const SEGV: u32 = 11;
    pub const USR2: u32 = 12;
    pub const PIPE: u32 = 13;
    pub const ALRM: u32 = 14;
    pub const TERM: u32 = 15;
    pub const STKFLT: u32 = 16;
    pub const CHLD: u32 = 17;
    pub const CONT: u32 = 18;
    pub const STOP: u32 = 19;
    pub const TSTP: u32 = 20;
    pub const TTIN: u32 = 21;
    pub const TTOU: u32 = 22;
    pub const URG: u32 = 23;
    pub const XCPU: u32 = 24;
    pub const XFSZ: u32 = 25;
    pub const VTALRM: u32 = 26;
    pub const PROF: u32 = 27;
    pub const WINCH: u32 = 28;
    pub const IO: u32 = 29;
    pub const PWR: u32 = 30;
    pub const SYS: u32 = 31;
    /// First real-time signal (the C library takes some for itself).
    pub const RTMIN: u32 = 32;
    /// Highest signal.
    pub const MAX: u32 = 64;
}

/// Values of si_code.
#[allow(missing_docs)]
pub mod code {
    pub const USER: i32 = 0;
    pub const KERNEL: i32 = 0x80;
    pub const QUEUE: i32 = -1;
    pub const TIMER: i32 = -2;
    pub const MESGQ: i32 = -3;
    pub const ASYNCIO: i32 = -4;
    pub const SIGIO: i32 = -5;
    pub const TKILL: i32 = -6;
    pub const ILL_ILLOPN: i32 = 2;
    pub const FPE_INTDIV: i32 = 1;
    pub const FPE_INTOVF: i32 = 2;
    pub const FPE_FLTDIV: i32 = 3;
    pub const FPE_FLTOVF: i32 = 4;
    pub const FPE_FLTUND: i32 = 5;
    pub const FPE_FLTRES: i32 = 6;
    pub const FPE_FLTINV: i32 = 7;
    pub const FPE_FLTUNK: i32 = 14;
    pub const SEGV_MAPERR: i32 = 1;
    pub const SEGV_ACCERR: i32 = 2;
    pub const BUS_ADRALN: i32 = 1;
    pub const BUS_ADRERR: i32 = 2;
    pub const BUS_OBJERR: i32 = 3;
    pub const TRAP_BRKPT: i32 = 1;
    pub const TRAP_TRACE: i32 = 2;
    pub const CLD_EXITED: i32 = 1;
    pub const CLD_KILLED: i32 = 2;
    pub const CLD_DUMPED: i32 = 3;
    pub const CLD_STOPPED: i32 = 5;
    pub const CLD_CONTINUED: i32 = 6;
    pub const POLL_IN: i32 = 1;
}

/// SA_* flags.
#[allow(missing_docs)]
pub mod sa {
    pub const NOCLDSTOP: u64 = 1;
    pub const NOCLDWAIT: u64 = 2;
    pub const SIGINFO: u64 = 4;
    pub const UNSUPPORTED: u64 = 0x400;
    pub const EXPOSE_TAGBITS: u64 = 0x800;
    pub const RESTORER: u64 = 0x0400_0000;
    pub const ONSTACK: u64 = 0x0800_0000;
    pub const RESTART: u64 = 0x1000_0000;
    pub const NODEFER: u64 = 0x4000_0000;
    pub const RESETHAND: u64 = 0x8000_0000;
    /// Every flag the kernel knows.
    pub const KNOWN: u64 = NOCLDSTOP | NOCLDWAIT | SIGINFO | EXPOSE_TAGBITS | RESTORER | ONSTACK | RESTART | NODEFER | RESETHAND;
}

/// Handler values.
pub const SIG_DFL: u64 = 0;
/// Ignore.
pub const SIG_IGN: u64 = 1;

/// `how` of rt_sigprocmask.
pub const SIG_BLOCK: i32 = 0;
/// See [`SIG_BLOCK`].
pub const SIG_UNBLOCK: i32 = 1;
/// See [`SIG_BLOCK`].
pub const SIG_SETMASK: i32 = 2;

/// ss_flags: running on the alternate stack.
pub const SS_ONSTACK: u32 = 1;
/// ss_flags: no alternate stack.
pub const SS_DISABLE: u32 = 2;
/// ss_flags: disarm while a handler runs on it.
pub const SS_AUTODISARM: u32 = 1 << 31;
/// Smallest alternate stack sigaltstack takes.
pub const MINSIGSTKSZ: u64 = 2048;

/// struct kernel_sigaction.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SigAction {
    /// SIG_DFL, SIG_IGN or an address.
    pub handler: u64,
    /// SA_* flags.
    pub flags: u64,
    /// Return trampoline.
    pub restorer: u64,
    /// Signals blocked while the handler runs.
    pub mask: u64,
}

/// stack_t.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct StackT {
    /// Lowest address.
    pub sp: u64,
    /// SS_* flags.
    pub flags: u32,
    /// Padding.
    pub pad: u32,
    /// Bytes.
    pub size: u64,
}

/// siginfo_t: the header and the 112 bytes of its union, kept as words so that any bits are valid.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Default)]
pub struct SigInfoRaw {
    /// si_signo.
    pub signo: i32,
    /// si_errno.
    pub errno: i32,
    /// si_code.
    pub code: i32,
    /// Padding.
    pub pad: i32,
    /// The union.
    pub fields: [u64; 14],
}

/// struct sigevent (64 bytes).
#[repr(C)]
#[derive(Debug, Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
pub struct SigEvent {
    /// sigev_value.
    pub value: u64,
    /// sigev_signo.
    pub signo: i32,
    /// SIGEV_*.
    pub notify: i32,
    /// sigev_notify_thread_id.
    pub tid: i32,
    /// Rest of the union.
    pub pad: [i32; 11],
}

/// A signal at expiry.
pub const SIGEV_SIGNAL: i32 = 0;
/// Nothing at expiry.
pub const SIGEV_NONE: i32 = 1;
/// Made by the C library out of the others.
pub const SIGEV_THREAD: i32 = 2;
/// A signal to one thread (a flag, or-ed).
pub const SIGEV_THREAD_ID: i32 = 4;
