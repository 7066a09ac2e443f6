/* The binary buddy allocator (CONFIG_LIBUKALLOCBBUDDY): blocks of powers of two, freed neighbours join. */
#ifndef __UK_ALLOCBBUDDY_H__
#define __UK_ALLOCBBUDDY_H__

#include <uk/alloc.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The one there is; it is registered at its first use. It gets its memory from the kernel. */
struct uk_alloc *uk_allocbbuddy_get(void);

#ifdef __cplusplus
}
#endif

#endif /* __UK_ALLOCBBUDDY_H__ */
