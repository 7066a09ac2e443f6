/* Counting semaphores. */
#ifndef __UK_SEMAPHORE_H__
#define __UK_SEMAPHORE_H__

#include <uk/arch/types.h>
#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uk_semaphore {
	/** How many may still pass. */
	uint32_t count;
	/** How many wait. */
	uint32_t waiters;
};

#define UK_SEMAPHORE_INITIALIZER(name, n) {(uint32_t)(n), 0}

/** Makes a semaphore that `count` may pass. */
static inline void uk_semaphore_init(struct uk_semaphore *s, long count)
{
	s->count = (uint32_t)count;
	s->waiters = 0;
}
/** Passes, sleeping until somebody says uk_semaphore_up() if need be. */
void uk_semaphore_down(struct uk_semaphore *s);
/** Passes if that needs no waiting; whether it did. */
int uk_semaphore_down_try(struct uk_semaphore *s);
/** Passes within `timeout` nanoseconds: how many it waited, or __NSEC_MAX when the time is over. */
__nsec uk_semaphore_down_to(struct uk_semaphore *s, __nsec timeout);
/** Lets one more pass. */
void uk_semaphore_up(struct uk_semaphore *s);

#ifdef __cplusplus
}
#endif

#endif /* __UK_SEMAPHORE_H__ */
