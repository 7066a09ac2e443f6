//! Where a debugger learns which files the program has in memory: it stops at `unox_mapped` and reads the two arguments (`unox run --gdb` writes the commands).

use core::arch::global_asm;

// In assembly, so that no optimiser knows that it does nothing; with a nop like no other, so that the linker does not fold it with other empty functions.
global_asm!(
    ".section .text.unox_mapped, \"ax\", @progbits",
    ".globl unox_mapped",
    ".type unox_mapped, @function",
    "unox_mapped:",
    "nop dword ptr [rax + rax + 0x75]",
    "ret",
    ".size unox_mapped, . - unox_mapped",
    ".text",
);

unsafe extern "C" {
    fn unox_mapped(path: *const u8, bias: u64);
}

/// A file lies in the program's memory, its addresses moved by `bias`. `path` ends in NUL.
pub fn mapped(path: &[u8], bias: u64) {
    // SAFETY: the function returns at once and touches nothing; the pointer is for the debugger, which reads it while we wait here.
    unsafe { unox_mapped(path.as_ptr(), bias) }
}
