/* Pools of objects of one size: taking one and giving it back are a few instructions. Not locked. */
#ifndef __UK_ALLOCPOOL_H__
#define __UK_ALLOCPOOL_H__

#include <uk/alloc.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uk_allocpool;

/** Bytes that a pool of so many objects takes. */
size_t uk_allocpool_reqmem(unsigned int obj_count, size_t obj_len, size_t obj_align);
/** A pool in memory of the caller's, with as many objects as fit; NULL if it is too small for its administration. */
struct uk_allocpool *uk_allocpool_init(void *base, size_t len, size_t obj_len, size_t obj_align);
/** A pool of `obj_count` objects in memory of `parent`. */
struct uk_allocpool *uk_allocpool_alloc(struct uk_alloc *parent, unsigned int obj_count, size_t obj_len, size_t obj_align);
/** Frees a pool of uk_allocpool_alloc(). */
void uk_allocpool_free(struct uk_allocpool *p);
/** An object, or NULL when all are taken. */
void *uk_allocpool_take(struct uk_allocpool *p);
/** Gives an object back. */
void uk_allocpool_return(struct uk_allocpool *p, void *obj);
/** Objects that are free. */
unsigned int uk_allocpool_availcount(struct uk_allocpool *p);
/** Size of an object, as given. */
size_t uk_allocpool_objlen(struct uk_allocpool *p);

#ifdef __cplusplus
}
#endif

#endif /* __UK_ALLOCPOOL_H__ */
