/* The C library's malloc as an allocator. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdlib.h>
#include <uk/alloc_impl.h>

static void *libc_malloc(struct uk_alloc *a, size_t size)
{
	(void)a;
	return malloc(size);
}
static void *libc_calloc(struct uk_alloc *a, size_t nmemb, size_t size)
{
	(void)a;
	return calloc(nmemb, size);
}
static void *libc_realloc(struct uk_alloc *a, void *p, size_t size)
{
	(void)a;
	return realloc(p, size);
}
static int libc_posix_memalign(struct uk_alloc *a, void **memptr, size_t align, size_t size)
{
	(void)a;
	return posix_memalign(memptr, align, size);
}
static void *libc_memalign(struct uk_alloc *a, size_t align, size_t size)
{
	(void)a;
	return memalign(align, size);
}
static void libc_free(struct uk_alloc *a, void *p)
{
	(void)a;
	free(p);
}

static struct uk_alloc libc = {
	.malloc = libc_malloc,
	.calloc = libc_calloc,
	.realloc = libc_realloc,
	.posix_memalign = libc_posix_memalign,
	.memalign = libc_memalign,
	.free = libc_free,
	.palloc = uk_palloc_compat,
	.pfree = uk_pfree_compat,
	.maxalloc = uk_alloc_machine_free,
	.availmem = uk_alloc_machine_free,
	.pmaxalloc = uk_alloc_machine_pfree,
	.pavailmem = uk_alloc_machine_pfree,
};

struct uk_alloc *uk_alloclibc_get(void);
struct uk_alloc *uk_alloclibc_get(void)
{
	uk_alloc_register(&libc);
	return &libc;
}
