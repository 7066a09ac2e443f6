/* Three short calls that C cannot make. */

/* int __set_thread_area(void *p): arch_prctl(ARCH_SET_FS, p) */
	.section .text.__set_thread_area,"ax",@progbits
	.global __set_thread_area
	.hidden __set_thread_area
	.type __set_thread_area,@function
__set_thread_area:
	mov	%rdi,%rsi
	mov	$0x1002,%edi
	jmp	uk_syscall_arch_prctl
	.size __set_thread_area,.-__set_thread_area

/* _Noreturn void __unmapself(void *base, size_t size): the thread frees the stack that it stands on, so the kernel does both steps at once. */
	.section .text.__unmapself,"ax",@progbits
	.global __unmapself
	.hidden __unmapself
	.type __unmapself,@function
__unmapself:
	jmp	uk_unmap_and_exit
	.size __unmapself,.-__unmapself

/* What a signal handler returns to, with the stack pointer at the ucontext: a jump, for a call would move it. */
	.section .text.__restore_rt,"ax",@progbits
	.byte	0x90	/* unwinders look up the address before the return address */
	.global __restore_rt
	.hidden __restore_rt
	.type __restore_rt,@function
__restore_rt:
	jmp	uk_syscall_rt_sigreturn
	.size __restore_rt,.-__restore_rt
	.section .note.GNU-stack,"",@progbits
