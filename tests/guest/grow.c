// Stacks: growth on demand, MAP_GROWSDOWN, the limit, overflow caught on an alternate stack.
#include "check.h"

static volatile int depth;
static __attribute__((noinline)) int deep(int n) {
	volatile char frame[1024];
	frame[0] = (char)n;
	depth = n;
	int r = n ? deep(n - 1) : 0;
	return r + frame[0] * 0;
}

static __attribute__((noinline)) int endless(int n) {
	volatile char frame[4096];
	frame[n & 4095] = (char)n;
	return endless(n + 1) + frame[5];
}

int main(void) {
	fault_init();
	struct rlimit r;
	MUST(getrlimit(RLIMIT_STACK, &r));
	SHOW(r.rlim_cur);
	SHOW(deep(6000)); // 6 MiB of 8
	r.rlim_cur = 1 << 20;
	MUST(setrlimit(RLIMIT_STACK, &r));
	fault_armed = 1;
	if (!sigsetjmp(fault_jmp, 1)) endless(0);
	SAY("overflow: %s %s", signame(fault_info.si_signo), codename(fault_info.si_signo, fault_info.si_code));
	SHOW(((char *)__builtin_frame_address(0) - (char *)fault_info.si_addr) > 0);
	fault_armed = 1;
	if (!sigsetjmp(fault_jmp, 1)) endless(0); // and once more
	SAY("again: %s", signame(fault_info.si_signo));

	// GROWSDOWN: 16 pages of room below one page.
	r.rlim_cur = 8 << 20;
	MUST(setrlimit(RLIMIT_STACK, &r));
	char *room = mmap(NULL, 512 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(munmap(room, 512 * PAGE));
	char *top = room + 511 * PAGE;
	SHOW(mmap(top, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0) == top);
	fault_base = top;
	FAULT(POKE(top - 1, 1));
	FAULT(POKE(top - PAGE - 1, 1));
	FAULT(PEEK(top - 5 * PAGE)); // a jump over several pages
	SHOW(top[-4 * PAGE]);
	FAULT(POKE(top - 20 * PAGE, 1));
	SHOW(top[-1]);
	// Threads have guard pages, that do not grow.
	pthread_attr_t a;
	pthread_attr_init(&a);
	size_t guard, size;
	pthread_attr_getguardsize(&a, &guard);
	pthread_attr_getstacksize(&a, &size);
	SHOW(guard); SHOW(size);
	return 0;
}
