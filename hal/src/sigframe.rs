//! The layout of a signal frame on the application's stack, as Linux x86-64 builds it (arch/x86/include/uapi/asm/sigcontext.h, ucontext.h). Policy is
//! kernel/signal's.
//!
//! From high to low addresses: the extended state (XSAVE layout, 64-byte aligned, ended by a magic word), then siginfo, ucontext and the
//! return address; at the handler's entry rsp + 8 is a multiple of 16.

use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout};

use crate::arch::imp::xsave::{self, HEADER_SIZE, LEGACY_SIZE};
use crate::trap::UserContext;
use crate::user;

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

/// struct sigcontext_64
#[repr(C)]
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
struct SigContext {
    r8: u64,
    r9: u64,
    r10: u64,
    r11: u64,
    r12: u64,
    r13: u64,
    r14: u64,
    r15: u64,
    di: u64,
    si: u64,
    bp: u64,
    bx: u64,
    dx: u64,
    ax: u64,
    cx: u64,
    sp: u64,
    ip: u64,
    flags: u64,
    cs: u16,
    gs: u16,
    fs: u16,
    ss: u16,
    err: u64,
    trapno: u64,
    oldmask: u64,
    cr2: u64,
    fpstate: u64,
    reserved: [u64; 8],
}

/// The return address and struct ucontext: all that sigreturn reads.
#[repr(C)]
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
struct Context {
    pretcode: u64,
    flags: u64,
    link: u64,
    stack_sp: u64,
    stack_flags: u32,
    pad: u32,
    stack_size: u64,
    mcontext: SigContext,
    sigmask: u64,
}

/// struct rt_sigframe
#[repr(C)]
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
struct Frame {
    context: Context,
    info: [u8; 128],
}

const _: () = assert!(size_of::<SigContext>() == 256 && size_of::<Frame>() == 440);

/// struct _fpx_sw_bytes: what the unused end of the legacy region says about the rest.
#[repr(C)]
#[derive(Clone, Copy, FromBytes, IntoBytes, Immutable, KnownLayout)]
struct SoftwareBytes {
    magic1: u32,
    extended_size: u32,
    features: u64,
    size: u32,
    pad: [u32; 7],
}

const SOFTWARE_BYTES: usize = 464;
const FP_XSTATE_MAGIC1: u32 = 0x4650_5853;
const FP_XSTATE_MAGIC2: u32 = 0x4650_5845;
const MAGIC2_SIZE: usize = 4;

const UC_FP_XSTATE: u64 = 1;
const UC_SIGCONTEXT_SS: u64 = 2;
const UC_STRICT_RESTORE_SS: u64 = 4;

/// CF PF AF ZF SF TF DF OF RF AC: what a program may set by sigreturn, as on Linux.
const RESTORED_FLAGS: u64 = 0x5_0dd5;
const FLAG_IF: u64 = 0x200;
const FLAG_TF: u64 = 0x100;
const FLAG_DF: u64 = 0x400;
const FLAG_RF: u64 = 0x1_0000;

/// Offsets in the legacy region, and in the XSAVE header behind it.
const MXCSR: usize = 24;
const XMM: usize = 160;
const XMM_END: usize = XMM + 256;
const HEADER: usize = LEGACY_SIZE;
const SSE: u64 = 2;

fn word(area: &[u8], offset: usize) -> u32 {
    u32::from_le_bytes([area[offset], area[offset + 1], area[offset + 2], area[offset + 3]])
}

fn long(area: &[u8], offset: usize) -> u64 {
    u64::from(word(area, offset)) | u64::from(word(area, offset + 4)) << 32
}

fn set_long(area: &mut [u8], offset: usize, value: u64) {
    area[offset..offset + 8].copy_from_slice(&value.to_le_bytes());
}

/// Bytes of the extended state in a frame.
fn state_size() -> usize {
    xsave::size() + if xsave::mask() != 0 { MAGIC2_SIZE } else { 0 }
}

/// Bytes a frame needs below `top` at most, for AT_MINSIGSTKSZ and for the check against an alternate stack.
pub fn max_size() -> usize {
    size_of::<Frame>() + 8 + 15 + state_size() + 63
}

