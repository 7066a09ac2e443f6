/* A wait queue, for structures that contain one. uk/wait.h has what is done with it. */
#ifndef __UK_WAIT_TYPES_H__
#define __UK_WAIT_TYPES_H__

#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uk_waitq {
	/** Changes at each wake-up. */
	uint32_t turn;
	/** How many wait. */
	uint32_t waiters;
};

#define UK_WAIT_QUEUE_INITIALIZER(name) {0, 0}
#define __WAIT_QUEUE_INITIALIZER(name) {0, 0}
#define DEFINE_WAIT_QUEUE(name) struct uk_waitq name = UK_WAIT_QUEUE_INITIALIZER(name)

#ifdef __cplusplus
}
#endif

#endif /* __UK_WAIT_TYPES_H__ */
