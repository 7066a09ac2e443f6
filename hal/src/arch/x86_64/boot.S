/* The way from the PVH entry (32-bit protected mode, paging off, EBX = physical address of hvm_start_info) to Rust in the top 2 GiB.

   The image is loaded at its physical address (1 MiB) and linked at -2 GiB + 1 MiB; KASLR slides the virtual side by whole 2 MiB pages.
   Nothing here may hold an absolute address: before the relocations are applied everything is reached relative to the program counter. */

    .set P_TABLE, 0x03          /* present, writable */
    .set P_LARGE, 0x83          /* present, writable, large page */

    .section .boot.text, "ax", @progbits
    .code32
    .globl pvh_start32
pvh_start32:
    cli
    cld
    /* A call needs a stack and none is promised: borrow the first word of start_info (the magic) for the return address. */
    movl (%ebx), %edi
    leal 4(%ebx), %esp
    call .Lbase
.Lbase:
    popl %ebp
    movl %edi, (%ebx)
    leal (boot_stack_top - .Lbase)(%ebp), %esp
    movl %ebx, %esi

    /* A module that lies over the image (QEMU does that when memory is short): say so while the first page is still what it should be. */
    movl 12(%ebx), %ecx         /* start_info.nr_modules */
    movl 16(%ebx), %edx         /* start_info.modlist_paddr */
    leal (__image_end - .Lbase)(%ebp), %eax
    leal (pvh_start32 - .Lbase)(%ebp), %edi
    testl %ecx, %ecx
    jz 3f
1:  cmpl $0, 4(%edx)            /* above 4 GiB */
    jne 2f
    cmpl %eax, (%edx)
    jae 2f
    pushl %edi
    subl 8(%edx), %edi          /* start + size > image's start */
    cmpl %edi, (%edx)
    popl %edi
    jg overlap
2:  addl $32, %edx
    decl %ecx
    jnz 1b
3:
    /* Low memory at its own address (until Rust runs) and in the direct map, through one shared table: 1 GiB pages where the CPU has
       them, else 2 MiB pages for the first GiB; Rust completes the direct map. */
    leal (boot_pml4 - .Lbase)(%ebp), %edi
    leal (boot_pdpt_direct - .Lbase + P_TABLE)(%ebp), %eax
    movl %eax, (%edi)
    movl %eax, {DIRECT_SLOT}*8(%edi)
    leal (boot_pdpt_high - .Lbase + P_TABLE)(%ebp), %eax
    movl %eax, 511*8(%edi)
    leal (boot_pd_high - .Lbase + P_TABLE)(%ebp), %eax
    movl %eax, (boot_pdpt_high - .Lbase + 510*8)(%ebp)
    movl $0x80000001, %eax
    cpuid
    testl $(1 << 26), %edx
    jz 1f
    movl $P_LARGE, (boot_pdpt_direct - .Lbase)(%ebp)
    movl $(P_LARGE + 0x40000000), (boot_pdpt_direct - .Lbase + 8)(%ebp)
    movl $(P_LARGE + 0x80000000), (boot_pdpt_direct - .Lbase + 16)(%ebp)
    movl $(P_LARGE + 0xc0000000), (boot_pdpt_direct - .Lbase + 24)(%ebp)
    jmp 3f
1:  leal (boot_pd_direct - .Lbase)(%ebp), %ecx
    leal P_TABLE(%ecx), %eax
    movl %eax, (boot_pdpt_direct - .Lbase)(%ebp)
    movl $P_LARGE, %eax
2:  movl %eax, (%ecx)
    addl $8, %ecx
    addl $0x200000, %eax
    cmpl $(0x40000000 + P_LARGE), %eax
    jne 2b

3:  movl %cr4, %eax
    orl  $0x620, %eax           /* PAE | OSFXSR | OSXMMEXCPT: the prebuilt core uses SSE2 */
    movl %eax, %cr4
    movl %edi, %cr3
    movl $0xc0000080, %ecx      /* EFER */
    rdmsr
    orl  $(0x901 - {RING0}), %eax /* SCE | LME | NXE; in ring 0 calls are functions, and a syscall instruction is an illegal one */
    wrmsr
    movl %cr0, %eax
    andl $~0x6000000c, %eax     /* CD, NW, EM, TS off */
    orl  $0x80050022, %eax      /* PG | AM | WP | NE | MP */
    movl %eax, %cr0
    leal (boot_gdt - .Lbase)(%ebp), %eax
    subl $8, %esp
    movw $(boot_gdt_end - boot_gdt - 1), (%esp)
    movl %eax, 2(%esp)
    lgdtl (%esp)
    leal (start64 - .Lbase)(%ebp), %eax
    pushl $0x10
    pushl %eax
    lretl

overlap:
    leal (overlap_text - .Lbase)(%ebp), %esi
    movl $(overlap_end - overlap_text), %ecx
1:  lodsb
    outb %al, $0xe9
    movl $0x3f8, %edx
    outb %al, %dx
    decl %ecx
    jnz 1b
    movb $0x10, %al
    outb %al, $0xf4
