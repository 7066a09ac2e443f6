/* Sizes of pages and stacks. */
#ifndef __UK_ARCH_LIMITS_H__
#define __UK_ARCH_LIMITS_H__

#include <uk/essentials.h>

#define __PAGE_SHIFT 12
#define __PAGE_SIZE 4096UL
#define __PAGE_MASK (~(__PAGE_SIZE - 1))
/* A thread's stack unless its creator says otherwise: only touched pages cost memory. */
#define __STACK_SIZE_PAGE_ORDER 5
#define __STACK_SIZE (__PAGE_SIZE << __STACK_SIZE_PAGE_ORDER)
#define STACK_SIZE __STACK_SIZE
#define __SZ_MAX SIZE_MAX
#ifndef PAGE_SIZE
#define PAGE_SIZE __PAGE_SIZE
#endif
#ifndef PAGE_SHIFT
#define PAGE_SHIFT __PAGE_SHIFT
#endif
#ifndef PAGE_MASK
#define PAGE_MASK __PAGE_MASK
#endif
#define PAGE_ALIGN_DOWN(v) ((v) & __PAGE_MASK)
#define PAGE_ALIGN_UP(v) (((v) + __PAGE_SIZE - 1) & __PAGE_MASK)
#define round_pgup(v) PAGE_ALIGN_UP(v)
#define round_pgdown(v) PAGE_ALIGN_DOWN(v)

#endif /* __UK_ARCH_LIMITS_H__ */
