/* Random numbers of the kernel's generator: good for keys. */
#ifndef __UK_RANDOM_H__
#define __UK_RANDOM_H__

#include <uk/bits/syscalls.h>
#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Fills `buf`. 0, or a negative errno. */
static inline int uk_random_fill_buffer(void *buf, size_t len)
{
	char *at = (char *)buf;
	while (len) {
		long got = uk_syscall_getrandom((long)at, (long)len, 0);
		if (got < 0)
			return (int)got;
		at += got;
		len -= (size_t)got;
	}
	return 0;
}
static inline uint32_t uk_random_u32(void)
{
	uint32_t value = 0;
	uk_random_fill_buffer(&value, sizeof(value));
	return value;
}
static inline uint64_t uk_random_u64(void)
{
	uint64_t value = 0;
	uk_random_fill_buffer(&value, sizeof(value));
	return value;
}

#ifdef __cplusplus
}
#endif

#endif /* __UK_RANDOM_H__ */
