/* memcpy, memmove, memset, memcmp, bcmp, strlen: what the compiler and the prebuilt core call. In assembly, so that no loop here is turned
   into a call to itself. Blocks of 64 bytes by SSE2; `rep` for long runs only where the CPU says that it is fast (fast_rep). */

    .section .text.mem, "ax", @progbits

    .balign 16
    .globl memmove
memmove:
    mov rax, rdi
    mov rcx, rdi
    sub rcx, rsi
    cmp rcx, rdx
    jb copy_backward                /* dst in (src, src + n): unsigned distance below n */
    jmp copy_forward

    .balign 16
    .globl memcpy
memcpy:
    mov rax, rdi
copy_forward:
    cmp rdx, 16
    jb copy_small
    cmp rdx, 32
    ja 1f
    movups xmm0, [rsi]
    movups xmm1, [rsi + rdx - 16]
    movups [rdi], xmm0
    movups [rdi + rdx - 16], xmm1
    ret
1:  cmp rdx, 64
    ja 2f
    movups xmm0, [rsi]
    movups xmm1, [rsi + 16]
    movups xmm2, [rsi + rdx - 32]
    movups xmm3, [rsi + rdx - 16]
    movups [rdi], xmm0
    movups [rdi + 16], xmm1
    movups [rdi + rdx - 32], xmm2
    movups [rdi + rdx - 16], xmm3
    ret
2:  cmp rdx, 512
    jae 5f
    /* The last 64 bytes are read first: the loop may have overwritten them when the blocks overlap (memmove downwards). */
3:  movups xmm4, [rsi + rdx - 64]
    movups xmm5, [rsi + rdx - 48]
    movups xmm6, [rsi + rdx - 32]
    movups xmm7, [rsi + rdx - 16]
    lea r8, [rdi + rdx - 64]
4:  movups xmm0, [rsi]
    movups xmm1, [rsi + 16]
    movups xmm2, [rsi + 32]
    movups xmm3, [rsi + 48]
    add rsi, 64
    movups [rdi], xmm0
    movups [rdi + 16], xmm1
    movups [rdi + 32], xmm2
    movups [rdi + 48], xmm3
    add rdi, 64
    cmp rdi, r8
    jb 4b
    movups [r8], xmm4
    movups [r8 + 16], xmm5
    movups [r8 + 32], xmm6
    movups [r8 + 48], xmm7
    ret
5:  cmp byte ptr [rip + fast_rep], 0
    je 3b
    mov rcx, rdx
    rep movsb
    ret

copy_small:
    cmp edx, 8
    jae 1f
    cmp edx, 4
    jae 2f
    test edx, edx
    jz 3f
    movzx ecx, byte ptr [rsi]
    cmp edx, 1
    je 4f
    movzx r8d, word ptr [rsi + rdx - 2]
    mov [rdi + rdx - 2], r8w
4:  mov [rdi], cl
3:  ret
1:  mov rcx, [rsi]
    mov r8, [rsi + rdx - 8]
    mov [rdi], rcx
    mov [rdi + rdx - 8], r8
    ret
2:  mov ecx, [rsi]
    mov r8d, [rsi + rdx - 4]
    mov [rdi], ecx
    mov [rdi + rdx - 4], r8d
    ret

copy_backward:
    cmp rdx, 64
    jbe copy_forward                /* loads all before it stores */
    /* The first 64 bytes are read first, as above. */
    movups xmm4, [rsi]
    movups xmm5, [rsi + 16]
    movups xmm6, [rsi + 32]
    movups xmm7, [rsi + 48]
    lea r9, [rdi + 64]
    lea r8, [rdi + rdx]
    add rsi, rdx
21: movups xmm0, [rsi - 16]
    movups xmm1, [rsi - 32]
    movups xmm2, [rsi - 48]
    movups xmm3, [rsi - 64]
    sub rsi, 64
    movups [r8 - 16], xmm0
    movups [r8 - 32], xmm1
    movups [r8 - 48], xmm2
    movups [r8 - 64], xmm3
    sub r8, 64
    cmp r8, r9
    ja 21b
    movups [rdi], xmm4
    movups [rdi + 16], xmm5
    movups [rdi + 32], xmm6
    movups [rdi + 48], xmm7
    ret

    .balign 16
    .globl memset
memset:
    mov rax, rdi
    movzx esi, sil
    movabs rcx, 0x0101010101010101
    imul rsi, rcx
    cmp rdx, 16
    jb 3f
    movq xmm0, rsi
    punpcklqdq xmm0, xmm0
    cmp rdx, 512
    jae 5f
24: lea r8, [rdi + rdx - 16]
    cmp rdx, 64
    jb 6f
    lea r9, [rdi + rdx - 64]
2:  movups [rdi], xmm0
    movups [rdi + 16], xmm0
    movups [rdi + 32], xmm0
    movups [rdi + 48], xmm0
    add rdi, 64
    cmp rdi, r9
    jbe 2b
6:  cmp rdi, r8
    jae 7f
    movups [rdi], xmm0
    add rdi, 16
    jmp 6b
7:  movups [r8], xmm0
    ret
3:  cmp edx, 8
    jb 4f
    mov [rdi], rsi
    mov [rdi + rdx - 8], rsi
    ret
4:  cmp edx, 4
    jb 8f
    mov [rdi], esi
    mov [rdi + rdx - 4], esi
    ret
8:  test edx, edx
    jz 9f
    mov [rdi], sil
    mov [rdi + rdx - 1], sil
    shr edx, 1
    mov [rdi + rdx], sil
9:  ret
5:  cmp byte ptr [rip + fast_rep], 0
    je 24b
    mov r8, rax
    mov eax, esi
    mov rcx, rdx
    rep stosb
    mov rax, r8
    ret

    .balign 16
    .globl memcmp
    .globl bcmp
memcmp:
bcmp:
    xor ecx, ecx
22: lea r8, [rcx + 8]
    cmp r8, rdx
    ja 3f
    mov rax, [rdi + rcx]
    mov r9, [rsi + rcx]
    cmp rax, r9
    jne 2f
    mov rcx, r8
    jmp 22b
2:  bswap rax
    bswap r9
    cmp rax, r9
    sbb eax, eax
    or eax, 1
    ret
3:  cmp rcx, rdx
    jae 5f
    movzx eax, byte ptr [rdi + rcx]
    movzx r9d, byte ptr [rsi + rcx]
    inc rcx
    sub eax, r9d
    jz 3b
    ret
5:  xor eax, eax
    ret

    .balign 16
    .globl strlen
strlen:
    mov rax, rdi
23: cmp byte ptr [rax], 0
    je 2f
    inc rax
    jmp 23b
2:  sub rax, rdi
    ret

    .section .data.fast_rep, "aw", @progbits
    .globl fast_rep
fast_rep:
    .byte 0
