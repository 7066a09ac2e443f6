/* The region allocator: the next bytes, each block behind a word with its size so that it can be copied when it grows. Only the last block shrinks or grows
 * in place; nothing is given back. */
#include <string.h>
#include <uk/alloc_impl.h>
#include <uk/allocregion.h>
#include <uk/mutex.h>

#include "../ukalloc/pages.h"

/* How much is asked of the kernel at a time. */
#define CHUNK ((size_t)1 << 20)
#define HEAD ((size_t)16)

struct region {
	struct uk_mutex lock;
	char *next, *end;
	/* Whether more is asked of the kernel when it is full. */
	int grows;
};

static struct region *region_of(struct uk_alloc *a)
{
	return (struct region *)ALIGN_UP((uintptr_t)a->priv, (uintptr_t)16);
}

static size_t *size_of(void *p)
{
	return (size_t *)(void *)((char *)p - HEAD);
}

size_t uk_allocregion_usable_size(const void *p)
{
	return p ? *(const size_t *)(const void *)((const char *)p - HEAD) : 0;
}

/* Locked. */
static void *carve(struct region *r, size_t align, size_t size)
{
	for (int tries = 0; tries < 2; tries++) {
		uintptr_t at = ALIGN_UP((uintptr_t)r->next + HEAD, (uintptr_t)align);
		if (r->next && at >= (uintptr_t)r->next && at <= (uintptr_t)r->end && size <= (uintptr_t)r->end - at) {
			r->next = (char *)at + size;
			*size_of((void *)at) = size;
			return (void *)at;
		}
		if (!r->grows)
			break;
		size_t want = ALIGN_UP(size + align + HEAD, __PAGE_SIZE);
		want = want < CHUNK ? CHUNK : want;
		char *chunk = uk_pages_map(want);
		if (!chunk)
			break;
		if (chunk != r->end)
			r->next = chunk; /* what was left of the last chunk stays unused, and untouched */
		r->end = chunk + want;
	}
	return NULL;
}

static void *allocate(struct uk_alloc *a, size_t align, size_t size)
{
	struct region *r = region_of(a);
	void *p = NULL;
	if (align <= SIZE_MAX / 4 && size <= SIZE_MAX / 4) {
		size = ALIGN_UP(size ? size : 1, (size_t)16);
		uk_mutex_lock(&r->lock);
		p = carve(r, align < 16 ? 16 : align, size);
		uk_mutex_unlock(&r->lock);
	}
	if (!p)
		errno = ENOMEM;
	return p;
}

static void *region_malloc(struct uk_alloc *a, size_t size)
{
	return allocate(a, 16, size);
}

static void *region_calloc(struct uk_alloc *a, size_t nmemb, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(nmemb, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	void *p = region_malloc(a, bytes);
	/* Memory of the kernel is zero, and nothing is used twice; but the last block may have shrunk. */
	return p ? memset(p, 0, bytes) : NULL;
}

static void *region_memalign(struct uk_alloc *a, size_t align, size_t size)
{
	if (!POWER_OF_2(align)) {
		errno = EINVAL;
		return NULL;
	}
	return allocate(a, align, size);
}

static void *region_realloc(struct uk_alloc *a, void *p, size_t size)
{
	struct region *r = region_of(a);
	if (!p)
		return region_malloc(a, size);
	size_t old = *size_of(p);
	if (size > SIZE_MAX / 4) {
		errno = ENOMEM;
		return NULL;
	}
	size_t want = ALIGN_UP(size ? size : 1, (size_t)16);
	uk_mutex_lock(&r->lock);
	int last = (char *)p + old == r->next && want <= (size_t)(r->end - (char *)p);
	if (last) {
		r->next = (char *)p + want;
		*size_of(p) = want;
	}
	uk_mutex_unlock(&r->lock);
	if (last || want <= old)
		return p;
	void *moved = region_malloc(a, size);
	return moved ? memcpy(moved, p, old) : NULL;
}

static void region_free(struct uk_alloc *a, void *p)
{
	(void)a;
	(void)p;
}

static void *region_palloc(struct uk_alloc *a, unsigned long num_pages)
{
	return num_pages > SIZE_MAX / 4 / __PAGE_SIZE ? NULL : allocate(a, __PAGE_SIZE, num_pages * __PAGE_SIZE);
}

static void region_pfree(struct uk_alloc *a, void *p, unsigned long num_pages)
{
	(void)num_pages;
	region_free(a, p);
}

static __ssz region_avail(struct uk_alloc *a)
{
	struct region *r = region_of(a);
	return (__ssz)(r->end - r->next) + (r->grows ? uk_alloc_machine_free(a) : 0);
}

static long region_pavail(struct uk_alloc *a)
{
	return (long)(region_avail(a) / (__ssz)__PAGE_SIZE);
}

#define REGION_FUNCTIONS                                                                                                               \
	.malloc = region_malloc, .calloc = region_calloc, .realloc = region_realloc, .posix_memalign = uk_posix_memalign_compat,        \
	.memalign = region_memalign, .free = region_free, .palloc = region_palloc, .pfree = region_pfree, .maxalloc = region_avail,     \
	.availmem = region_avail, .pmaxalloc = region_pavail, .pavailmem = region_pavail

static union {
	struct uk_alloc alloc;
	char memory[sizeof(struct uk_alloc) + 16 + sizeof(struct region)];
} machine __align(16) = {.alloc = {REGION_FUNCTIONS}};

struct uk_alloc *uk_allocregion_get(void)
{
	region_of(&machine.alloc)->grows = 1;
	uk_alloc_register(&machine.alloc);
	return &machine.alloc;
}

struct uk_alloc *uk_allocregion_init(void *base, size_t len)
{
	static const struct uk_alloc functions = {REGION_FUNCTIONS};
	uintptr_t start = ALIGN_UP((uintptr_t)base, (uintptr_t)16);
	size_t lead = (start - (uintptr_t)base) + sizeof(functions) + 16 + sizeof(struct region);
	if (!base || len <= lead)
		return NULL;
	struct uk_alloc *a = (struct uk_alloc *)start;
	memcpy(a, &functions, sizeof(functions));
	struct region *r = region_of(a);
	uk_mutex_init(&r->lock);
	r->next = (char *)(r + 1);
	r->end = (char *)base + len;
	r->grows = 0;
	uk_alloc_register(a);
	return a;
}
