//! What the entry code calls: sorts traps by vector and hands them to the registered table.

use core::fmt::Write;

use super::percpu::PerCpu;
use super::{apic, farreturn, regs};
use crate::RING0;
use crate::early::Early;
use crate::mem::USER_END;
use crate::trap::{Exception, PageFault, UserContext, handlers};

const PF_PRESENT: u64 = 1;
const PF_WRITE: u64 = 2;
const PF_USER: u64 = 4;
const PF_EXEC: u64 = 16;

const VECTOR_DEBUG: u64 = 1;
const VECTOR_SPURIOUS_PIC: u64 = 15;
const VECTOR_GP: u64 = 13;
const VECTOR_PAGE_FAULT: u64 = 14;
/// First interrupt vector.
pub(crate) const VECTOR_IRQ: u64 = 32;
/// Last of them.
pub(crate) const VECTOR_IRQ_LAST: u64 = 63;

unsafe extern "C" {
    static __ex_table_start: [i32; 2];
    static __ex_table_end: [i32; 2];
}

/// A system call, interrupts on.
pub(crate) extern "C" fn syscall(ctx: &mut UserContext) {
    (handlers().syscall)(ctx);
}

/// The work word is set, interrupts on.
pub(crate) extern "C" fn work(ctx: &mut UserContext) {
    (handlers().work)(ctx);
}

/// A trap in the application. Interrupts are off, also on return.
pub(crate) extern "C" fn from_app(ctx: &mut UserContext, vector: u64, error: u64) {
    if vector == VECTOR_PAGE_FAULT {
        let fault = page_fault(error, true);
        regs::sti();
        if RING0 || error & PF_USER != 0 || !fault.present && fault.address < USER_END {
            (handlers().page_fault)(fault, Some(ctx));
        } else if fault.address >= USER_END || !farreturn::emulate(ctx) {
            // An access that the processor made with system rights: nothing that a mapping can resolve.
            (handlers().exception)(Exception { vector: VECTOR_GP as u8, error: 0, dr6: 0 }, ctx);
        }
    } else if (VECTOR_IRQ..=VECTOR_IRQ_LAST).contains(&vector) {
        apic::interrupt(vector, true);
        return;
    } else if vector == VECTOR_SPURIOUS_PIC {
        return;
    } else {
        let dr6 = if vector == VECTOR_DEBUG { regs::take_dr6() } else { 0 };
        regs::sti();
        (handlers().exception)(Exception { vector: vector as u8, error, dr6 }, ctx);
    }
    regs::cli();
}

fn page_fault(error: u64, from_app: bool) -> PageFault {
    PageFault {
        address: regs::read_cr2() as usize,
        write: error & PF_WRITE != 0,
        exec: error & PF_EXEC != 0,
        present: error & PF_PRESENT != 0,
        from_app,
    }
}

/// A trap in the kernel. Interrupts are off, also on return. `frame` is what goes back into the registers.
pub(crate) extern "C" fn from_kernel(frame: &mut UserContext, vector: u64, error: u64) {
    match vector {
        VECTOR_PAGE_FAULT => kernel_page_fault(frame, error),
        VECTOR_IRQ..=VECTOR_IRQ_LAST => apic::interrupt(vector, false),
        VECTOR_SPURIOUS_PIC => {}
        VECTOR_GP if let Some(fixup) = fixup(frame.rip) => frame.rip = fixup,
        _ => die(frame, vector, error),
    }
}

/// Only user copies may fault in the kernel, and only on the application's addresses.
fn kernel_page_fault(frame: &mut UserContext, error: u64) {
    let fault = page_fault(error, false);
    let Some(fixup) = fixup(frame.rip) else { return die(frame, VECTOR_PAGE_FAULT, error) };
    let mut resolved = false;
    if fault.address < USER_END {
        let interrupts = frame.rflags & regs::RFLAGS_IF != 0;
        if interrupts {
            regs::sti();
        }
        resolved = (handlers().page_fault)(fault, None);
        regs::cli();
    }
    if !resolved {
        frame.rip = fixup;
    }
}

/// Where a user copy that faulted at `rip` goes on. The table holds pairs of offsets, each from its own place.
fn fixup(rip: u64) -> Option<u64> {
    let mut entry = &raw const __ex_table_start;
    let end = &raw const __ex_table_end;
    while entry < end {
        let at = entry as u64;
        // SAFETY: between the linker's symbols lie whole pairs.
        let [fault, fixup] = unsafe { *entry };
        if at.wrapping_add_signed(i64::from(fault)) == rip {
            return Some((at + 4).wrapping_add_signed(i64::from(fixup)));
        }
        entry = entry.wrapping_add(1);
    }
    None
}

