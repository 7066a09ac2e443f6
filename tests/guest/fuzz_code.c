// Random bytes executed as instructions, every fault caught: no instruction of a program stops the machine.
// unox-test: only=unox timeout=120 link=static-pie args="30000" why="which random bytes are instructions differs between processors"
#include "check.h"
#include <asm/prctl.h>
#include <ucontext.h>

static uint64_t rng = 0xda3e39cb94b95bdbULL, fsbase;
static uint64_t rnd(void) { rng ^= rng << 13; rng ^= rng >> 7; rng ^= rng << 17; return rng * 0x2545f4914f6cdd1dULL >> 3; }
static char alt[1 << 16];
static long counts[65];

static __attribute__((noinline, optimize("no-stack-protector"))) void caught(int s, siginfo_t *i, void *c) {
	(void)i; (void)c;
	__asm__ volatile("push $0x202; popfq" ::: "memory", "cc"); // alignment checks stay on in a handler
	// The bytes may have changed fs: without it there is no errno and no longjmp.
	long r;
	__asm__ volatile("syscall" : "=a"(r) : "a"(SYS_arch_prctl), "D"(ARCH_SET_FS), "S"(fsbase) : "rcx", "r11", "memory");
	counts[s]++;
	siglongjmp(fault_jmp, 1);
}

static void fill(unsigned char *code) {
	static const unsigned char spice[] = { 0x0f, 0x0f, 0x0f, 0xf3, 0xf2, 0x66, 0x48, 0xcd, 0xcf, 0xf4, 0xfa, 0xfb, 0xee, 0xec, 0x9d, 0xcc, 0xcb, 0xea, 0x8e, 0x01, 0x00, 0x20, 0x22, 0x30, 0x32, 0x07, 0xc7, 0xae, 0xff };
	for (int i = 0; i < 64; i++) { uint64_t r = rnd(); code[i] = r & 3 ? (unsigned char)(r >> 8) : spice[(r >> 8) % sizeof spice]; }
	// No VEX and EVEX prefixes: QEMU 7.2 itself stops with a failed assertion at some of them.
	for (int i = 0; i < 64; i++) if (code[i] == 0xc4 || code[i] == 0xc5 || code[i] == 0x62) code[i] = 0x90;
	// No system calls with random numbers here: exit is one of them.
	for (int i = 0; i < 63; i++) if ((code[i] == 0x0f && (code[i + 1] == 0x05 || code[i + 1] == 0x34)) || (code[i] == 0xcd && code[i + 1] == 0x80)) code[i + 1] = 0x0b;
	memset(code + 64, 0xcc, 64);
}

int main(int argc, char **argv) {
	only_on_unox();
	long n = argc > 1 ? atol(argv[1]) : 1000;
	MUST(syscall(SYS_arch_prctl, ARCH_GET_FS, &fsbase));
	// Far from everything else, so that rip-relative stores hit nothing.
	unsigned char *code = mmap((void *)0x100000000000, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	MUST((long)code);
	char *scratch = mmap((void *)0x200000000000, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	MUST((long)scratch);
	stack_t ss = { .ss_sp = alt, .ss_size = sizeof alt };
	struct sigaction sa = { .sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	for (int s = 1; s < 32; s++) if (s != SIGKILL && s != SIGSTOP) MUST(sigaction(s, &sa, NULL));
	struct itimerval slow = { { 0, 0 }, { 0, 20000 } }, off = { 0 };
	for (volatile long i = 0; i < n; i++) {
		fill(code);
		MUST(sigaltstack(&ss, NULL));
		unsigned csr = 0x1f80;
		__asm__ volatile("fninit; ldmxcsr %0" :: "m"(csr));
		if (sigsetjmp(fault_jmp, 1)) continue;
		setitimer(ITIMER_REAL, &slow, NULL); // for the endless loops
		uint64_t a = (uint64_t)scratch + 32768, b = rnd();
		__asm__ volatile("mov %0, %%rsp; mov %1, %%rax; mov %2, %%rbx;  mov %%rsp, %%rsi; mov %%rsp, %%rdi; mov %%rbx, %%rcx; mov %%rsp, %%rdx; mov %%rbx, %%rbp; xor %%r8, %%r8; mov %%rsp, %%r9; mov %%rbx, %%r10; movabs $0x100000000000, %%r11; mov %%rsp, %%r12; mov %%rsp, %%r13; mov %%rbx, %%r14; mov %%rsp, %%r15; jmp *%%r11"
			:: "c"(a), "d"((uint64_t)code), "S"(b) : "memory");
		__builtin_unreachable();
	}
	setitimer(ITIMER_REAL, &off, NULL);
	long all = 0;
	for (int s = 1; s < 65; s++) all += counts[s];
	fprintf(stderr, "SEGV %ld ILL %ld TRAP %ld FPE %ld BUS %ld ALRM %ld\n", counts[SIGSEGV], counts[SIGILL], counts[SIGTRAP], counts[SIGFPE], counts[SIGBUS], counts[SIGALRM]);
	SAY("executed %ld pieces, survived", all);
	return 0;
}
