// Trap entry, the part that does not depend on the application's ring.
//
// Every gate uses an IST stack, for the code interrupted may use its red zone. The fault stack holds a frame only until it is moved: to the
// thread's kernel stack when it came from the application, below the red zone of the interrupted stack when it came from the kernel.
// Until then interrupts are off and nothing is touched that can fault. NMI, #DB, #DF and #MC have stacks of their own and stay there.
//
// A saved frame is `UserContext`: sixteen xmm registers, then Linux's pt_regs.
//
// RING0 is 1 when the application runs in ring 0 (ports from source). Then the privilege level does not tell who was interrupted: it was the kernel
// if the stack pointer lies in the running thread's kernel stack or in this CPU's block, else the application. And gs is always the kernel's.

    .set RING0, {RING0}

    .set F_R15, 256
    .set F_R11, 256 + 6*8
    .set F_RAX, 256 + 10*8
    .set F_RCX, 256 + 11*8
    .set F_RIP, 256 + 16*8
    .set F_RFLAGS, 256 + 18*8
    .set F_SIZE, 432

// Pushes what lies between orig_rax's neighbour rdi (already pushed) and r15, then the xmm registers.
.macro SAVE_BELOW_RDI
    PUSH_BELOW_RDI
    SAVE_XMM
.endm

.macro PUSH_BELOW_RDI
    push rsi
    push rdx
    push rcx
    push rax
    push r8
    push r9
    push r10
    push r11
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
.endm

.macro SAVE_XMM
    sub rsp, 256
    movaps [rsp], xmm0
    movaps [rsp + 16], xmm1
    movaps [rsp + 32], xmm2
    movaps [rsp + 48], xmm3
    movaps [rsp + 64], xmm4
    movaps [rsp + 80], xmm5
    movaps [rsp + 96], xmm6
    movaps [rsp + 112], xmm7
    movaps [rsp + 128], xmm8
    movaps [rsp + 144], xmm9
    movaps [rsp + 160], xmm10
    movaps [rsp + 176], xmm11
    movaps [rsp + 192], xmm12
    movaps [rsp + 208], xmm13
    movaps [rsp + 224], xmm14
    movaps [rsp + 240], xmm15
.endm

// Leaves rsp at orig_rax.
.macro RESTORE_REGS
    movaps xmm0, [rsp]
    movaps xmm1, [rsp + 16]
    movaps xmm2, [rsp + 32]
    movaps xmm3, [rsp + 48]
    movaps xmm4, [rsp + 64]
    movaps xmm5, [rsp + 80]
    movaps xmm6, [rsp + 96]
    movaps xmm7, [rsp + 112]
    movaps xmm8, [rsp + 128]
    movaps xmm9, [rsp + 144]
    movaps xmm10, [rsp + 160]
    movaps xmm11, [rsp + 176]
    movaps xmm12, [rsp + 192]
    movaps xmm13, [rsp + 208]
    movaps xmm14, [rsp + 224]
    movaps xmm15, [rsp + 240]
    add rsp, 256
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    pop r11
    pop r10
    pop r9
    pop r8
    pop rax
    pop rcx
    pop rdx
    pop rsi
    pop rdi
.endm

// gs to the kernel's base and back.
.macro SWAP_GS
    .if RING0 == 0
    swapgs
    .endif
.endm

// On an IST stack with a whole trap frame (vector, error, rip, ...): goes to trap_from_app_entry if the application was interrupted.
.macro IF_FROM_APP
    .if RING0
    push rax
    push rcx
    mov rax, [rsp + 16 + 40]
    mov rcx, rsp
    xor rcx, rax
    cmp rcx, 4096
    jb 88f
    cmp rax, gs:[{KSTACK_BOTTOM}]
    jbe 87f
    sub rax, 8
    cmp rax, gs:[{KSTACK}]
    jbe 88f
87: pop rcx
    pop rax
    jmp trap_from_app_entry
88: pop rcx
    pop rax
    .else
    test byte ptr [rsp + 24], 3
    jnz trap_from_app_entry
    .endif
.endm

// Three bytes of nothing that boot turns into `clac` on CPUs with SMAP (gates do not clear AC).
.macro CLAC
77: .byte 0x0f, 0x1f, 0x00
    .pushsection .smap_sites, "a", @progbits
    .long 77b - .
    .popsection
.endm

    .section .text.entry, "ax", @progbits

// One stub of 16 bytes for each vector 0-63: trap_stubs + 16 * vector.
    .balign 16
    .globl trap_stubs
trap_stubs:
    .set vec, 0
    .rept 64
    .balign 16
    // These push an error code: #DF, #TS, #NP, #SS, #GP, #PF, #AC, #CP, #VC, #SX.
    .if (vec != 8) && (vec != 10) && (vec != 11) && (vec != 12) && (vec != 13) && (vec != 14) && (vec != 17) && (vec != 21) && (vec != 29) && (vec != 30)
    push 0
    .endif
    push vec
    jmp trap_common
    .set vec, vec + 1
    .endr
    .balign 16
    .globl trap_stub_int80
trap_stub_int80:
    push 0
    push 128
    jmp trap_common

// On the fault stack: vector, error, rip, cs, rflags, rsp, ss.
    .balign 16