/// Writes the frame (extended state by XSAVE into it, with Linux's magic words) and points `ctx` at the handler: rdi = signal, rsi = &info, rdx = &ucontext.
pub fn build(ctx: &mut UserContext, spec: &FrameSpec) -> Result<(), BadFrame> {
    let state_at = spec.top.checked_sub(state_size() as u64).ok_or(BadFrame)? & !63;
    let at = (state_at.checked_sub(size_of::<Frame>() as u64).ok_or(BadFrame)? & !15).checked_sub(8).ok_or(BadFrame)?;
    write_state(ctx, state_at)?;
    let xstate = if xsave::mask() != 0 { UC_FP_XSTATE } else { 0 };
    let frame = Frame {
        context: Context {
            pretcode: spec.restorer,
            flags: xstate | UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS,
            link: 0,
            stack_sp: spec.stack.0,
            stack_flags: spec.stack.1,
            pad: 0,
            stack_size: spec.stack.2,
            mcontext: registers(ctx, spec, state_at),
            sigmask: spec.old_mask,
        },
        info: spec.info,
    };
    user::write_bytes(at as usize, frame.as_bytes()).map_err(|_| BadFrame)?;
    ctx.rdi = u64::from(spec.signal);
    ctx.rsi = at + core::mem::offset_of!(Frame, info) as u64;
    ctx.rdx = at + core::mem::offset_of!(Context, flags) as u64;
    ctx.rax = 0;
    ctx.rsp = at;
    ctx.rip = spec.handler;
    ctx.rflags &= !(FLAG_TF | FLAG_DF | FLAG_RF);
    Ok(())
}

fn registers(ctx: &UserContext, spec: &FrameSpec, fpstate: u64) -> SigContext {
    SigContext {
        r8: ctx.r8,
        r9: ctx.r9,
        r10: ctx.r10,
        r11: ctx.r11,
        r12: ctx.r12,
        r13: ctx.r13,
        r14: ctx.r14,
        r15: ctx.r15,
        di: ctx.rdi,
        si: ctx.rsi,
        bp: ctx.rbp,
        bx: ctx.rbx,
        dx: ctx.rdx,
        ax: ctx.rax,
        cx: ctx.rcx,
        sp: ctx.rsp,
        ip: ctx.rip,
        flags: ctx.rflags,
        cs: 0x33,
        gs: 0,
        fs: 0,
        ss: 0x2b,
        err: spec.fault.2,
        trapno: spec.fault.1,
        oldmask: spec.old_mask,
        cr2: spec.fault.0,
        fpstate,
        reserved: [0; 8],
    }
}

/// The application's extended state: the registers hold it, but for xmm, which the entry code put into the context.
fn write_state(ctx: &UserContext, at: u64) -> Result<(), BadFrame> {
    xsave::with_area(|area| {
        // SAFETY: the area is zero, of the right size and alignment.
        unsafe { xsave::save(area.as_mut_ptr()) };
        area[XMM..XMM_END].copy_from_slice(ctx.xmm.as_bytes());
        area[SOFTWARE_BYTES..LEGACY_SIZE].fill(0);
        if xsave::mask() != 0 {
            let present = long(area, HEADER) | SSE;
            set_long(area, HEADER, present);
            let size = area.len();
            let software = SoftwareBytes {
                magic1: FP_XSTATE_MAGIC1,
                extended_size: (size + MAGIC2_SIZE) as u32,
                features: xsave::mask(),
                size: size as u32,
                pad: [0; 7],
            };
            area[SOFTWARE_BYTES..LEGACY_SIZE].copy_from_slice(software.as_bytes());
            user::write_bytes(at as usize + size, &FP_XSTATE_MAGIC2.to_le_bytes()).map_err(|_| BadFrame)?;
        }
        user::write_bytes(at as usize, area).map_err(|_| BadFrame)
    })
}

