// System calls of applications in ring 3.

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
