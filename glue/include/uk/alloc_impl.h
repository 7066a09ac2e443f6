/* For those who write an allocator: filling in struct uk_alloc, and the functions that can be made of others. */
#ifndef __UK_ALLOC_IMPL_H__
#define __UK_ALLOC_IMPL_H__

#include <uk/alloc.h>

#ifdef __cplusplus
extern "C" {
#endif

/** calloc of an allocator that has malloc. */
void *uk_calloc_compat(struct uk_alloc *a, size_t nmemb, size_t size);
/** memalign of one that has posix_memalign. */
void *uk_memalign_compat(struct uk_alloc *a, size_t align, size_t size);
/** posix_memalign of one that has memalign. */
int uk_posix_memalign_compat(struct uk_alloc *a, void **memptr, size_t align, size_t size);
/** palloc and pfree of one that has memalign and free. */
void *uk_palloc_compat(struct uk_alloc *a, unsigned long num_pages);
void uk_pfree_compat(struct uk_alloc *a, void *ptr, unsigned long num_pages);
/** What the machine has free, for `maxalloc`, `availmem` and their page variants of allocators that grow on demand. */
__ssz uk_alloc_machine_free(struct uk_alloc *a);
long uk_alloc_machine_pfree(struct uk_alloc *a);

/**
 * malloc, calloc, realloc, posix_memalign, memalign and free on top of pages: `palloc` and `pfree` of `a` are there. For allocators of pages that are
 * asked for bytes now and then.
 */
void *uk_malloc_ifpages(struct uk_alloc *a, size_t size);
void uk_free_ifpages(struct uk_alloc *a, void *ptr);
void *uk_realloc_ifpages(struct uk_alloc *a, void *ptr, size_t size);
int uk_posix_memalign_ifpages(struct uk_alloc *a, void **memptr, size_t align, size_t size);

#define __uk_alloc_init_common(a, m, c, r, f, pm, ma, maxa, avail, add)                                                                \
	do {                                                                                                                            \
		(a)->malloc = (m);                                                                                                      \
		(a)->calloc = (c);                                                                                                      \
		(a)->realloc = (r);                                                                                                     \
		(a)->free = (f);                                                                                                        \
		(a)->posix_memalign = (pm);                                                                                             \
		(a)->memalign = (ma);                                                                                                   \
		(a)->maxalloc = (maxa);                                                                                                 \
		(a)->availmem = (avail);                                                                                                \
		(a)->addmem = (add);                                                                                                    \
		(a)->next = NULL;                                                                                                       \
	} while (0)

/** Fills in and registers an allocator of bytes. */
#define uk_alloc_init_malloc(a, malloc_f, calloc_f, realloc_f, free_f, posix_memalign_f, memalign_f, maxalloc_f, availmem_f, addmem_f)  \
	do {                                                                                                                            \
		__uk_alloc_init_common((a), (malloc_f), (calloc_f), (realloc_f), (free_f), (posix_memalign_f), (memalign_f), (maxalloc_f), \
				       (availmem_f), (addmem_f));                                                                       \
		(a)->palloc = uk_palloc_compat;                                                                                         \
		(a)->pfree = uk_pfree_compat;                                                                                           \
		(a)->pmaxalloc = uk_alloc_machine_pfree;                                                                                \
		(a)->pavailmem = uk_alloc_machine_pfree;                                                                                \
		uk_alloc_register((a));                                                                                                 \
	} while (0)


/** Fills in and registers an allocator of pages. */
#define uk_alloc_init_palloc(a, palloc_f, pfree_f, pmaxalloc_f, pavailmem_f, addmem_f)                                                 \
	do {                                                                                                                            \
		__uk_alloc_init_common((a), uk_malloc_ifpages, uk_calloc_compat, uk_realloc_ifpages, uk_free_ifpages,                   \
				       uk_posix_memalign_ifpages, uk_memalign_compat, uk_alloc_machine_free, uk_alloc_machine_free,     \
				       (addmem_f));                                                                                     \
		(a)->palloc = (palloc_f);                                                                                               \
		(a)->pfree = (pfree_f);                                                                                                 \
		(a)->pmaxalloc = (pmaxalloc_f);                                                                                         \
		(a)->pavailmem = (pavailmem_f);                                                                                         \
		uk_alloc_register((a));                                                                                                 \
	} while (0)

#ifdef __cplusplus
}
#endif

#endif /* __UK_ALLOC_IMPL_H__ */
