// Faults of every kind: signal, si_code, address; system calls get EFAULT for the same addresses.
#include "check.h"
#include <ucontext.h>

static greg_t err, trapno;
static void grab(int s, siginfo_t *i, void *c) {
	(void)s;
	ucontext_t *u = c;
	fault_info = *i;
	err = u->uc_mcontext.gregs[REG_ERR];
	trapno = u->uc_mcontext.gregs[REG_TRAPNO];
	siglongjmp(fault_jmp, 1);
}
#define HW(stmt) do { err = trapno = 0; FAULT(stmt); SAY("  trap %lld error %#llx", (long long)trapno, (long long)err); } while (0)

int main(void) {
	fault_init();
	struct sigaction sa = { .sa_sigaction = grab, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	const int sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	for (size_t i = 0; i < COUNT(sigs); i++) MUST(sigaction(sigs[i], &sa, NULL));
	const int rw = PROT_READ | PROT_WRITE;
	char *p = mmap(NULL, 3 * PAGE, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(mprotect(p + PAGE, PAGE, PROT_NONE));
	MUST(munmap(p + 2 * PAGE, PAGE));
	fault_base = p;
	HW(PEEK((char *)0));
	HW(POKE((char *)8, 1));
	HW(PEEK((char *)4095));
	HW(PEEK(p + PAGE + 3));
	HW(POKE(p + PAGE + 3, 1));
	HW(PEEK(p + 2 * PAGE + 5));
	HW(POKE(p + 2 * PAGE + 5, 1));
	HW(*(volatile long *)(p + PAGE - 4)); // across the border: the address of the second part
	HW(*(volatile long *)(p + PAGE - 4) = 1);
	HW(((void (*)(void))p)());
	HW(((void (*)(void))0)());
	HW(((void (*)(void))16)());
	HW(PEEK((char *)0x0000800000000000)); // not canonical: no page fault, no address
	HW(POKE((char *)0x1234567812345678, 1));
	HW(((void (*)(void))0x8000000000000000)());
	HW(PEEK((char *)-1L)); // the kernel's half
	HW(POKE((char *)0xffffffff80000000, 1));
	HW(PEEK((char *)0xffff888000000000));
	HW(((void (*)(void))0xffffffff80000000)());
	HW(__asm__ volatile("cltd; idivl %0" :: "r"(0), "a"(1) : "rdx"));
	HW(__asm__ volatile("cltd; idivl %0" :: "r"(-1), "a"(INT_MIN) : "rdx"));
	HW(__asm__ volatile("ud2"));
	HW(__asm__ volatile("int3"));
	HW(__asm__ volatile(".byte 0xcd, 0x03"));
	HW(__asm__ volatile("pushf; orq $0x100,(%%rsp); popf; nop" ::: "memory"));
	HW(__asm__ volatile("hlt"));
	HW(__asm__ volatile("mov %0, %%ss" :: "r"(0x10)));
	HW(__asm__ volatile("mov %0, %%ds" :: "r"(0xfff8)));
	// x87 with division by zero unmasked.
	unsigned short cw = 0x37b;
	HW(__asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait" :: "m"(cw)));
	__asm__ volatile("fninit");
	// The same addresses in system calls.
	int fd = MUST(open("/dev/zero", O_RDWR));
	ERR(read(fd, NULL, 1));
	ERR(read(fd, p + PAGE, 1));
	ERR(read(fd, p + PAGE - 10, 20));
	ERR(read(fd, (void *)0x1234567812345678, 1));
	ERR(read(fd, (void *)0xffffffff80000000, 1));
	ERR(read(fd, (void *)-1L, 1));
	ERR(open(NULL, O_RDONLY));
	ERR(open((char *)-1L, O_RDONLY));
	ERR(open(p + PAGE, O_RDONLY));
	memset(p, 'a', PAGE);
	ERR(open(p + PAGE - 5, O_RDONLY)); // not ended before the bad page
	ERR(pipe((void *)8));
	ERR(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, p + 2 * PAGE));
	ERR(syscall(SYS_uname, 0xffffffff80000000));
	return 0;
}
