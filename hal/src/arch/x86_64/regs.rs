//! Registers that only ring 0 may touch, and port I/O. Thin wrappers; each caller argues the value it writes.

use core::arch::asm;

pub(crate) const MSR_APIC_BASE: u32 = 0x1b;
pub(crate) const MSR_STAR: u32 = 0xc000_0081;
pub(crate) const MSR_LSTAR: u32 = 0xc000_0082;
pub(crate) const MSR_FMASK: u32 = 0xc000_0084;
pub(crate) const MSR_FS_BASE: u32 = 0xc000_0100;
pub(crate) const MSR_GS_BASE: u32 = 0xc000_0101;
pub(crate) const MSR_KERNEL_GS_BASE: u32 = 0xc000_0102;

pub(crate) const RFLAGS_IF: u64 = 1 << 9;

/// Reads a model-specific register.
///
/// # Safety
/// The CPU must have `msr` (else #GP).
#[inline]
pub(crate) unsafe fn rdmsr(msr: u32) -> u64 {
    let (lo, hi): (u32, u32);
    // SAFETY: reading an MSR that exists has no memory effect.
    unsafe { asm!("rdmsr", in("ecx") msr, out("eax") lo, out("edx") hi, options(nomem, nostack, preserves_flags)) };
    u64::from(hi) << 32 | u64::from(lo)
}

/// Writes a model-specific register.
///
/// # Safety
/// `msr` must exist and `value` must be one that keeps the kernel's assumptions (segment bases, entry points).
#[inline]
pub(crate) unsafe fn wrmsr(msr: u32, value: u64) {
    let (lo, hi) = (value as u32, (value >> 32) as u32);
    // SAFETY: the caller's contract.
    unsafe { asm!("wrmsr", in("ecx") msr, in("eax") lo, in("edx") hi, options(nostack, preserves_flags)) };
}

/// The flags register.
#[inline]
pub(crate) fn rflags() -> u64 {
    let flags: u64;
    // SAFETY: pushes one word on the stack and takes it back.
    unsafe { asm!("pushfq", "pop {}", out(reg) flags, options(nomem, preserves_flags)) };
    flags
}

/// Turns interrupts off.
#[inline]
pub(crate) fn cli() {
    // SAFETY: fewer interrupts break no invariant. Not `nomem`: accesses must not move across it.
    unsafe { asm!("cli", options(nostack)) };
}

/// Turns interrupts on.
#[inline]
pub(crate) fn sti() {
    // SAFETY: the IDT is loaded before anything calls this. Not `nomem`: accesses must not move across it.
    unsafe { asm!("sti", options(nostack)) };
}

/// The faulting address of the last page fault.
#[inline]
pub(crate) fn read_cr2() -> u64 {
    let value: u64;
    // SAFETY: a register read.
    unsafe { asm!("mov {}, cr2", out(reg) value, options(nomem, nostack, preserves_flags)) };
    value
}

/// Physical address of the page-table root and its flags.
#[inline]
pub(crate) fn read_cr3() -> u64 {
    let value: u64;
    // SAFETY: a register read.
    unsafe { asm!("mov {}, cr3", out(reg) value, options(nomem, nostack, preserves_flags)) };
    value
}

/// Loads the page-table root (and flushes what is not global).
///
/// # Safety
/// The new tables must map the kernel as the old ones do.
#[inline]
pub(crate) unsafe fn write_cr3(value: u64) {
    // SAFETY: the caller's contract.
    unsafe { asm!("mov cr3, {}", in(reg) value, options(nostack, preserves_flags)) };
}

/// CR4.
#[inline]
pub(crate) fn read_cr4() -> u64 {
    let value: u64;
    // SAFETY: a register read.
    unsafe { asm!("mov {}, cr4", out(reg) value, options(nomem, nostack, preserves_flags)) };
    value
}

/// Writes CR4.
///
/// # Safety
/// Only bits the CPU has.
pub(crate) unsafe fn write_cr4(value: u64) {
    // SAFETY: the caller's contract.
    unsafe { asm!("mov cr4, {}", in(reg) value, options(nostack, preserves_flags)) };
}

/// Which debug conditions were met; resets the register.
pub(crate) fn take_dr6() -> u64 {
    let value: u64;
    // SAFETY: DR6 is a status register; 0xffff0ff0 is its idle value.
    unsafe { asm!("mov {0}, dr6", "mov dr6, {1}", out(reg) value, in(reg) 0xffff_0ff0_u64, options(nomem, nostack, preserves_flags)) };
    value
}

/// The time-stamp counter.
#[inline]
pub(crate) fn rdtsc() -> u64 {
    let (lo, hi): (u32, u32);
    // SAFETY: a register read.
    unsafe { asm!("rdtsc", out("eax") lo, out("edx") hi, options(nomem, nostack, preserves_flags)) };
    u64::from(hi) << 32 | u64::from(lo)
}

/// Reads a byte from an I/O port.
#[inline]
pub(crate) fn inb(port: u16) -> u8 {
    let value: u8;
    // SAFETY: port reads touch no memory of ours; callers own the port.
    unsafe { asm!("in al, dx", in("dx") port, out("al") value, options(nomem, nostack, preserves_flags)) };
    value
}

/// Writes a byte to an I/O port.
#[inline]
pub(crate) fn outb(port: u16, value: u8) {
    // SAFETY: port writes touch no memory of ours but by DMA set up elsewhere; callers own the port.
    unsafe { asm!("out dx, al", in("dx") port, in("al") value, options(nostack, preserves_flags)) };
}
