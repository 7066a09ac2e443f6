//! The assembly: boot, trap and system-call entry, stack switch. `common` is what every ring shares, `ring3` and `ring0` how calls come from there.

use core::arch::global_asm;

use super::{percpu, start, traps};

/// Bytes of the boot stack, which also serves the last words of a dying kernel.
pub(crate) const BOOT_STACK: usize = if cfg!(debug_assertions) { 131_072 } else { 16_384 };
/// First 2 MiB page below -1 GiB that the image may not use: the interrupt controllers' windows are above.
const SLIDE_SLOTS: usize = 510;

global_asm!(
    include_str!("../boot.S"),
    DIRECT_SLOT = const super::directmap::SLOT,
    SLIDE_SLOTS = const SLIDE_SLOTS,
    BOOT_STACK = const BOOT_STACK,
    RING0 = const crate::RING0 as u32,
    rust_start = sym start::rust_start,
    options(att_syntax)
);

#[cfg(not(feature = "ring0"))]
macro_rules! ring_code {
    () => {
        include_str!("ring3.S")
    };
}
#[cfg(feature = "ring0")]
macro_rules! ring_code {
    () => {
        include_str!("ring0.S")
    };
}

global_asm!(
    concat!(include_str!("common.S"), ring_code!()),
    RING0 = const crate::RING0 as u32,
    KSTACK = const percpu::OFFSET_KSTACK,
    KSTACK_BOTTOM = const percpu::OFFSET_KSTACK_BOTTOM,
    SCRATCH = const percpu::OFFSET_SCRATCH,
    TASK = const percpu::OFFSET_TASK,
    NMI_COUNT = const percpu::OFFSET_NMI_COUNT,
    from_kernel = sym traps::from_kernel,
    from_app = sym traps::from_app,
    fatal = sym traps::fatal,
    syscall = sym traps::syscall,
    work = sym traps::work,
    switched = sym crate::task::switched,
);

unsafe extern "C" {
    static trap_stubs: u8;
    static trap_stub_int80: u8;
    static trap_nmi: u8;
    static trap_debug: u8;
    static trap_double_fault: u8;
    static trap_machine_check: u8;
    #[cfg(not(feature = "ring0"))]
    static syscall_entry: u8;
    static task_first_kernel: u8;
    static task_first_user: u8;
    static boot_stack: u8;
    static boot_stack_top: u8;

    /// Saves the callee-saved registers and the stack pointer at `save`, and goes on with the stack `next`.
    ///
    /// # Safety
    /// `next` was saved by this function or prepared by `task`; interrupts are off.
    pub(crate) fn switch_stacks(save: *mut u64, next: u64);
}

/// Addresses of the entry points.
pub(crate) struct Stubs {
    pub(crate) table: u64,
    pub(crate) int80: u64,
    pub(crate) nmi: u64,
    pub(crate) debug: u64,
    pub(crate) double_fault: u64,
    pub(crate) machine_check: u64,
}

/// Entry points for the IDT.
pub(crate) fn stubs() -> Stubs {
    Stubs {
        table: &raw const trap_stubs as u64,
        int80: &raw const trap_stub_int80 as u64,
        nmi: &raw const trap_nmi as u64,
        debug: &raw const trap_debug as u64,
        double_fault: &raw const trap_double_fault as u64,
        machine_check: &raw const trap_machine_check as u64,
    }
}

/// What LSTAR holds; nothing when no `syscall` instruction is expected.
#[cfg(not(feature = "ring0"))]
pub(crate) fn syscall_target() -> Option<u64> {
    Some(&raw const syscall_entry as u64)
}
/// What LSTAR holds; nothing when no `syscall` instruction is expected.
#[cfg(feature = "ring0")]
pub(crate) fn syscall_target() -> Option<u64> {
    None
}

/// Where new threads begin: in a kernel function, in the application.
pub(crate) fn first_steps() -> (u64, u64) {
    (&raw const task_first_kernel as u64, &raw const task_first_user as u64)
}

/// Bottom and top of the boot stack.
pub(crate) fn boot_stack_bounds() -> (u64, u64) {
    (&raw const boot_stack as u64, &raw const boot_stack_top as u64)
}
