/* UK_SYSCALL_DEFINE and its relatives (included by uk/syscall.h).
 *
 *   UK_SYSCALL_R_DEFINE(int, frob, int, fd, const char *, name) { ...; return -EINVAL; }
 *
 * defines uk_syscall_r_frob(long, long) around the body, uk_syscall_e_frob, uk_syscall_frob, and frob(int, const char *) as a C library has it. The _R_ families'
 * bodies return a negative errno, the others -1 with errno. The LL families define no libc function, nor do any if UK_LIBC_SYSCALLS is 0. */
#ifndef __UK_BITS_SYSCALL_DEFINE_H__
#define __UK_BITS_SYSCALL_DEFINE_H__

#include <errno.h>

#ifndef UK_LIBC_SYSCALLS
#define UK_LIBC_SYSCALLS 1
#endif

/* How many (type, name) pairs there are, 0 to 6, and lists made of them. */
#define __UK_SC_COUNT_(t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, n, ...) n
#define __UK_SC_COUNT(...) __UK_SC_COUNT_(__VA_ARGS__, 6, 6, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0)
#define __UK_SC_CAT_(a, b) a##b
#define __UK_SC_CAT(a, b) __UK_SC_CAT_(a, b)

#define __UK_SC_TYPED(t, a) t a
#define __UK_SC_LONG(t, a) long a
#define __UK_SC_FROM_LONG(t, a) (t)a
#define __UK_SC_TO_LONG(t, a) (long)a
#define __UK_SC_MAP1(m, t, a) m(t, a)
#define __UK_SC_MAP2(m, t, a, ...) m(t, a), __UK_SC_MAP1(m, __VA_ARGS__)
#define __UK_SC_MAP3(m, t, a, ...) m(t, a), __UK_SC_MAP2(m, __VA_ARGS__)
#define __UK_SC_MAP4(m, t, a, ...) m(t, a), __UK_SC_MAP3(m, __VA_ARGS__)
#define __UK_SC_MAP5(m, t, a, ...) m(t, a), __UK_SC_MAP4(m, __VA_ARGS__)
#define __UK_SC_MAP6(m, t, a, ...) m(t, a), __UK_SC_MAP5(m, __VA_ARGS__)

#if defined(__cplusplus)
#define __UK_SC_C extern "C"
#else
#define __UK_SC_C
#endif

#if UK_LIBC_SYSCALLS
#define __UK_SC_LIBC(rtype, name, typed, values)                                                                                       \
	__UK_SC_C rtype name typed;                                                                                                     \
	__UK_SC_C rtype name typed                                                                                                      \
	{                                                                                                                               \
		return (rtype)uk_syscall_e_##name values;                                                                               \
	}
#else
#define __UK_SC_LIBC(rtype, name, typed, values)
#endif
#define __UK_SC_NOLIBC(rtype, name, typed, values)

