//! Copies to and from the application's memory. Each instruction that may fault has an entry in `.ex_table`: two 32-bit offsets, relative to
//! their own place, of the instruction and of where to go on when the fault cannot be resolved. A fault in a wide copy goes on byte by byte,
//! so the count of bytes not done is exact.
//!
//! `stac`/`clac` open the application's memory to the kernel around the copy when SMAP is on.

use core::arch::global_asm;
use core::sync::atomic::AtomicU8;

/// 1 when SMAP is on; read by the routines below. Set by the code that turns SMAP on.
#[unsafe(export_name = "unox_smap")]
pub(crate) static SMAP: AtomicU8 = AtomicU8::new(0);

unsafe extern "sysv64" {
    /// Copies `len` bytes; gives how many were not copied.
    #[link_name = "unox_user_copy"]
    pub(crate) fn copy(dst: *mut u8, src: *const u8, len: usize) -> usize;
    /// Zeroes `len` bytes; gives how many were not.
    #[link_name = "unox_user_clear"]
    pub(crate) fn clear(dst: usize, len: usize) -> usize;
    /// Copies whole words of a string until one holds a NUL or fewer than 8 of `len` bytes are left. Gives the bytes copied without the NUL and what
    /// is behind it; the top bit set means that none was found in them, be it for a fault or for the length.
    #[link_name = "unox_user_string"]
    pub(crate) fn copy_string(dst: *mut u8, src: *const u8, len: usize) -> usize;
    /// Loads a word; all bits set means fault.
    #[link_name = "unox_user_load"]
    pub(crate) fn load_u32(addr: usize) -> u64;
    /// Stores a word; not 0 means fault.
    #[link_name = "unox_user_store"]
    pub(crate) fn store_u32(addr: usize, value: u32) -> u64;
    /// Compare-exchange; gives the value found, or all bits set for a fault.
    #[link_name = "unox_user_cmpxchg"]
    pub(crate) fn compare_exchange_u32(addr: usize, old: u32, new: u32) -> u64;
    /// Exchange; gives the value found, or all bits set for a fault.
    #[link_name = "unox_user_xchg"]
    pub(crate) fn exchange_u32(addr: usize, new: u32) -> u64;
}

