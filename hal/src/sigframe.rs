//! The layout of a signal frame on the application's stack, as Linux x86-64 builds it (arch/x86/include/uapi/asm/sigcontext.h). Policy is kernel/signal's.

use crate::trap::UserContext;

/// What goes into a frame besides the registers.
#[derive(Debug, Clone, Copy)]
pub struct FrameSpec {
    /// The handler's address.
    pub handler: u64,
    /// SA_RESTORER: where the handler returns to.
    pub restorer: u64,
    /// The signal number.
    pub signal: u32,
    /// The 128 bytes of siginfo_t.
    pub info: [u8; 128],
    /// The mask to restore at sigreturn.
    pub old_mask: u64,
    /// uc_stack: ss_sp, ss_flags, ss_size.
    pub stack: (u64, u32, u64),
    /// Top of the stack to build on (rsp minus the red zone, or the alternate stack's top).
    pub top: u64,
    /// Address of the fault (cr2), trap number and error code for sigcontext.
    pub fault: (u64, u64, u64),
}

/// What sigreturn takes from a frame.
#[derive(Debug, Clone, Copy)]
pub struct Restored {
    /// The signal mask.
    pub mask: u64,
    /// uc_stack: ss_sp, ss_flags, ss_size.
    pub stack: (u64, u32, u64),
}

/// The frame does not fit or cannot be read (a SIGSEGV follows).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadFrame;

/// Bytes a frame needs below `top` at most, for AT_MINSIGSTKSZ and for the check against an alternate stack.
pub fn max_size() -> usize {
    todo!()
}

/// Writes the frame (extended state by XSAVE into it, with Linux's magic words) and points `ctx` at the handler: rdi = signal, rsi = &info, rdx = &ucontext.
pub fn build(_ctx: &mut UserContext, _spec: &FrameSpec) -> Result<(), BadFrame> {
    todo!()
}

/// Reads the frame at `ctx.rsp - 8` for rt_sigreturn: registers (sanitised: flags, segments, canonical or not is checked at exit) and extended state.
pub fn restore(_ctx: &mut UserContext) -> Result<Restored, BadFrame> {
    todo!()
}