/// Reads the frame at `ctx.rsp - 8` for rt_sigreturn: registers (sanitised: flags, segments, canonical or not is checked at exit) and extended state.
pub fn restore(ctx: &mut UserContext) -> Result<Restored, BadFrame> {
    let mut frame = Context::new_zeroed();
    user::read_bytes(ctx.rsp.wrapping_sub(8) as usize, frame.as_mut_bytes()).map_err(|_| BadFrame)?;
    let saved = &frame.mcontext;
    xsave::with_area(|area| {
        read_state(saved.fpstate, area)?;
        ctx.xmm.as_mut_bytes().copy_from_slice(&area[XMM..XMM_END]);
        // SAFETY: the area was filled by `read_state`, which lets nothing pass that XRSTOR would refuse.
        unsafe { xsave::load(area.as_ptr()) };
        Ok(())
    })?;
    *ctx = UserContext {
        xmm: ctx.xmm,
        r15: saved.r15,
        r14: saved.r14,
        r13: saved.r13,
        r12: saved.r12,
        rbp: saved.bp,
        rbx: saved.bx,
        r11: saved.r11,
        r10: saved.r10,
        r9: saved.r9,
        r8: saved.r8,
        rax: saved.ax,
        rcx: saved.cx,
        rdx: saved.dx,
        rsi: saved.si,
        rdi: saved.di,
        orig_rax: u64::MAX,
        rip: saved.ip,
        cs: 0x33,
        rflags: saved.flags & RESTORED_FLAGS | ctx.rflags & !RESTORED_FLAGS & !FLAG_RF | FLAG_IF,
        rsp: saved.sp,
        ss: 0x2b,
    };
    Ok(Restored { mask: frame.sigmask, stack: (frame.stack_sp, frame.stack_flags, frame.stack_size) })
}

/// Fills `area` (zeros) with the extended state at `fpstate` in the application's memory, checked as Linux's fpu__restore_sig does; with the
/// initial state for a null pointer. Components that the frame does not have are initial.
fn read_state(fpstate: u64, area: &mut [u8]) -> Result<(), BadFrame> {
    if fpstate == 0 {
        xsave::initial(area);
        return Ok(());
    }
    let at = fpstate as usize;
    let got = user::read_some(at, area);
    if got < LEGACY_SIZE {
        return Err(BadFrame);
    }
    let extended = if xsave::mask() == 0 { None } else { extended_size(area, at)? };
    match extended {
        Some((size, features)) => {
            if got < size {
                return Err(BadFrame);
            }
            area[size..].fill(0);
            // XRSTOR refuses reserved bits: a damaged header is a damaged frame (selftests/x86 corrupt_xstate_header).
            let present = long(area, HEADER);
            if present & !xsave::mask() != 0 || area[HEADER + 8..HEADER + HEADER_SIZE].iter().any(|&b| b != 0) {
                return Err(BadFrame);
            }
            set_long(area, HEADER, present & features);
            if present & features & SSE == 0 {
                area[XMM..XMM_END].fill(0);
            }
        }
        None if xsave::mask() != 0 => {
            area[HEADER..].fill(0);
            set_long(area, HEADER, xsave::LEGACY);
        }
        None => {}
    }
    if word(area, MXCSR) & !xsave::mxcsr_mask() != 0 {
        return Err(BadFrame);
    }
    Ok(())
}

/// Size and components of the XSAVE state behind the legacy region, `None` when the frame has the legacy region only.
fn extended_size(area: &[u8], at: usize) -> Result<Option<(usize, u64)>, BadFrame> {
    let Ok(software) = SoftwareBytes::read_from_bytes(&area[SOFTWARE_BYTES..LEGACY_SIZE]) else { return Ok(None) };
    let size = software.size as usize;
    let fits = size >= LEGACY_SIZE + HEADER_SIZE && size <= area.len() && software.size <= software.extended_size;
    if software.magic1 != FP_XSTATE_MAGIC1 || !fits {
        return Ok(None);
    }
    let mut magic2 = [0; MAGIC2_SIZE];
    user::read_bytes(at.wrapping_add(size), &mut magic2).map_err(|_| BadFrame)?;
    Ok((u32::from_le_bytes(magic2) == FP_XSTATE_MAGIC2).then_some((size, software.features)))
}
