/* Assertions: what must hold is checked, what does not is told with file, line and function, and the program ends as by abort(3). */
#ifndef __UK_ASSERT_H__
#define __UK_ASSERT_H__

#include <uk/config.h>
#include <uk/essentials.h>
#include <uk/print.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Ends the program by SIGABRT, with or without a C library. Never returns. */
__noreturn void uk_abort(void);

/** Says which assertion failed, then uk_abort(). */
__noreturn void _uk_assert_fail(const char *what, const char *libname, const char *file, unsigned int line, const char *function);
/** Says where and why the program gives up (format as uk_printk), then uk_abort(). */
__noreturn void _uk_crash(const char *libname, const char *file, unsigned int line, const char *function, const char *fmt, ...) __printf(5, 6);

/** Ends the program unless `x` holds. Compiled out without CONFIG_LIBUKDEBUG_ENABLE_ASSERT; `x` is then not evaluated. */
#ifdef CONFIG_LIBUKDEBUG_ENABLE_ASSERT
#define UK_ASSERT(x)                                                                                                                   \
	do {                                                                                                                            \
		if (unlikely(!(x)))                                                                                                     \
			_uk_assert_fail(#x, __UK_PRINT_LIB, __UK_PRINT_SRC, __LINE__, __func__);                                        \
	} while (0)
#else
#define UK_ASSERT(x)                                                                                                                   \
	do {                                                                                                                            \
		(void)sizeof(!(x));                                                                                                     \
	} while (0)
#endif

/** Gives up: says why, then ends the program. Always compiled in. */
#define UK_CRASH(...) _uk_crash(__UK_PRINT_LIB, __UK_PRINT_SRC, __LINE__, __func__, __VA_ARGS__)

/** Ends the program if `x` holds. Always compiled in. */
#define UK_BUGON(x)                                                                                                                    \
	do {                                                                                                                            \
		if (unlikely(x))                                                                                                        \
			UK_CRASH("%s\n", "BUG: " #x);                                                                                   \
	} while (0)
#define UK_BUG() UK_CRASH("%s\n", "BUG")

/** Says so if `x` holds, and goes on. */
#define UK_WARNIF(x)                                                                                                                   \
	do {                                                                                                                            \
		if (unlikely(x))                                                                                                        \
			uk_pr_warn("Condition %s is true in %s()\n", #x, __func__);                                                     \
	} while (0)

#ifdef __cplusplus
}
#endif

#endif /* __UK_ASSERT_H__ */
