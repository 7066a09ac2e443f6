/* Locks that many readers or one writer have. Writers go first: once one waits, no new reader comes in. */
#ifndef __UK_RWLOCK_H__
#define __UK_RWLOCK_H__

#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uk_rwlock {
	/** Readers inside; the top bit: a writer. */
	uint32_t state;
	/** Writers that wait. */
	uint32_t writers;
	/** Changes at every unlock that may let somebody in: what waiters sleep on. */
	uint32_t turn;
};

#define UK_RWLOCK_INITIALIZER(name, flags) {0, 0, 0}

static inline void uk_rwlock_init(struct uk_rwlock *rwl)
{
	rwl->state = 0;
	rwl->writers = 0;
	rwl->turn = 0;
}
static inline void uk_rwlock_init_config(struct uk_rwlock *rwl, unsigned int flags)
{
	(void)flags;
	uk_rwlock_init(rwl);
}
/** In as a reader, and out. */
void uk_rwlock_rlock(struct uk_rwlock *rwl);
void uk_rwlock_runlock(struct uk_rwlock *rwl);
/** In as the writer, and out. */
void uk_rwlock_wlock(struct uk_rwlock *rwl);
void uk_rwlock_wunlock(struct uk_rwlock *rwl);
/** The writer becomes a reader, with no other writer between. */
void uk_rwlock_downgrade(struct uk_rwlock *rwl);

#ifdef __cplusplus
}
#endif

#endif /* __UK_RWLOCK_H__ */