global_asm!(
    r#"
.macro UNOX_OPEN
    cmp byte ptr [rip + unox_smap], 0
    je 99f
    stac
99:
.endm
.macro UNOX_CLOSE
    cmp byte ptr [rip + unox_smap], 0
    je 99f
    clac
99:
.endm
/* One instruction that may fault, and where to go on. */
.macro UNOX_TRY fixup, insn:vararg
98: \insn
    .pushsection .ex_table, "a"
    .balign 4
    .long 98b - .
    .long \fixup - .
    .popsection
.endm

.pushsection .text.unox_user_copy, "ax"
.balign 16
.globl unox_user_copy
unox_user_copy:
    UNOX_OPEN
    cmp rdx, 8
    jb 20f
    cmp rdx, 64
    jb 11f
10: UNOX_TRY 30f, movups xmm0, [rsi]
    UNOX_TRY 30f, movups xmm1, [rsi + 16]
    UNOX_TRY 30f, movups xmm2, [rsi + 32]
    UNOX_TRY 30f, movups xmm3, [rsi + 48]
    UNOX_TRY 30f, movups [rdi], xmm0
    UNOX_TRY 30f, movups [rdi + 16], xmm1
    UNOX_TRY 30f, movups [rdi + 32], xmm2
    UNOX_TRY 30f, movups [rdi + 48], xmm3
    add rsi, 64
    add rdi, 64
    sub rdx, 64
    cmp rdx, 64
    jae 10b
    cmp rdx, 8
    jb 13f
11: UNOX_TRY 30f, mov rax, [rsi]
    UNOX_TRY 30f, mov [rdi], rax
    add rsi, 8
    add rdi, 8
    sub rdx, 8
    cmp rdx, 8
    jae 11b
    /* Fewer than 8 bytes left of at least 8: copy the last 8, some of them again. */
13: test rdx, rdx
    jz 40f
    UNOX_TRY 30f, mov rax, [rsi + rdx - 8]
    UNOX_TRY 30f, mov [rdi + rdx - 8], rax
    xor edx, edx
    jmp 40f
20: test dl, 4
    jz 21f
    UNOX_TRY 30f, mov eax, [rsi]
    UNOX_TRY 30f, mov [rdi], eax
    add rsi, 4
    add rdi, 4
    sub rdx, 4
    /* The end, or a fault in a wide access: byte by byte. */
21: test rdx, rdx
    jz 40f
30: UNOX_TRY 40f, mov al, [rsi]
    UNOX_TRY 40f, mov [rdi], al
    inc rsi
    inc rdi
    dec rdx
    jnz 30b
40: UNOX_CLOSE
    mov rax, rdx
    ret
.popsection

.pushsection .text.unox_user_string, "ax"
.balign 16
.globl unox_user_string
unox_user_string:
    UNOX_OPEN
    movabs r8, 0x0101010101010101
    movabs r9, 0x8080808080808080
    xor eax, eax
    jmp 11f
    /* The lowest bit left in r10 is that of the first zero byte; those above it mean nothing. */
10: UNOX_TRY 30f, mov rcx, [rsi + rax]
    mov [rdi + rax], rcx
    mov r10, rcx
    sub rcx, r8
    not r10
    and r10, rcx
    and r10, r9
    jnz 20f
    add rax, 8
11: sub rdx, 8
    jae 10b
30: UNOX_CLOSE
    bts rax, 63
    ret
20: UNOX_CLOSE
    bsf r10, r10
    shr r10d, 3
    add rax, r10
    ret
.popsection

.pushsection .text.unox_user_clear, "ax"
.balign 16
.globl unox_user_clear
unox_user_clear:
    UNOX_OPEN
    xor eax, eax
    xorps xmm0, xmm0
    cmp rsi, 64
    jb 12f
10: UNOX_TRY 30f, movups [rdi], xmm0
    UNOX_TRY 30f, movups [rdi + 16], xmm0
    UNOX_TRY 30f, movups [rdi + 32], xmm0
    UNOX_TRY 30f, movups [rdi + 48], xmm0
    add rdi, 64
    sub rsi, 64
    cmp rsi, 64
    jae 10b
12: cmp rsi, 8
    jb 20f
    UNOX_TRY 30f, mov [rdi], rax
    add rdi, 8
    sub rsi, 8
    jmp 12b
20: test rsi, rsi
    jz 40f
30: UNOX_TRY 40f, mov [rdi], al
    inc rdi
    dec rsi
    jnz 30b
40: UNOX_CLOSE
    mov rax, rsi
    ret
.popsection

.pushsection .text.unox_user_words, "ax"
.balign 16
.globl unox_user_load
unox_user_load:
    UNOX_OPEN
    UNOX_TRY 50f, mov eax, [rdi]
    UNOX_CLOSE
    ret
.globl unox_user_store
unox_user_store:
    UNOX_OPEN
    UNOX_TRY 50f, mov [rdi], esi
    UNOX_CLOSE
    xor eax, eax
    ret
.globl unox_user_cmpxchg
unox_user_cmpxchg:
    UNOX_OPEN
    mov eax, esi
    UNOX_TRY 50f, lock cmpxchg [rdi], edx
    mov eax, eax
    UNOX_CLOSE
    ret
.globl unox_user_xchg
unox_user_xchg:
    UNOX_OPEN
    mov eax, esi
    UNOX_TRY 50f, xchg [rdi], eax
    UNOX_CLOSE
    ret
50: UNOX_CLOSE
    mov rax, -1
    ret
.popsection
"#
);
