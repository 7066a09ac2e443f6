/* The ring-3 program of selftest.rs, copied to 0x400000. rbx = where to go on after a fault. Exit code: the number of the check that failed. */
    .section .rodata.selftest, "a", @progbits
.macro CHECK n
    mov edi, \n
    jne selftest_fail
.endm
    .globl selftest_begin, selftest_end
selftest_begin:
    lea rdi, [rip + hello]
    mov esi, 17
    mov eax, 1
    syscall
    /* registers survive a call */
    mov r14, 0x1122334455667788
    movq xmm7, r14
    mov r10d, 10
    mov r8d, 8
    xor eax, eax
    syscall
    movq rcx, xmm7
    cmp rcx, r14
    CHECK 1
    cmp r10d, 10
    CHECK 2
    /* demand paging: by the program, and by the kernel's copy */
    mov dword ptr [0x500010], 77
    cmp dword ptr [0x500010], 77
    CHECK 3
    push r14
    pop rcx
    cmp rcx, r14
    CHECK 4
    /* EFAULT */
    mov edi, 0x600000
    mov esi, 5
    mov eax, 1
    syscall
    cmp rax, -14
    CHECK 5
    mov eax, 2
    syscall
    cmp rax, 0x600000
    CHECK 6
    /* wild store, kernel store, privileged instructions */
    lea rbx, [rip + 1f]
    mov dword ptr [0x10], 1
1:  mov eax, 2
    syscall
    cmp rax, 0x10
    CHECK 7
    lea rbx, [rip + 1f]
    mov rax, 0xffffffff80100000
    mov dword ptr [rax], 1
1:  mov eax, 2
    syscall
    mov rcx, 0xffffffff80100000
    cmp rax, rcx
    CHECK 8
    lea rbx, [rip + 1f]
    hlt
1:  mov eax, 2
    syscall
    cmp rax, 13
    CHECK 9
    lea rbx, [rip + 1f]
    ud2
1:  mov eax, 2
    syscall
    cmp rax, 6
    CHECK 10
    lea rbx, [rip + 1f]
    int 0x80
1:  mov eax, 2
    syscall
    cmp rax, 128
    CHECK 11
    lea rbx, [rip + 1f]
    int 14
1:  mov eax, 2
    syscall
    cmp rax, 13
    CHECK 12
    /* non-canonical jump */
    lea rbx, [rip + 1f]
    mov rax, 0x8000000000000000
    jmp rax
1:  mov eax, 2
    syscall
    cmp rax, 13
    CHECK 13
    /* breakpoint, single step over a syscall */
    lea rbx, [rip + 1f]
    int3
1:  mov eax, 2
    syscall
    cmp rax, 3
    CHECK 14
    xor eax, eax
    lea rbx, [rip + 1f]
    pushfq
    or dword ptr [rsp], 0x100
    popfq
    syscall
    nop
    nop
1:  pushfq
    and dword ptr [rsp], ~0x100
    popfq
    mov eax, 2
    syscall
    cmp rax, 1
    CHECK 15
    /* odd flags and segment loads go into the kernel and come back */
    pushfq
    or dword ptr [rsp], 0x44400
    popfq
    xor eax, eax
    mov gs, ax
    syscall
    pushfq
    and dword ptr [rsp], ~0x44400
    popfq
    /* gs and fs bases, kernel thread switch */
    mov eax, 7
    syscall
    test eax, eax
    jz 51f
    mov rax, 0x43210000
    wrgsbase rax
    mov eax, 3
    syscall
    mov eax, 6
    syscall
    cmp eax, 1
    CHECK 16
    rdfsbase rax
    cmp rax, 0x12345000
    CHECK 17
    /* signal: ymm state goes into the frame and comes back */
    mov r14, 0x1122334455667788
    movq xmm7, r14
    vinsertf128 ymm7, ymm7, xmm7, 1
    lea r12, [rip + handler]
    lea r13, [rip + restorer]
    mov r15, rsp
    mov ebp, 5
    mov eax, 4
    syscall
    cmp eax, 0
    CHECK 18
    cmp ebp, 5
    CHECK 19
    cmp rsp, r15
    CHECK 20
    vextractf128 xmm6, ymm7, 1
    movq rax, xmm6
    cmp rax, r14
    CHECK 21
    movq rax, xmm7
    cmp rax, r14
    CHECK 22
    jmp 52f
51: mov eax, 3
    syscall
    /* timer ticks preempt a loop, registers intact */
52:
41: mov eax, 5
    syscall
    mov ecx, 100000
    mov r9d, ecx
2:  cmp ecx, r9d
    CHECK 23
    dec r9d
    dec ecx
    jnz 2b
    cmp eax, 5
    jb 41b
    /* null calls, for the figures */
    mov eax, 8
    syscall
    mov r12, rax
    mov ebp, 100000
3:  xor eax, eax
    syscall
    dec ebp
    jnz 3b
    mov eax, 8
    syscall
    mov rsi, rax
    sub rsi, r12
    mov edi, 0
selftest_fail:
    mov eax, 60
    syscall
    ud2
handler:
    cmp edi, 10
    CHECK 30
    mov rax, [rdx + 40 + 128]   /* ip in the frame */
    test rax, rax
    sete al
    cmp al, 0
    CHECK 31
    lea rax, [rsp + 8]
    and eax, 15
    CHECK 32
    vpxor ymm7, ymm7, ymm7
    xor ebp, ebp
    ret
restorer:
    mov eax, 15
    syscall
    ud2
hello:
    .ascii "hello from ring 3"
selftest_end:
