/* Pointers that carry an error: the last page of the address space is never mapped, so its addresses stand for -1 ... -4095. */
#ifndef __UK_ERRPTR_H__
#define __UK_ERRPTR_H__

#include <uk/essentials.h>

#define UK_ERRPTR_MAX 4095

/** The pointer for an error (a negative errno). */
#define ERR2PTR(err) ((void *)(intptr_t)(err))
/** The error (a negative errno) of a pointer. */
#define PTR2ERR(ptr) ((int)(intptr_t)(ptr))
/** Whether a pointer carries an error. */
#define PTRISERR(ptr) ((uintptr_t)(ptr) >= (uintptr_t)-UK_ERRPTR_MAX)

#endif /* __UK_ERRPTR_H__ */
