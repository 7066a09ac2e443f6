/* Messages: the head of a line, and where it goes. */
#include <uk/bits/syscalls.h>
#include <uk/libparam.h>
#include <uk/plat/time.h>
#include <uk/print.h>

#include "format.h"
#if CONFIG_LIBUKDEBUG_FORMAT_LIBC
#include <stdio.h>
#endif

/* As in config.c of ukboot, whose constant the kernel reads. */
#if CONFIG_LIBUKDEBUG_PRINTK_DEBUG || CONFIG_LIBUKDEBUG_PRINTD
int uk_print_level = KLVL_DEBUG;
#elif CONFIG_LIBUKDEBUG_PRINTK_INFO
int uk_print_level = KLVL_INFO;
#elif CONFIG_LIBUKDEBUG_PRINTK_WARN
int uk_print_level = KLVL_WARN;
#elif CONFIG_LIBUKDEBUG_PRINTK_ERR
int uk_print_level = KLVL_ERR;
#else
int uk_print_level = KLVL_CRIT;
#endif

#if CONFIG_LIBUKLIBPARAM
UK_LIBPARAM_PARAM_ALIAS(level, &uk_print_level, int, "Greatest level of messages that is shown, 0 (critical) to 4 (debug)");
#endif

/* One message is one write, so that the lines of several threads do not mix; longer ones are written in pieces. */
#define MESSAGE 512

static void flush(struct uk_format *out)
{
	size_t done = 0;
	while (done < out->used) {
		long n = uk_syscall_write(2, (long)(out->buf + done), (long)(out->used - done));
		if (n <= 0 && n != -EINTR)
			break; /* nobody listens: what is a message's sender to do about it */
		done += n > 0 ? (size_t)n : 0;
	}
	out->used = 0;
}

static void format(struct uk_format *out, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	uk_format(out, fmt, ap);
	va_end(ap);
}

static void head(struct uk_format *out, int lvl, const char *libname, const char *srcname, unsigned int srcline)
{
	static const char *const names[] = {"CRIT", "ERR", "Warn", "Info", "dbg"};
	const char *level = lvl >= KLVL_CRIT && lvl <= KLVL_DEBUG ? names[lvl] : "???";
#if CONFIG_LIBUKDEBUG_PRINT_TIME
	__nsec now = ukplat_monotonic_clock();
	format(out, "[%5lu.%06lu] ", (unsigned long)ukarch_time_nsec_to_sec(now), (unsigned long)(ukarch_time_subsec(now) / 1000));
#endif
	format(out, "%s: ", level);
	if (libname)
		format(out, "[%s] ", libname);
#if CONFIG_LIBUKDEBUG_PRINT_SRCNAME
	if (srcname) {
		for (const char *p = srcname; *p; p++) /* without its directory */
			srcname = *p == '/' ? p + 1 : srcname;
		format(out, "<%s @ %u> ", srcname, srcline);
	}
#else
	(void)srcname;
	(void)srcline;
#endif
}

void _uk_vprintk(int lvl, const char *libname, const char *srcname, unsigned int srcline, const char *fmt, va_list ap)
{
	char buf[MESSAGE];
	struct uk_format out = {.buf = buf, .size = sizeof(buf), .flush = flush};
	if (lvl > uk_print_level)
		return;
	head(&out, lvl, libname, srcname, srcline);
#if CONFIG_LIBUKDEBUG_FORMAT_LIBC
	int len = vsnprintf(buf + out.used, sizeof(buf) - out.used, fmt, ap);
	size_t room = sizeof(buf) - out.used - 1;
	out.used += len < 0 ? 0 : (size_t)len < room ? (size_t)len : room;
#else
	uk_format(&out, fmt, ap);
#endif
	flush(&out);
}

void _uk_printk(int lvl, const char *libname, const char *srcname, unsigned int srcline, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	_uk_vprintk(lvl, libname, srcname, srcline, fmt, ap);
	va_end(ap);
}