fn name(vector: u64) -> &'static str {
    match vector {
        0 => "divide error",
        1 => "debug trap",
        3 => "breakpoint",
        6 => "invalid opcode",
        7 => "no x87",
        8 => "double fault",
        10 => "invalid TSS",
        11 => "segment not present",
        12 => "stack fault",
        13 => "general protection fault",
        14 => "page fault",
        16 => "x87 error",
        17 => "alignment check",
        18 => "machine check",
        19 => "SIMD error",
        _ => "trap",
    }
}

/// A fault of the kernel itself.
#[cold]
fn die(frame: &UserContext, vector: u64, error: u64) {
    let mut out = Early::new();
    let f = frame;
    let _ = writeln!(
        out,
        "kernel {} (vector {vector}, error {error:#x}, cr2 {:#x}, slide {:#x})",
        name(vector),
        regs::read_cr2(),
        super::start::slide()
    );
    let _ = writeln!(
        out,
        "rip {:016x} rsp {:016x} flags {:08x} cs {:x} (linked rip {:x})",
        f.rip,
        f.rsp,
        f.rflags,
        f.cs,
        f.rip.wrapping_sub(super::start::slide())
    );
    let _ = writeln!(out, "rax {:016x} rbx {:016x} rcx {:016x} rdx {:016x}", f.rax, f.rbx, f.rcx, f.rdx);
    let _ = writeln!(out, "rsi {:016x} rdi {:016x} rbp {:016x} r8  {:016x}", f.rsi, f.rdi, f.rbp, f.r8);
    let _ = writeln!(out, "r9  {:016x} r10 {:016x} r11 {:016x} r12 {:016x}", f.r9, f.r10, f.r11, f.r12);
    let _ = writeln!(out, "r13 {:016x} r14 {:016x} r15 {:016x}", f.r13, f.r14, f.r15);
    backtrace(&mut out, f.rsp);
    panic!("{} in the kernel at {:#x}, address {:#x}", name(vector), f.rip.wrapping_sub(super::start::slide()), regs::read_cr2());
}

/// Words on the kernel's stack that point into its text: not exact, but no frame pointers are needed.
fn backtrace(out: &mut Early, rsp: u64) {
    let cpu = super::percpu::this();
    // SAFETY: this CPU's block; interrupts are off.
    let (bottom, top) = unsafe { ((*cpu).kstack_bottom, (*cpu).kstack) };
    if rsp < bottom || rsp & 7 != 0 {
        return;
    }
    let text = super::start::text_range();
    let mut shown = 0;
    let mut at = rsp;
    while at + 8 <= top && shown < 24 {
        // SAFETY: inside the running thread's kernel stack.
        let word = unsafe { (at as *const u64).read_volatile() };
        if text.contains(&word) {
            let _ = write!(out, " {:x}", word - super::start::slide());
            shown += 1;
        }
        at += 8;
    }
    let _ = writeln!(out, " (linked addresses on the stack)");
}

/// Double fault, machine check, or a kernel stack that is used up. `frame`: vector, error, rip, cs, rflags, rsp, ss.
pub(crate) extern "C" fn fatal(frame: *const [u64; 7], cpu: *const PerCpu) -> ! {
    // SAFETY: the entry code passes the frame on its IST stack, in the CPU's block.
    let ([vector, error, rip, cs, flags, rsp, _], bottom, top) = unsafe { (*frame, (*cpu).kstack_bottom, (*cpu).kstack) };
    let slide = super::start::slide();
    let mut out = Early::new();
    let _ = writeln!(
        out,
        "kernel {} (vector {vector}, error {error:#x}, cr2 {:#x}): rip {rip:016x} rsp {rsp:016x} flags {flags:08x} cs {cs:x}, linked rip {:x}, stack {bottom:x}-{top:x}",
        name(vector),
        regs::read_cr2(),
        rip.wrapping_sub(slide)
    );
    backtrace(&mut out, rsp);
    let low = rsp < bottom + 2048 && rsp + 65536 > bottom;
    panic!("{} in the kernel at {:#x}", if low { "kernel stack overflow" } else { name(vector) }, rip.wrapping_sub(slide));
}
