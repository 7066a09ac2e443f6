// System calls and the way back, for applications in ring 3.

// LSTAR. FMASK has cleared IF, TF, DF, AC, NT, IOPL and RF; rcx = return address, r11 = flags, rsp and gs are the application's.
    .balign 16
    .globl syscall_entry
syscall_entry:
    swapgs
    mov gs:[{SCRATCH}], rsp
    mov rsp, gs:[{KSTACK}]
    push 0x2b
    push gs:[{SCRATCH}]
    push r11
    push 0x33
    push rcx
    push rax
    push rdi
    SAVE_BELOW_RDI
    mov rdi, rsp
    sti
    call {syscall}
    cli
    mov rax, gs:[{TASK}]
    cmp dword ptr [rax], 0
    jne app_work
    // sysret only where it does what iret would: rcx and r11 are free to hold rip and flags, the address is in the lower half (Intel's sysret
    // faults in ring 0 otherwise), and no flag is set that sysret treats differently (TF, IOPL, NT, RF, VM, VIF, VIP).
    mov rcx, [rsp + F_RIP]
    cmp rcx, [rsp + F_RCX]
    jne exit_by_iret
    mov r11, [rsp + F_RFLAGS]
    cmp r11, [rsp + F_R11]
    jne exit_by_iret
    cmp dword ptr [rsp + F_RIP + 4], 0x7fff
    ja exit_by_iret
    test r11d, 0x1b7100
    jnz exit_by_iret
    RESTORE_REGS
    or r11d, 0x200
    mov rsp, [rsp + 32]
    swapgs
    sysretq

// A trap in the application; on an IST stack: vector, error, rip, cs, rflags, rsp, ss.
    .balign 16
trap_from_app_entry:
    swapgs
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
    RESTORE_REGS
    add rsp, 8
    swapgs
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
