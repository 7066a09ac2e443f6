// System calls of applications in ring 0 (ports from source): C functions. A stub for each call puts what runs it into r11 and jumps to one of
// the two entries below; the caller's return address is on its stack, and its callee-saved registers are kept by the C ABI on both sides.
//
// The application and the kernel are told apart by the stack pointer (common.S), so each switch of stacks is one instruction, and whatever lies
// between a switch and the caller is code of the application to the rest of the kernel.

    .set F_RSP, F_RFLAGS + 8

// A call with a whole context: it may sleep, be interrupted and restarted, make a thread, return from a signal.
// rax = number, r11 = extern "C" fn(&mut UserContext), which leaves the result in the context's rax; rdi rsi rdx r10 r8 r9 = arguments.
//
// The context's rip is `uk_call_after`, a `ret` to the caller. A restart sets it back by two bytes, as for the `syscall` instruction, and rax to the
// number: the jump before it makes the call again, for r11 and the arguments are in the context.
    .balign 16
    .globl uk_call_restart
uk_call_restart:
    jmp short uk_call_again
    .globl uk_call_after
uk_call_after:
    ret
uk_call_again:
    cmp eax, 219
    jne uk_call
    lea r11, [rip + {syscall}]              // restart_syscall(2) instead
    .balign 16
    .globl uk_call
uk_call:
    mov rcx, rsp
    mov rsp, gs:[{KSTACK}]
    // Before here the call has not happened yet: cancellation asks (ports/musl/patches/0002).
    .globl uk_call_switched
uk_call_switched:
    push 0x2b
    push rcx
    push 0x202
    push 0x33
    lea rcx, [rip + uk_call_after]
    push rcx
    push rax
    push rdi
    PUSH_BELOW_RDI
    sub rsp, 256                            // no caller expects its xmm registers back
    mov rdi, rsp
    call r11
    cli
    mov rax, gs:[{TASK}]
    cmp dword ptr [rax], 0
    jne app_work
    mov rax, [rsp + F_RAX]
    mov rsp, [rsp + F_RSP]
    sti                                     // takes effect after the next instruction
    ret

// A call that never sleeps or looks at the context: r11 = extern "C" fn(u64, ... six arguments) -> i64.
    .balign 16
    .globl uk_call_light
uk_call_light:
    mov rax, rsp
    mov rsp, gs:[{KSTACK}]
    sub rsp, F_SIZE                         // the context's place stays free
    push rax
    call r11
    pop rcx
    cli
    mov rdx, gs:[{TASK}]
    cmp dword ptr [rdx], 0
    jne 1f
    mov rsp, rcx
    sti
    ret
    // Work is due: make the context of a thread that has just returned from the call.
1:  mov rsp, gs:[{KSTACK}]
    push 0x2b
    push rcx
    push 0x202
    push 0x33
    lea rcx, [rip + uk_call_after]
    push rcx
    push -1
    push rdi
    PUSH_BELOW_RDI
    sub rsp, 256
    jmp app_work
