/* Messages of the kernel side: libraries and ports say what happens, by level, on descriptor 2.
 *
 * Levels above the configured one (CONFIG_LIBUKDEBUG_PRINTK_*) are compiled out; of what is left, uk_print_level (set by the word
 * `ukdebug.level=N` on the command line) says what is shown. A source that defines UK_DEBUG before its first include has its debug messages in.
 * Formats are those of printf(3) without floating point, unless CONFIG_LIBUKDEBUG_FORMAT_LIBC lets the C library do it. */
#ifndef __UK_PRINT_H__
#define __UK_PRINT_H__

#include <stdarg.h>
#include <uk/config.h>
#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Levels. */
#define KLVL_CRIT 0  /* cannot go on */
#define KLVL_ERR 1   /* something failed */
#define KLVL_WARN 2  /* something is not as it should be */
#define KLVL_INFO 3  /* what is going on */
#define KLVL_DEBUG 4 /* what the author wanted to see */

/** The greatest level that is compiled in. */
#if defined(UK_DEBUG) || defined(CONFIG_LIBUKDEBUG_PRINTK_DEBUG) || defined(CONFIG_LIBUKDEBUG_PRINTD)
#define KLVL_MAX KLVL_DEBUG
#elif defined(CONFIG_LIBUKDEBUG_PRINTK_INFO)
#define KLVL_MAX KLVL_INFO
#elif defined(CONFIG_LIBUKDEBUG_PRINTK_WARN)
#define KLVL_MAX KLVL_WARN
#elif defined(CONFIG_LIBUKDEBUG_PRINTK_ERR)
#define KLVL_MAX KLVL_ERR
#else
#define KLVL_MAX KLVL_CRIT
#endif

/* Who speaks: the build says the library and the file. */
#ifdef __LIBNAME__
#define __UK_PRINT_LIB STRINGIFY(__LIBNAME__)
#else
#define __UK_PRINT_LIB ((const char *)0)
#endif
#ifdef __BASENAME__
#define __UK_PRINT_SRC STRINGIFY(__BASENAME__)
#else
#define __UK_PRINT_SRC __FILE__
#endif

/** The greatest level that is shown, of those compiled in. */
extern int uk_print_level;

/** What uk_vprintk() calls: prints one message with its head (time, level, library, file and line). */
void _uk_vprintk(int lvl, const char *libname, const char *srcname, unsigned int srcline, const char *fmt, va_list ap) __printf(5, 0);
/** What uk_printk() calls. */
void _uk_printk(int lvl, const char *libname, const char *srcname, unsigned int srcline, const char *fmt, ...) __printf(5, 6);

/** Formats into `buf` as vsnprintf(3) does (without floating point); works without a C library. */
int uk_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);
/** Formats into `buf` as snprintf(3) does (without floating point); works without a C library. */
int uk_snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/**
 * Prints a message.
 * @param lvl  one of KLVL_*
 * @param ...  format and its arguments; the newline is the caller's
 */
#define uk_printk(lvl, ...)                                                                                                            \
	do {                                                                                                                            \
		if ((lvl) <= KLVL_MAX)                                                                                                  \
			_uk_printk((lvl), __UK_PRINT_LIB, __UK_PRINT_SRC, __LINE__, __VA_ARGS__);                                       \
	} while (0)

/** uk_printk() with a va_list. */
#define uk_vprintk(lvl, fmt, ap)                                                                                                       \
	do {                                                                                                                            \
		if ((lvl) <= KLVL_MAX)                                                                                                  \
			_uk_vprintk((lvl), __UK_PRINT_LIB, __UK_PRINT_SRC, __LINE__, (fmt), (ap));                                      \
	} while (0)

/** uk_printk() the first time it is passed, nothing afterwards. */
#define uk_printk_once(lvl, ...)                                                                                                       \
	do {                                                                                                                            \
		static int __uk_said;                                                                                                   \
		if ((lvl) <= KLVL_MAX && !__atomic_exchange_n(&__uk_said, 1, __ATOMIC_RELAXED))                                         \
			uk_printk((lvl), __VA_ARGS__);                                                                                  \
	} while (0)
#define uk_vprintk_once(lvl, fmt, ap)                                                                                                  \
	do {                                                                                                                            \
		static int __uk_said;                                                                                                   \
		if ((lvl) <= KLVL_MAX && !__atomic_exchange_n(&__uk_said, 1, __ATOMIC_RELAXED))                                         \
			uk_vprintk((lvl), (fmt), (ap));                                                                                 \
	} while (0)

#define uk_pr_crit(...) uk_printk(KLVL_CRIT, __VA_ARGS__)
#define uk_pr_err(...) uk_printk(KLVL_ERR, __VA_ARGS__)
#define uk_pr_warn(...) uk_printk(KLVL_WARN, __VA_ARGS__)
#define uk_pr_info(...) uk_printk(KLVL_INFO, __VA_ARGS__)
#define uk_pr_debug(...) uk_printk(KLVL_DEBUG, __VA_ARGS__)
#define uk_pr_crit_once(...) uk_printk_once(KLVL_CRIT, __VA_ARGS__)
#define uk_pr_err_once(...) uk_printk_once(KLVL_ERR, __VA_ARGS__)
#define uk_pr_warn_once(...) uk_printk_once(KLVL_WARN, __VA_ARGS__)
#define uk_pr_info_once(...) uk_printk_once(KLVL_INFO, __VA_ARGS__)
#define uk_pr_debug_once(...) uk_printk_once(KLVL_DEBUG, __VA_ARGS__)

/* Names of older ports. */
#define uk_printd(...) uk_printk(KLVL_DEBUG, __VA_ARGS__)
#define uk_printd_once(...) uk_printk_once(KLVL_DEBUG, __VA_ARGS__)
#define uk_vprintd(fmt, ap) uk_vprintk(KLVL_DEBUG, fmt, ap)

#ifdef __cplusplus
}
#endif

#endif /* __UK_PRINT_H__ */