trap_common:
    cld
    IF_FROM_APP
    push rax
    push rcx
    CLAC
    mov rcx, rsp
    and rcx, -4096                          // the fault stack lies in this CPU's block
    mov rax, [rsp + 16 + 40]
    sub rax, 128
    and rax, -16
    cmp rax, [rcx + {KSTACK}]
    ja stack_overflow
    sub rax, F_SIZE + 1024
    cmp rax, [rcx + {KSTACK_BOTTOM}]
    jb stack_overflow
    mov rcx, rsp
    lea rsp, [rax + F_SIZE + 1024 - 8]
    push [rcx + 16 + 48]
    push [rcx + 16 + 40]
    push [rcx + 16 + 32]
    push [rcx + 16 + 24]
    push [rcx + 16 + 16]
    push [rcx + 16 + 8]                     // the error code stands where orig_rax does
    push rdi
    mov rdi, rcx
    mov rax, [rdi + 8]
    mov rcx, [rdi]
    SAVE_BELOW_RDI
    mov rsi, [rdi + 16]
    mov rdx, [rdi + 24]
    mov rdi, rsp
    call {from_kernel}
    RESTORE_REGS
    add rsp, 8
    iretq

// The kernel's stack is used up or is not where it should be. Dump the frame that lies on the IST stack, on a stack that surely works.
stack_overflow:
    lea rdi, [rsp + 16]
    mov rsi, rsp
    and rsi, -4096
    lea rsp, [rip + boot_stack_top]
    xor ebp, ebp
    call {fatal}
    ud2

// NMI: nobody sends one on purpose; count it. gs may be the application's here, so the CPU's block is found from the stack.
    .globl trap_nmi
trap_nmi:
    push rax
    mov rax, rsp
    and rax, -4096
    lock inc dword ptr [rax + {NMI_COUNT}]
    pop rax
    iretq

// #DB. From the application it is a trap like any other. From the kernel: a `mov ss` or TF that reached over a `syscall`, or a breakpoint
// register on kernel memory: forget it.
    .globl trap_debug
trap_debug:
    push 0
    push 1
    cld
    IF_FROM_APP
    push rax
    mov eax, 0xffff0ff0
    mov dr6, rax
    and dword ptr [rsp + 24 + 16], ~0x100
    pop rax
    add rsp, 16
    iretq

// #DF and #MC: the end. `fatal` gets the frame as vector, error, rip, cs, rflags, rsp, ss.
    .globl trap_double_fault
trap_double_fault:
    push 8
    jmp 1f
    .globl trap_machine_check
trap_machine_check:
    push 0
    push 18
1:  cld
    mov rdi, rsp
    mov rsi, rsp
    and rsi, -4096
    mov rax, rsi
    mov rdx, rsi
    shr rdx, 32
    mov ecx, 0xc0000101
    wrmsr                                   // gs may be anybody's
    lea rsp, [rip + boot_stack_top]
    xor ebp, ebp
    call {fatal}
    ud2

// switch_stacks(save: *mut u64, next: u64): the callee-saved registers are all that a cooperative switch must keep.
    .globl switch_stacks
switch_stacks:
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    mov [rdi], rsp
    mov rsp, rsi
    pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret

// Where a new thread begins (r12 = entry, r13 = argument).
    .globl task_first_kernel
task_first_kernel:
    call {switched}
    mov rdi, r13
    sti
    call r12
    ud2
    .globl task_first_user
task_first_user:
    call {switched}
    jmp exit_to_app

// A trap in the application; on an IST stack: vector, error, rip, cs, rflags, rsp, ss.
    .balign 16
trap_from_app_entry:
    SWAP_GS
    CLAC
    mov gs:[{SCRATCH}], rdi
    mov rdi, rsp
    mov rsp, gs:[{KSTACK}]
    push 0x2b
    push [rdi + 40]
    push [rdi + 32]
    push 0x33
    push [rdi + 16]
    push -1
    push gs:[{SCRATCH}]
    SAVE_BELOW_RDI
    mov rsi, [rdi]
    mov rdx, [rdi + 8]
    mov rdi, rsp
    xor ebp, ebp
    call {from_app}
// To the application, rsp at its context, interrupts off.
    .globl exit_to_app
exit_to_app:
    mov rax, gs:[{TASK}]
    cmp dword ptr [rax], 0
    jne app_work
exit_by_iret:
    // iretq to an address that is not canonical would fault here, in the kernel: the application gets its #GP instead.
    mov rax, [rsp + F_RIP]
    sar rax, 47
    inc rax
    cmp rax, 1
    ja app_bad_rip
    mov eax, [rsp + F_RFLAGS]
    and eax, 0x254dd5
    or eax, 0x202
    mov [rsp + F_RFLAGS], rax
    .if RING0
    mov qword ptr [rsp + F_RIP + 8], 0x10   // the context says Linux's selectors, the machine has its own
    mov qword ptr [rsp + F_RIP + 32], 0x18
    .endif
    RESTORE_REGS
    add rsp, 8
    SWAP_GS
    iretq

app_work:
    sti
    mov rdi, rsp
    call {work}
    cli
    jmp exit_to_app

app_bad_rip:
    mov rdi, rsp
    mov esi, 13
    xor edx, edx
    call {from_app}
    jmp exit_to_app