/* The body gives a negative errno. */
#define __UK_SC_BODY_R(rtype, name, typed, longs, casts, args)                                                                         \
	static inline rtype __uk_syscall_body_##name typed;                                                                             \
	__UK_SC_C long uk_syscall_r_##name longs;                                                                                       \
	__UK_SC_C long uk_syscall_e_##name longs;                                                                                       \
	__UK_SC_C long uk_syscall_r_##name longs                                                                                        \
	{                                                                                                                               \
		return (long)__uk_syscall_body_##name casts;                                                                            \
	}                                                                                                                               \
	__UK_SC_C long uk_syscall_e_##name longs                                                                                        \
	{                                                                                                                               \
		return __uk_syscall_errno(uk_syscall_r_##name args);                                                                    \
	}
/* The body gives -1 and errno. */
#define __UK_SC_BODY_E(rtype, name, typed, longs, casts, args)                                                                         \
	static inline rtype __uk_syscall_body_##name typed;                                                                             \
	__UK_SC_C long uk_syscall_r_##name longs;                                                                                       \
	__UK_SC_C long uk_syscall_e_##name longs;                                                                                       \
	__UK_SC_C long uk_syscall_e_##name longs                                                                                        \
	{                                                                                                                               \
		return (long)__uk_syscall_body_##name casts;                                                                            \
	}                                                                                                                               \
	__UK_SC_C long uk_syscall_r_##name longs                                                                                        \
	{                                                                                                                               \
		int saved = errno;                                                                                                      \
		long result = uk_syscall_e_##name args;                                                                                 \
		if (result == -1) {                                                                                                     \
			result = -errno;                                                                                                \
			errno = saved;                                                                                                  \
		}                                                                                                                       \
		return result;                                                                                                          \
	}

#define __UK_SC_NAME(t, a) a
#define __UK_SC_DEFINE_0(body, libc, rtype, name)                                                                                      \
	body(rtype, name, (void), (void), (), ()) libc(rtype, name, (void), ()) static inline rtype __uk_syscall_body_##name(void)
#define __UK_SC_DEFINE_N(n, body, libc, rtype, name, ...)                                                                              \
	body(rtype, name, (__UK_SC_CAT(__UK_SC_MAP, n)(__UK_SC_TYPED, __VA_ARGS__)), (__UK_SC_CAT(__UK_SC_MAP, n)(__UK_SC_LONG, __VA_ARGS__)), \
	     (__UK_SC_CAT(__UK_SC_MAP, n)(__UK_SC_FROM_LONG, __VA_ARGS__)), (__UK_SC_CAT(__UK_SC_MAP, n)(__UK_SC_NAME, __VA_ARGS__)))    \
	libc(rtype, name, (__UK_SC_CAT(__UK_SC_MAP, n)(__UK_SC_TYPED, __VA_ARGS__)),                                                    \
	     (__UK_SC_CAT(__UK_SC_MAP, n)(__UK_SC_TO_LONG, __VA_ARGS__)))                                                               \
	static inline rtype __uk_syscall_body_##name(__UK_SC_CAT(__UK_SC_MAP, n)(__UK_SC_TYPED, __VA_ARGS__))

/* UK_SYSCALL_DEFINE(rtype, name) has no pair; two words more tell it from one that has. */
#define __UK_SC_PICK_(r, n, t0, a0, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5, which, ...) which
#define __UK_SC_PICK(...)                                                                                                              \
	__UK_SC_PICK_(__VA_ARGS__, PAIRS, PAIRS, PAIRS, PAIRS, PAIRS, PAIRS, PAIRS, PAIRS, PAIRS, PAIRS, PAIRS, PAIRS, NONE, NONE)
#define __UK_SC_NONE(body, libc, rtype, name) __UK_SC_DEFINE_0(body, libc, rtype, name)
#define __UK_SC_PAIRS(body, libc, rtype, name, ...) __UK_SC_DEFINE_N(__UK_SC_COUNT(__VA_ARGS__), body, libc, rtype, name, __VA_ARGS__)
#define __UK_SC(body, libc, ...) __UK_SC_CAT(__UK_SC_, __UK_SC_PICK(__VA_ARGS__))(body, libc, __VA_ARGS__)

/** A call whose body gives -1 and errno, with its libc function. */
#define UK_SYSCALL_DEFINE(...) __UK_SC(__UK_SC_BODY_E, __UK_SC_LIBC, __VA_ARGS__)
/** A call whose body gives a negative errno, with its libc function. */
#define UK_SYSCALL_R_DEFINE(...) __UK_SC(__UK_SC_BODY_R, __UK_SC_LIBC, __VA_ARGS__)
/** The same two without a libc function. */
#define UK_LLSYSCALL_DEFINE(...) __UK_SC(__UK_SC_BODY_E, __UK_SC_NOLIBC, __VA_ARGS__)
#define UK_LLSYSCALL_R_DEFINE(...) __UK_SC(__UK_SC_BODY_R, __UK_SC_NOLIBC, __VA_ARGS__)

#endif /* __UK_BITS_SYSCALL_DEFINE_H__ */
