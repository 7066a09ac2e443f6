// setjmp and sigsetjmp across everything, exit handlers in their order, assert, abort's way, variable arguments, alloca.
// unox-case: exit args="exit"
// unox-case: quick args="quick"
// unox-case: raw args="raw"
// unox-case: abort args="abort"
// unox-case: assert args="assert"
#include "../../guest/check.h"
#include <alloca.h>
#include <assert.h>
#include <fenv.h>

static jmp_buf jump;
static sigjmp_buf masked;
static void deep(int n) { volatile char room[256]; room[0] = (char)n; if (!n) longjmp(jump, 7); deep(n - 1); room[1] = 1; }
static void on_signal(int s) { siglongjmp(masked, s); }

static void jumps(void) {
	volatile int local = 1;
	int r = setjmp(jump);
	SAY("setjmp %d, local %d", r, local);
	if (r == 0) local = 2, deep(50);
	if (r == 7) longjmp(jump, 0);
	for (int keep = 0; keep < 2; keep++) {
		sigset_t set;
		sigemptyset(&set), sigprocmask(SIG_SETMASK, &set, NULL), signal(SIGUSR1, on_signal);
		if (!(r = sigsetjmp(masked, keep))) raise(SIGUSR1);
		sigprocmask(SIG_SETMASK, NULL, &set);
		SAY("sigsetjmp(%d) %s, masked %d", keep, signame(r), sigismember(&set, SIGUSR1));
	}
	sigset_t none;
	sigemptyset(&none), sigprocmask(SIG_SETMASK, &none, NULL);
	// Many times, so that a preemption falls into each part of it; the floating-point environment is not part of it.
	long sum = 0;
	for (volatile int i = 0; i < 100000; i++) { if (!setjmp(jump)) longjmp(jump, i + 1); else sum += i; }
	SHOW(sum);
	fesetround(FE_UPWARD);
	if (!setjmp(jump)) fesetround(FE_DOWNWARD), longjmp(jump, 1);
	SHOW(fegetround() == FE_DOWNWARD), fesetround(FE_TONEAREST);
}

static double sum(const char *kinds, ...) {
	va_list a, b;
	double s = 0;
	va_start(a, kinds), va_copy(b, a);
	for (const char *k = kinds; *k; k++) s += *k == 'i' ? va_arg(a, int) : *k == 'd' ? va_arg(a, double) : *k == 'l' ? (double)va_arg(a, long long) : (double)va_arg(a, long double);
	s += *kinds == 'i' ? va_arg(b, int) : 0;
	va_end(a), va_end(b);
	return s;
}

static void *stack(void *p) {
	size_t n = (size_t)p;
	char *a = alloca(n);
	memset(a, 1, n);
	long s = 0;
	for (size_t i = 0; i < n; i++) s += a[i];
	return (void *)s;
}

static void h1(void) { SAY("handler 1"); }
static void h2(void) { SAY("handler 2"), atexit(h1); }
static void q1(void) { SAY("quick handler"), fflush(stdout); }
static __attribute__((destructor)) void destructor(void) { SAY("destructor"); }

int main(int argc, char **argv) {
	jumps();
	SAY("%g %g", sum("idlLidiidd", 1, 2.5, 3LL, 4.5L, 5, 6.5, 7, 8, 9.5, 10.5), sum("ddddddddddl", 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11LL));
	pthread_t t;
	pthread_attr_t at;
	void *r;
	pthread_attr_init(&at), RET(pthread_attr_setstacksize(&at, 1 << 20)), pthread_create(&t, &at, stack, (void *)(900 * 1024)), pthread_join(t, &r), SHOW((long)r);
	for (int i = 0; i < 40; i++) if (atexit(i ? h1 : h2)) SAY("atexit failed at %d", i);
	at_quick_exit(q1);
	const char *how = argc > 1 ? argv[1] : "";
	if (!strcmp(how, "exit")) exit(258);
	fflush(stdout);
	if (!strcmp(how, "quick")) quick_exit(4);
	if (!strcmp(how, "raw")) _Exit(5);
	if (!strcmp(how, "abort")) { signal(SIGABRT, SIG_IGN); abort(); }
#line 1 "jumps.c"
	if (!strcmp(how, "assert")) assert(argc == 17);
	return 6;
}
