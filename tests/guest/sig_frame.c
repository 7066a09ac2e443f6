// What a handler sees and may change: registers, flags, FP and AVX state, the program counter, the alternate stack.
#include "check.h"
#include <cpuid.h>
#include <ucontext.h>
#ifndef SS_AUTODISARM
#define SS_AUTODISARM (1U << 31)
#endif

static void skip_ud2(int s, siginfo_t *i, void *c) {
	ucontext_t *u = c;
	(void)s;
	printf("  at the instruction: %d\n", (char *)u->uc_mcontext.gregs[REG_RIP] == (char *)i->si_addr);
	u->uc_mcontext.gregs[REG_RIP] += 2;
	u->uc_mcontext.gregs[REG_RBX] = 1234;
}
static void zero_divisor(int s, siginfo_t *i, void *c) {
	(void)s; (void)i;
	((ucontext_t *)c)->uc_mcontext.gregs[REG_RCX] = 7; // the division is done again
}
static char *page;
static volatile int faults;
static void map_it(int s, siginfo_t *i, void *c) {
	(void)s; (void)c;
	faults++;
	mprotect((void *)((uintptr_t)i->si_addr & -PAGE), PAGE, PROT_READ | PROT_WRITE);
}
static void landing(void) { puts("  landed elsewhere"); fflush(stdout); _exit(11); }
static void elsewhere(int s, siginfo_t *i, void *c) {
	(void)s; (void)i;
	ucontext_t *u = c;
	u->uc_mcontext.gregs[REG_RIP] = (greg_t)landing;
	u->uc_mcontext.gregs[REG_RSP] = (u->uc_mcontext.gregs[REG_RSP] & -16) - 256 - 8;
}
static char alt[65536];
static void where(int s, siginfo_t *i, void *c) {
	(void)i;
	char here;
	stack_t ss;
	sigaltstack(NULL, &ss);
	ucontext_t *u = c;
	printf("  %s on altstack %d, flags %d, uc_stack is ours %d, refused %s\n", signame(s), &here >= alt && &here < alt + sizeof alt, ss.ss_flags,
		u->uc_stack.ss_sp == alt, errname(sigaltstack(&ss, NULL) < 0 ? errno : 0));
}
static void smash(int s, siginfo_t *i, void *c) {
	(void)s; (void)i; (void)c;
	unsigned one[4] = { 1, 2, 3, 4 }, csr = 0x7f80;
	__asm__ volatile("movups %0, %%xmm0; movups %0, %%xmm7; movups %0, %%xmm15; ldmxcsr %1; fninit; fldpi; std; cld" :: "m"(one), "m"(csr) : "xmm0", "xmm7", "xmm15");
	if (__builtin_cpu_supports("avx")) __asm__ volatile("vzeroall" ::: "memory");
}
static void trap(int s, siginfo_t *i, void *c) {
	(void)s; (void)i;
	ucontext_t *u = c;
	u->uc_mcontext.gregs[REG_EFL] |= 0x40; // ZF
	if (u->uc_mcontext.fpregs) u->uc_mcontext.fpregs->_xmm[3].element[0] = 0xabcd;
}
static void install(int sig, void (*h)(int, siginfo_t *, void *), int flags) {
	struct sigaction sa = { .sa_sigaction = h, .sa_flags = SA_SIGINFO | flags };
	MUST(sigaction(sig, &sa, NULL));
}