2:  hlt
    jmp 2b
overlap_text:
    .ascii "exit panic too little memory: the boot module lies over the kernel; give the machine more (-m)\n"
overlap_end:

    .code64
start64:
    /* Null selectors: iretq to ring 3 would null anything else and may clear the segment base with it. */
    xorl %eax, %eax
    movw %ax, %ds
    movw %ax, %es
    movw %ax, %ss
    movw %ax, %fs
    movw %ax, %gs
    movl %esi, %r12d            /* start_info, zero-extended */
    rdtsc
    shlq $32, %rdx
    leaq (%rdx,%rax), %r15      /* TSC at the beginning */

    /* How many 2 MiB pages the image touches, from physical 0. */
    leaq (__image_end + 0x1fffff)(%rip), %r14
    shrq $21, %r14

    /* The slide, in 2 MiB steps: none with "nokaslr=1" on the command line, and none with the application in ring 0, which is linked to its place. */
    xorl %r13d, %r13d
    .if {RING0}
    jmp 8f
    .endif
    movq 24(%r12), %rsi         /* start_info.cmdline_paddr */
    testq %rsi, %rsi
    jz 6f
    movabsq $0x3d726c73616b6f6e, %rax   /* "nokaslr=" */
    movl $65536, %ecx
5:  cmpq %rax, (%rsi)
    je 7f
    cmpb $0, (%rsi)
    je 6f
    incq %rsi
    decl %ecx
    jnz 5b
    jmp 6f
7:  cmpb $0x31, 8(%rsi)         /* "1" */
    je 8f
6:  movq %r15, %rax
    movabsq $0x9e3779b97f4a7c15, %rcx
    mulq %rcx
    movl %edx, %edi             /* folded TSC */
    movl $1, %eax
    cpuid
    btl $30, %ecx
    jnc 9f
    rdrandl %eax
    jnc 9f
    xorl %eax, %edi
9:  movl %edi, %eax
    xorl %edx, %edx
    movl ${SLIDE_SLOTS}, %ecx   /* pages of the GiB below the interrupt controllers' */
    subl %r14d, %ecx
    divl %ecx
    movl %edx, %r13d
8:
    /* The image at -2 GiB + slide. */
    leaq boot_pd_high(%rip), %rdi
    leaq (%rdi,%r13,8), %rdi
    movl $P_LARGE, %eax
    movl %r14d, %ecx
10: movq %rax, (%rdi)
    addq $8, %rdi
    addq $0x200000, %rax
    decl %ecx
    jnz 10b

    /* Relocations in RELR form: a word with bit 0 clear is the (linked) address of a word to slide, one with bit 0 set says which of the
       63 words that follow. Linked addresses become physical ones by adding 2 GiB. */
    shlq $21, %r13
    jz 15f
    leaq __relr_start(%rip), %rsi
    leaq __relr_end(%rip), %rdi
    movl $0x80000000, %r8d
11: cmpq %rdi, %rsi
    jae 15f
    movq (%rsi), %rax
    addq $8, %rsi
    testb $1, %al
    jnz 12f
    leaq (%rax,%r8), %rdx
    addq %r13, (%rdx)
    addq $8, %rdx
    jmp 11b
12: shrq $1, %rax
    bsfq %rax, %rcx
    jz 14f
13: addq %r13, (%rdx,%rcx,8)
    btrq %rcx, %rax
    bsfq %rax, %rcx
    jnz 13b
14: addq $(63*8), %rdx
    jmp 11b

15: leaq boot_stack_top(%rip), %rsp
    movq $0xffffffff80000000, %rcx
    addq %r13, %rcx
    addq %rcx, %rsp
    leaq {rust_start}(%rip), %rax
    addq %rcx, %rax
    movq %r12, %rdi
    movq %r13, %rsi
    movq %r15, %rdx
    xorl %ebp, %ebp
    pushq $0
    jmpq *%rax                  /* as if called: the pushed word is the return address and keeps the ABI's alignment */

    .section .rodata.boot, "a", @progbits
    .balign 8
    /* Linux's order, so that selectors look as programs know them. */
    .globl boot_gdt
boot_gdt:
    .quad 0
    .quad 0
    .quad 0x00af9b000000ffff    /* 0x10 kernel code */
    .quad 0x00cf93000000ffff    /* 0x18 kernel data */
boot_gdt_end:

    .section .bss.boot, "aw", @nobits
    .balign 4096
    .globl boot_pml4, boot_pdpt_direct, boot_pd_direct, boot_pd_high
boot_pml4:        .skip 4096
boot_pdpt_direct: .skip 4096
boot_pdpt_high:   .skip 4096
boot_pd_high:     .skip 4096
boot_pd_direct:   .skip 4096    /* reached by the direct map only: here it is unmapped, as the guard of the stack */
    .globl boot_stack, boot_stack_top
boot_stack:
    .skip {BOOT_STACK}
boot_stack_top:
