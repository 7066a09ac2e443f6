// Signal frames spoiled at random before they are returned to: registers, selectors, flags, FP state. The program may fault, the machine not.
// unox-test: only=unox timeout=120 args="20000" why="what a spoiled frame does differs between processors"
#include "check.h"
#include <ucontext.h>

static uint64_t rng = 0x853c49e6748fea9bULL;
static uint64_t rnd(void) { rng ^= rng << 13; rng ^= rng >> 7; rng ^= rng << 17; return rng * 0x2545f4914f6cdd1dULL >> 5; }
static uint64_t saved_sp;
static long faults, clean;
static char scratch[65536];

static uint64_t value(void) {
	static const uint64_t odd[] = { 0, 1, 8, 0x10, 0x18, 0x23, 0x2b, 0x33, 0xffff, 0x7fffffffffff, 0x800000000000, 0x7ffffffff000, 0xffff800000000000, 0xffffffff80000000, 0xffffffff80100000, 0xffffffffff600000, -1, -2, -4096, 0x8000000000000000, 0x7fffffffffffffff };
	uint64_t r = rnd();
	return r % 4 == 0 ? r : r % 4 == 1 ? (uint64_t)scratch + (r >> 8) % sizeof scratch : odd[(r >> 8) % COUNT(odd)];
}

static void spoil(int s, siginfo_t *i, void *c) {
	(void)s; (void)i;
	ucontext_t *u = c;
	for (int n = rnd() % 4; n >= 0; n--) {
		uint64_t r = rnd();
		switch (r % 8) {
		case 0: u->uc_mcontext.gregs[REG_RIP] = value(); break;
		case 1: u->uc_mcontext.gregs[REG_RSP] = value(); break;
		case 2: u->uc_mcontext.gregs[REG_EFL] = rnd() & 0x3fffff; break;
		case 3: u->uc_mcontext.gregs[REG_CSGSFS] = r & 8 ? (long long)rnd() : (long long)(0x2b000000000033ULL ^ 1ULL << (r >> 8) % 64); break;
		case 4: if (u->uc_mcontext.fpregs) ((unsigned char *)u->uc_mcontext.fpregs)[(r >> 8) % 570] = (unsigned char)(r >> 40);
		break; // the part that every processor has
		case 5: if (r & 0x700) break; u->uc_mcontext.fpregs = (void *)value(); break;
		case 6: if (u->uc_mcontext.fpregs) ((uint64_t *)u->uc_mcontext.fpregs)[58 + (r >> 8) % 14] = value();
		break; // the software bytes and the extended header
		case 7: u->uc_mcontext.gregs[(r >> 8) % REG_CSGSFS] = value(); break;
		}
	}
	u->uc_flags = rnd() % 8;
}

static void fault(int s) { __asm__ volatile("push $0x202; popfq" ::: "memory", "cc"); (void)s; faults++; siglongjmp(fault_jmp, 1); }

static __attribute__((noinline)) void kick(long pid, long tid) {
	__asm__ volatile("push %%rbp; mov %%rsp, %[sp]; syscall; mov %[sp], %%rsp; push $0x202; popfq; pop %%rbp"
		: [sp] "+m"(saved_sp) : "a"(SYS_tgkill), "D"(pid), "S"(tid), "d"(SIGUSR1) : "rbx", "rcx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
}

int main(int argc, char **argv) {
	only_on_unox();
	static char alt[65536];
	long n = argc > 1 ? atol(argv[1]) : 1000;
	stack_t ss = { .ss_sp = alt, .ss_size = sizeof alt };
	struct sigaction sa = { .sa_sigaction = spoil, .sa_flags = SA_SIGINFO };
	MUST(sigaction(SIGUSR1, &sa, NULL));
	struct sigaction sf = { .sa_handler = fault, .sa_flags = SA_ONSTACK };
	const int sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGSYS };
	for (size_t i = 0; i < COUNT(sigs); i++) MUST(sigaction(sigs[i], &sf, NULL));
	long pid = getpid(), tid = gettid();
	for (volatile long i = 0; i < n; i++) {
		ss.ss_flags = 0;
		sigaltstack(&ss, NULL);
		unsigned csr = 0x1f80;
		__asm__ volatile("fninit; ldmxcsr %0; cld" :: "m"(csr));
		if (!sigsetjmp(fault_jmp, 1)) { kick(pid, tid); clean++; }
	}

	SAY("%ld frames: all survived %d, some faulted %d, some did not %d", n, faults + clean == n, faults > 0, clean > 0);
	return faults + clean == n ? 0 : 1;
}
