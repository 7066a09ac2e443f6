/* Allocators: an object with functions, so that a library can bring its own or be given one. There is a default one; which, Kconfig says
 * (glue/lib/ukalloc). Memory comes from the kernel on demand. All functions may be called from any thread.
 *
 * A request that cannot be met gives NULL with errno ENOMEM. A null allocator is treated like an exhausted one. */
#ifndef __UK_ALLOC_H__
#define __UK_ALLOC_H__

#include <errno.h>
#include <stddef.h>
#include <uk/arch/limits.h>
#include <uk/arch/types.h>
#include <uk/assert.h>
#include <uk/config.h>
#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uk_alloc;

typedef void *(*uk_alloc_malloc_func_t)(struct uk_alloc *a, size_t size);
typedef void *(*uk_alloc_calloc_func_t)(struct uk_alloc *a, size_t nmemb, size_t size);
typedef int (*uk_alloc_posix_memalign_func_t)(struct uk_alloc *a, void **memptr, size_t align, size_t size);
typedef void *(*uk_alloc_memalign_func_t)(struct uk_alloc *a, size_t align, size_t size);
typedef void (*uk_alloc_free_func_t)(struct uk_alloc *a, void *ptr);
typedef void *(*uk_alloc_realloc_func_t)(struct uk_alloc *a, void *ptr, size_t size);
typedef void *(*uk_alloc_palloc_func_t)(struct uk_alloc *a, unsigned long num_pages);
typedef void (*uk_alloc_pfree_func_t)(struct uk_alloc *a, void *ptr, unsigned long num_pages);
typedef int (*uk_alloc_addmem_func_t)(struct uk_alloc *a, void *base, size_t size);
/** Bytes that are free in all, or that one allocation can have; negative if unknown. */
typedef __ssz (*uk_alloc_getsize_func_t)(struct uk_alloc *a);
/** The same in pages. */
typedef long (*uk_alloc_getpsize_func_t)(struct uk_alloc *a);

/** An allocator. Set up with the macros of uk/alloc_impl.h. */
struct uk_alloc {
	uk_alloc_malloc_func_t malloc;
	uk_alloc_calloc_func_t calloc;
	uk_alloc_realloc_func_t realloc;
	uk_alloc_posix_memalign_func_t posix_memalign;
	uk_alloc_memalign_func_t memalign;
	uk_alloc_free_func_t free;
	uk_alloc_palloc_func_t palloc;
	uk_alloc_pfree_func_t pfree;
	uk_alloc_getsize_func_t maxalloc;
	uk_alloc_getsize_func_t availmem;
	uk_alloc_getpsize_func_t pmaxalloc;
	uk_alloc_getpsize_func_t pavailmem;
	uk_alloc_addmem_func_t addmem;
	/** The next registered allocator. */
	struct uk_alloc *next;
	/** The implementation's. */
	__extension__ int8_t priv[];
};

/** Registered allocators, the default first. */
extern struct uk_alloc *_uk_alloc_head;

/** Puts an allocator into the list; the first becomes the default. 0. */
int uk_alloc_register(struct uk_alloc *a);
/** Makes a registered allocator the default. 0, or -EINVAL for a null one. */
int uk_alloc_set_default(struct uk_alloc *a);
/** The default allocator; made at the first use. */
struct uk_alloc *uk_alloc_get_default(void);

#define uk_alloc_foreach(a) for ((a) = _uk_alloc_head; (a); (a) = (a)->next)

