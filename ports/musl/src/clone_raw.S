/* int __clone(func, stack, flags, arg, ptid, tls, ctid): a thread that runs func(arg) on `stack`.
 *
 * The kernel gives the child the parent's registers and its new stack, and both come back by a `ret`: the parent to our caller, for we jump, the child
 * to the address that we leave on its stack. */
	.section .text.__clone,"ax",@progbits
	.global __clone
	.hidden __clone
	.type __clone,@function
__clone:
	and	$-16,%rsi
	sub	$24,%rsi
	lea	1f(%rip),%rax
	mov	%rax,(%rsi)
	mov	%rdi,8(%rsi)
	mov	%rcx,16(%rsi)
	mov	%rdx,%rdi
	mov	%r8,%rdx
	mov	%r9,%r8
	mov	8(%rsp),%rcx
	jmp	uk_syscall_clone
1:	xor	%ebp,%ebp
	pop	%rax
	pop	%rdi
	call	*%rax
	mov	%eax,%edi
	call	uk_syscall_exit
	ud2
	.size __clone,.-__clone
	.section .note.GNU-stack,"",@progbits
