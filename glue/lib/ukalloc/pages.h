/* Memory from the kernel, for the allocators. */
#ifndef UKALLOC_PAGES_H
#define UKALLOC_PAGES_H

#include <uk/bits/syscalls.h>
#include <uk/essentials.h>

#define UK_PROT_READ_WRITE 3
#define UK_MAP_PRIVATE_ANONYMOUS 0x22

/** Zeroed memory of whole pages, or NULL. It costs nothing until it is touched. */
static inline void *uk_pages_map(size_t size)
{
	long at = uk_syscall_mmap(0, (long)size, UK_PROT_READ_WRITE, UK_MAP_PRIVATE_ANONYMOUS, -1, 0);
	return at < 0 && at >= -4095 ? NULL : (void *)at;
}
/** Gives pages back. */
static inline void uk_pages_unmap(void *at, size_t size)
{
	uk_syscall_munmap((long)at, (long)size);
}
/** Memory whose address is a multiple of `align`, a power of two of at least a page. */
static inline void *uk_pages_map_aligned(size_t size, size_t align)
{
	if (size > SIZE_MAX - align)
		return NULL;
	char *at = uk_pages_map(size + align);
	if (!at)
		return NULL;
	char *start = (char *)ALIGN_UP((uintptr_t)at, align);
	if (start > at)
		uk_pages_unmap(at, (size_t)(start - at));
	uk_pages_unmap(start + size, align - (size_t)(start - at));
	return start;
}

#endif