int main(void) {
	install(SIGILL, skip_ud2, 0);
	long rbx = 1;
	__asm__ volatile("ud2" : "+b"(rbx));
	SHOW(rbx);
	install(SIGFPE, zero_divisor, 0);
	int q, divisor = 0;
	__asm__ volatile("cltd; idivl %%ecx" : "=a"(q), "+c"(divisor) : "a"(42) : "rdx");
	SHOW(q);
	page = mmap(NULL, 4 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	install(SIGSEGV, map_it, 0);
	for (int i = 0; i < 4; i++) page[i * PAGE + i] = 'a' + i;
	SHOW(faults); SHOW(page[3 * PAGE + 3]);

	stack_t ss = { .ss_sp = alt, .ss_size = sizeof alt }, old;
	ERR(sigaltstack(&ss, &old));
	HEX(old.ss_flags);
	install(SIGUSR1, where, SA_ONSTACK);
	raise(SIGUSR1);
	install(SIGUSR1, where, 0);
	raise(SIGUSR1);
	ss.ss_size = 100;
	ERR(sigaltstack(&ss, NULL));
	ss.ss_size = sizeof alt; ss.ss_flags = 99;
	ERR(sigaltstack(&ss, NULL));
	ss.ss_flags = SS_AUTODISARM;
	ERR(sigaltstack(&ss, NULL));
	install(SIGUSR1, where, SA_ONSTACK);
	raise(SIGUSR1); // disarmed inside
	sigaltstack(NULL, &old);
	HEX(old.ss_flags); SHOW(old.ss_sp == alt);
	ss.ss_flags = SS_DISABLE;
	ERR(sigaltstack(&ss, NULL));
	ERR(syscall(SYS_sigaltstack, 8, NULL));

	// FP, SSE, AVX and flags survive a handler that spoils them.
	install(SIGUSR2, smash, 0);
	float in[8] = { 1, 2, 3, 4, 5, 6, 7, 8 }, out[8] = { 0 };
	unsigned csr = 0x1fc0, csr2;
	unsigned short cw = 0x27f, cw2;
	long pid = getpid(), tid = gettid(), carry;
	double top;
	__asm__ volatile("ldmxcsr %[csr]; fninit; fldcw %[cw]; fld1; movups %[in], %%xmm7; movaps %%xmm7, %%xmm15; mov $234, %%eax; mov %[pid], %%rdi; mov %[tid], %%rsi; mov $12, %%edx; stc; syscall;"
		"setc %b[carry]; movups %%xmm15, %[out]; stmxcsr %[csr2]; fnstcw %[cw2]; fstpl %[top]"
		: [out] "=m"(out), [csr2] "=m"(csr2), [cw2] "=m"(cw2), [top] "=m"(top), [carry] "=&b"(carry)
		: [csr] "m"(csr), [cw] "m"(cw), [in] "m"(in), [pid] "r"(pid), [tid] "r"(tid) : "rax", "rcx", "r11", "rdi", "rsi", "rdx", "xmm7", "xmm15", "memory");
	SAY("xmm15 %g %g, mxcsr %#x, cw %#x, st0 %g, carry %d", out[0], out[3], csr2, cw2, top, (int)(carry & 1));
	csr = 0x1f80;
	__asm__ volatile("fninit; ldmxcsr %0" :: "m"(csr));
	if (__builtin_cpu_supports("avx")) {
		__asm__ volatile("vmovups %[in], %%ymm9; mov $234, %%eax; mov %[pid], %%rdi; mov %[tid], %%rsi; mov $12, %%edx; syscall; vmovups %%ymm9, %[out]; vzeroupper"
			: [out] "=m"(out) : [in] "m"(in), [pid] "r"(pid), [tid] "r"(tid) : "rax", "rcx", "r11", "rdi", "rsi", "rdx", "xmm9", "memory");
		SAY("ymm9 %g %g", out[0], out[7]);
	} else SAY("ymm9 1 8");
	// A handler changes flags and a vector register.
	install(SIGTRAP, trap, 0);
	unsigned x3[4]; char zf;
	__asm__ volatile("pxor %%xmm3, %%xmm3; or $1, %%eax; int3; setz %1; movups %%xmm3, %0" : "=m"(x3), "=r"(zf) :: "rax", "xmm3");
	HEX(x3[0]); SHOW(zf);
	// The layout that unwinders rely on: fpstate with the extended magic, segment registers.
	install(SIGBUS, elsewhere, 0);
	*(volatile int *)page = 0;
	raise(SIGBUS);
	return 0;
}
