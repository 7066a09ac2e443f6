/* System calls as functions, and how a library adds one of its own.
 *
 * The kernel's calls are C functions, one for each name (uk/bits/syscalls.h, generated from the kernel's table):
 *   uk_syscall_NAME(...)    a negative errno for an error
 *   uk_syscall_r_NAME(...)  the same, under the name that ports use
 *   uk_syscall_e_NAME(...)  -1 and errno for an error
 * Arguments and results are `long`: pointers are cast. What nobody calls is not linked. Calls by a variable number (uk_syscall(), uk_syscall_r())
 * bring every call into the image.
 *
 * A library may provide a call that the kernel does not have; its name is then a function, not a number. */
#ifndef __UK_SYSCALL_H__
#define __UK_SYSCALL_H__

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <uk/bits/syscalls.h>
#include <uk/bits/syscall_define.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A call by its number: a negative errno for an error. Brings every call into the image. */
long uk_syscall6_r(long nr, long arg1, long arg2, long arg3, long arg4, long arg5, long arg6);

/** A call by its number: -1 and errno for an error. */
static inline long uk_syscall6(long nr, long arg1, long arg2, long arg3, long arg4, long arg5, long arg6)
{
	return __uk_syscall_errno(uk_syscall6_r(nr, arg1, arg2, arg3, arg4, arg5, arg6));
}
#define uk_syscall6_e(...) uk_syscall6(__VA_ARGS__)

#define __UK_SYSCALL_FILL(fn, nr, a, b, c, d, e, f, ...) fn((nr), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
/** uk_syscall(nr, arguments...): -1 and errno for an error. */
#define uk_syscall(...) __UK_SYSCALL_FILL(uk_syscall6, __VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
/** uk_syscall_r(nr, arguments...): a negative errno for an error. */
#define uk_syscall_r(...) __UK_SYSCALL_FILL(uk_syscall6_r, __VA_ARGS__, 0, 0, 0, 0, 0, 0, 0)
#define uk_syscall_e(...) uk_syscall(__VA_ARGS__)
#define uk_syscall_static(...) uk_syscall(__VA_ARGS__)
#define uk_syscall_r_static(...) uk_syscall_r(__VA_ARGS__)

#ifdef __cplusplus
}
#endif

#endif /* __UK_SYSCALL_H__ */
