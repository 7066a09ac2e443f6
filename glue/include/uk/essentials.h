/* Small things that every header and most sources need: attributes, arithmetic on constants, stringizing. */
#ifndef __UK_ESSENTIALS_H__
#define __UK_ESSENTIALS_H__

#include <stddef.h>
#include <stdint.h>

/* Attributes. A C library may have some of these names. */
#ifndef __unused
#define __unused __attribute__((unused))
#endif
#ifndef __maybe_unused
#define __maybe_unused __attribute__((unused))
#endif
#ifndef __used
#define __used __attribute__((used))
#endif
#ifndef __packed
#define __packed __attribute__((packed))
#endif
#ifndef __align
#define __align(n) __attribute__((aligned(n)))
#endif
#ifndef __weak
#define __weak __attribute__((weak))
#endif
#ifndef __noreturn
#define __noreturn __attribute__((noreturn))
#endif
#ifndef __noinline
#define __noinline __attribute__((noinline))
#endif
#ifndef __alwaysinline
#define __alwaysinline inline __attribute__((always_inline))
#endif
#ifndef __malloc
#define __malloc __attribute__((malloc))
#endif
#ifndef __section
#define __section(name) __attribute__((section(name)))
#endif
#ifndef __printf
#define __printf(fmt, args) __attribute__((format(printf, (fmt), (args))))
#endif
#ifndef __constructor
#define __constructor __attribute__((constructor))
#endif

#ifndef likely
#define likely(x) (__builtin_expect(!!(x), 1))
#endif
#ifndef unlikely
#define unlikely(x) (__builtin_expect(!!(x), 0))
#endif
#ifndef barrier
#define barrier() __asm__ __volatile__("" : : : "memory")
#endif

/* Text and names made by the preprocessor. */
#define __STRINGIFY(x) #x
#ifndef STRINGIFY
#define STRINGIFY(x) __STRINGIFY(x)
#endif
#define __UK_CONCAT(a, b) a##b
#define UK_CONCAT(a, b) __UK_CONCAT(a, b)

/* Arithmetic. The alignments are powers of two. */
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(x) (sizeof(x) / sizeof((x)[0]))
#endif
#ifndef MIN
#define MIN(a, b) ({ __typeof__(a) __a = (a); __typeof__(b) __b = (b); __a < __b ? __a : __b; })
#endif
#ifndef MAX
#define MAX(a, b) ({ __typeof__(a) __a = (a); __typeof__(b) __b = (b); __a > __b ? __a : __b; })
#endif
#ifndef ALIGN_UP
#define ALIGN_UP(v, a) (((v) + (a) - 1) & ~((__typeof__(v))(a) - 1))
#endif
#ifndef ALIGN_DOWN
#define ALIGN_DOWN(v, a) ((v) & ~((__typeof__(v))(a) - 1))
#endif
#ifndef DIV_ROUND_UP
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#endif
#ifndef POWER_OF_2
#define POWER_OF_2(n) ((n) && ((n) & ((n) - 1)) == 0)
#endif
#ifndef __containerof
#define __containerof(ptr, type, member)                                                                                               \
	({                                                                                                                              \
		const __typeof__(((type *)0)->member) *__member = (ptr);                                                                \
		(type *)((char *)__member - offsetof(type, member));                                                                    \
	})
#endif
#ifndef UK_CTASSERT
#ifdef __cplusplus
#define UK_CTASSERT(x) static_assert(x, #x)
#else
#define UK_CTASSERT(x) _Static_assert(x, #x)
#endif
#endif

/* The types that ports' glue code uses. */
typedef uintptr_t __uptr;
typedef intptr_t __sptr;
typedef size_t __sz;
typedef long __ssz;
typedef uint8_t __u8;
typedef uint16_t __u16;
typedef uint32_t __u32;
typedef uint64_t __u64;
typedef int8_t __s8;
typedef int16_t __s16;
typedef int32_t __s32;
typedef int64_t __s64;
/** Nanoseconds. */
typedef uint64_t __nsec;
typedef uintptr_t __vaddr_t;
typedef uintptr_t __paddr_t;

#endif /* __UK_ESSENTIALS_H__ */