/** malloc(3) from `a`; at least 16-byte aligned. */
static inline void *uk_malloc(struct uk_alloc *a, size_t size)
{
	if (unlikely(!a)) {
		errno = ENOMEM;
		return NULL;
	}
	return a->malloc(a, size);
}
/** calloc(3) from `a`. */
static inline void *uk_calloc(struct uk_alloc *a, size_t nmemb, size_t size)
{
	if (unlikely(!a)) {
		errno = ENOMEM;
		return NULL;
	}
	return a->calloc(a, nmemb, size);
}
/** Zeroed memory. */
static inline void *uk_zalloc(struct uk_alloc *a, size_t size)
{
	return uk_calloc(a, 1, size);
}
/** realloc(3): `ptr` is null or from `a`. */
static inline void *uk_realloc(struct uk_alloc *a, void *ptr, size_t size)
{
	if (unlikely(!a)) {
		errno = ENOMEM;
		return NULL;
	}
	return a->realloc(a, ptr, size);
}
/** posix_memalign(3) from `a`: 0, EINVAL or ENOMEM; errno is left alone. */
static inline int uk_posix_memalign(struct uk_alloc *a, void **memptr, size_t align, size_t size)
{
	if (unlikely(!a)) {
		*memptr = NULL;
		return ENOMEM;
	}
	return a->posix_memalign(a, memptr, align, size);
}
/** memalign(3) from `a`: `align` is a power of two. */
static inline void *uk_memalign(struct uk_alloc *a, size_t align, size_t size)
{
	if (unlikely(!a)) {
		errno = ENOMEM;
		return NULL;
	}
	return a->memalign(a, align, size);
}
/** free(3): `ptr` is null or from `a`. */
static inline void uk_free(struct uk_alloc *a, void *ptr)
{
	if (likely(a))
		a->free(a, ptr);
}
/** Whole pages, one after the other. */
static inline void *uk_palloc(struct uk_alloc *a, unsigned long num_pages)
{
	if (unlikely(!a || !a->palloc)) {
		errno = ENOMEM;
		return NULL;
	}
	return a->palloc(a, num_pages);
}
/** Gives pages back: as many as were asked for. */
static inline void uk_pfree(struct uk_alloc *a, void *ptr, unsigned long num_pages)
{
	if (likely(a && a->pfree))
		a->pfree(a, ptr, num_pages);
}
/** Gives memory of the caller's to an allocator that can take it; -ENOTSUP from the others. */
static inline int uk_alloc_addmem(struct uk_alloc *a, void *base, size_t size)
{
	return a->addmem ? a->addmem(a, base, size) : -ENOTSUP;
}
/** The most that one allocation can have now, in bytes; negative if unknown. */
static inline __ssz uk_alloc_maxalloc(struct uk_alloc *a)
{
	return a->maxalloc ? a->maxalloc(a) : (__ssz)-ENOTSUP;
}
/** The same in pages. */
static inline long uk_alloc_pmaxalloc(struct uk_alloc *a)
{
	return a->pmaxalloc ? a->pmaxalloc(a) : (long)-ENOTSUP;
}
/** What is free in all, in bytes; negative if unknown. */
static inline __ssz uk_alloc_availmem(struct uk_alloc *a)
{
	return a->availmem ? a->availmem(a) : (__ssz)-ENOTSUP;
}
/** The same in pages. */
static inline long uk_alloc_pavailmem(struct uk_alloc *a)
{
	return a->pavailmem ? a->pavailmem(a) : (long)-ENOTSUP;
}
/** What is free for all registered allocators together: they share the machine's memory. */
__ssz uk_alloc_availmem_total(void);
long uk_alloc_pavailmem_total(void);

/* Names that say that no check for a null allocator is wanted. */
#define uk_do_malloc(a, size) ((a)->malloc((a), (size)))
#define uk_do_calloc(a, nmemb, size) ((a)->calloc((a), (nmemb), (size)))
#define uk_do_zalloc(a, size) ((a)->calloc((a), 1, (size)))
#define uk_do_realloc(a, ptr, size) ((a)->realloc((a), (ptr), (size)))
#define uk_do_posix_memalign(a, memptr, align, size) ((a)->posix_memalign((a), (memptr), (align), (size)))
#define uk_do_memalign(a, align, size) ((a)->memalign((a), (align), (size)))
#define uk_do_free(a, ptr) ((a)->free((a), (ptr)))
#define uk_do_palloc(a, num_pages) ((a)->palloc((a), (num_pages)))
#define uk_do_pfree(a, ptr, num_pages) ((a)->pfree((a), (ptr), (num_pages)))

#ifdef __cplusplus
}
#endif

#endif /* __UK_ALLOC_H__ */
