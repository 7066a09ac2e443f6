/* long __syscall_cp_asm(volatile int *cancel, function, u, v, w, x, y, z): a cancellation point.
 *
 * From __cp_begin until the call has happened a request to cancel must be heard, afterwards it must not, for the call's effect would be lost. The call
 * is a function here, so the instruction pointer of a signal may lie in it: patches/0002 tells by rbx (the function) and by the return address,
 * __cp_end, on the stack. rbp holds the frame, which cancellation unwinds to from wherever it struck. */
	.section .text.__syscall_cp_asm,"ax",@progbits
	.global __cp_begin
	.hidden __cp_begin
	.global __cp_end
	.hidden __cp_end
	.global __cp_cancel
	.hidden __cp_cancel
	.hidden __cancel
	.global __syscall_cp_asm
	.hidden __syscall_cp_asm
	.type __syscall_cp_asm,@function
__syscall_cp_asm:
	push	%rbx
	push	%rbp
	mov	%rsp,%rbp
	sub	$8,%rsp
__cp_begin:
	mov	(%rdi),%eax
	test	%eax,%eax
	jnz	__cp_cancel
	mov	%rsi,%rbx
	mov	%rdx,%rdi
	mov	%rcx,%rsi
	mov	%r8,%rdx
	mov	%r9,%rcx
	mov	24(%rbp),%r8
	mov	32(%rbp),%r9
	call	*%rbx
__cp_end:
	mov	%rbp,%rsp
	pop	%rbp
	pop	%rbx
	ret
__cp_cancel:
	mov	%rbp,%rsp
	pop	%rbp
	pop	%rbx
	jmp	__cancel
	.size __syscall_cp_asm,.-__syscall_cp_asm
	.section .note.GNU-stack,"",@progbits
