/* The end of a program that found itself wrong. */
#include <uk/assert.h>
#include <uk/bits/light.h>
#include <uk/bits/syscalls.h>
#include <uk/print.h>

#include "format.h"

#define SIGABRT 6
#define SIG_UNBLOCK 1

/* The kernel's struct sigaction. */
struct action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

void uk_abort(void)
{
	unsigned long mask = 1UL << (SIGABRT - 1);
	struct action none = {0};
	uk_syscall_rt_sigprocmask(SIG_UNBLOCK, (long)&mask, 0, sizeof(mask));
	/* First with the program's handler, if it has one; when that returns, without. */
	uk_syscall_tgkill(uk_light_getpid(), uk_light_gettid(), SIGABRT);
	uk_syscall_rt_sigaction(SIGABRT, (long)&none, 0, sizeof(none.mask));
	uk_syscall_tgkill(uk_light_getpid(), uk_light_gettid(), SIGABRT);
	for (;;)
		uk_syscall_exit_group(127);
}

void _uk_assert_fail(const char *what, const char *libname, const char *file, unsigned int line, const char *function)
{
	_uk_printk(KLVL_CRIT, libname, file, line, "Assertion failure: %s (%s, line %u, %s())\n", what, file, line, function);
	uk_abort();
}

void _uk_crash(const char *libname, const char *file, unsigned int line, const char *function, const char *fmt, ...)
{
	va_list ap;
	_uk_printk(KLVL_CRIT, libname, file, line, "Crash in %s() (%s, line %u)\n", function, file, line);
	va_start(ap, fmt);
	_uk_vprintk(KLVL_CRIT, libname, file, line, fmt, ap);
	va_end(ap);
	uk_abort();
}
