/* System calls of musl on unox: direct calls of the kernel's C functions.
 *
 * Nearly every call in musl names its number, so the function is known when the file is compiled: the switch below folds to one call, and the linker
 * keeps only the functions that someone names. What is known only at run time, syscall(2) of an application say, goes through uk_syscall6_r, which
 * brings the whole table into the image.
 *
 * The functions are declared without a prototype on purpose: the kernel takes six registers and looks only at those that the call has, so passing
 * fewer is sound, and each use below casts to what it passes. */

#define __SYSCALL_LL_E(x) (x)
#define __SYSCALL_LL_O(x) (x)

#define __UK_INLINE static __inline __attribute__((__always_inline__, __unused__))

/* uk_calls.h is made from musl's own list of numbers: a line __UK_CALL(number, name) for each. */
#define __UK_CALL(number, name) void uk_syscall_##name(void);
#include "uk_calls.h"
#undef __UK_CALL

/* Calls that read or write a word and neither sleep nor are restarted have a shorter way in; tracing sees only the other one. */
#ifndef UK_SYSCALLS_TRACED
#define __UK_LIGHT \
	__UK_CALL(39, getpid) __UK_CALL(186, gettid) __UK_CALL(110, getppid) __UK_CALL(102, getuid) __UK_CALL(107, geteuid) \
	__UK_CALL(104, getgid) __UK_CALL(108, getegid) __UK_CALL(111, getpgrp) __UK_CALL(228, clock_gettime) __UK_CALL(96, gettimeofday) \
	__UK_CALL(201, time) __UK_CALL(309, getcpu) __UK_CALL(95, umask)
#define __UK_CALL(number, name) void uk_light_##name(void);
__UK_LIGHT
#undef __UK_CALL
#endif

long uk_syscall6_r(long, long, long, long, long, long, long);

typedef void __uk_call(void);

/* The function of a constant number; null when the number is not constant or not musl's. */
__UK_INLINE __uk_call *__uk_function(long n)
{
	if (!__builtin_constant_p(n)) return 0;
#ifdef __UK_LIGHT
	switch (n) {
#define __UK_CALL(number, name) case number: return uk_light_##name;
	__UK_LIGHT
#undef __UK_CALL
	}
#endif
	switch (n) {
#define __UK_CALL(number, name) case number: return uk_syscall_##name;
#include "uk_calls.h"
#undef __UK_CALL
	}
	return 0;
}

/* As above for a cancellation point, which needs a whole context: its address as an argument of __syscall_cp. */
__UK_INLINE long __uk_cancellable(long n)
{
	switch (n) {
#define __UK_CALL(number, name) case number: return (long)uk_syscall_##name;
#include "uk_calls.h"
#undef __UK_CALL
	}
	return 0;
}

/* Locks wait and wake and want nothing else of futex(2): functions of their own spare most images the rest of it. The operation is known but for the
 * bit that says whether the lock is private. */
long uk_call_futex_wait(long, long, long);
long uk_call_futex_wake(long, long, long);
/* Memory for thread-local data, likewise without the rest of mmap(2). */
long uk_anonymous_pages(long);
#define __UK_FUTEX(n, op, command) \
	(__builtin_constant_p(n) && (n) == 202 && __builtin_constant_p((op) & ~128L) && ((op) & ~128L) == (command))

__UK_INLINE long __syscall0(long n)
{
	__uk_call *f = __uk_function(n);
	return __builtin_constant_p(n) && f ? ((long (*)(void))f)() : uk_syscall6_r(n, 0, 0, 0, 0, 0, 0);
}

__UK_INLINE long __syscall1(long n, long a)
{
	__uk_call *f = __uk_function(n);
	return __builtin_constant_p(n) && f ? ((long (*)(long))f)(a) : uk_syscall6_r(n, a, 0, 0, 0, 0, 0);
}

__UK_INLINE long __syscall2(long n, long a, long b)
{
	__uk_call *f = __uk_function(n);
	return __builtin_constant_p(n) && f ? ((long (*)(long, long))f)(a, b) : uk_syscall6_r(n, a, b, 0, 0, 0, 0);
}

__UK_INLINE long __syscall3(long n, long a, long b, long c)
{
	if (__UK_FUTEX(n, b, 1)) return uk_call_futex_wake(a, b, c);
	__uk_call *f = __uk_function(n);
	return __builtin_constant_p(n) && f ? ((long (*)(long, long, long))f)(a, b, c) : uk_syscall6_r(n, a, b, c, 0, 0, 0);
}

__UK_INLINE long __syscall4(long n, long a, long b, long c, long d)
{
	if (__UK_FUTEX(n, b, 0) && __builtin_constant_p(d) && !d) return uk_call_futex_wait(a, b, c);
	__uk_call *f = __uk_function(n);
	return __builtin_constant_p(n) && f ? ((long (*)(long, long, long, long))f)(a, b, c, d) : uk_syscall6_r(n, a, b, c, d, 0, 0);
}

__UK_INLINE long __syscall5(long n, long a, long b, long c, long d, long e)
{
	__uk_call *f = __uk_function(n);
	return __builtin_constant_p(n) && f ? ((long (*)(long, long, long, long, long))f)(a, b, c, d, e) : uk_syscall6_r(n, a, b, c, d, e, 0);
}

__UK_INLINE long __syscall6(long n, long a, long b, long c, long d, long e, long g)
{
	if (__builtin_constant_p(n) && n == 9 && __builtin_constant_p(a) && !a && __builtin_constant_p(c) && c == 3
	    && __builtin_constant_p(d) && d == 0x22)
		return uk_anonymous_pages(b);
	__uk_call *f = __uk_function(n);
	return __builtin_constant_p(n) && f ? ((long (*)(long, long, long, long, long, long))f)(a, b, c, d, e, g) : uk_syscall6_r(n, a, b, c, d, e, g);
}

/* No vDSO: clock_gettime is a function call already. */

#define IPC_64 0
