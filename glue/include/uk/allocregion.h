/* The region allocator (CONFIG_LIBUKALLOCREGION): takes the next bytes of a region and never gives any back. The fastest for programs that
 * allocate once, run and end. */
#ifndef __UK_ALLOCREGION_H__
#define __UK_ALLOCREGION_H__

#include <uk/alloc.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The one that gets its memory from the kernel; it is registered at its first use. */
struct uk_alloc *uk_allocregion_get(void);
/** One that lives in memory of the caller's and does not grow; NULL if `len` is too small for its administration. It is registered. */
struct uk_alloc *uk_allocregion_init(void *base, size_t len);

#ifdef __cplusplus
}
#endif

#endif /* __UK_ALLOCREGION_H__ */
