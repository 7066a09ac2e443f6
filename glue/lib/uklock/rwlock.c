/* Reader-writer locks. */
#include <uk/assert.h>
#include <uk/futex.h>
#include <uk/rwlock.h>

#define WRITER 0x80000000u

/* Somebody may come in now. */
static void next_turn(struct uk_rwlock *rwl)
{
	__atomic_fetch_add(&rwl->turn, 1, __ATOMIC_SEQ_CST);
	uk_word_wake(&rwl->turn, INT32_MAX);
}

void uk_rwlock_rlock(struct uk_rwlock *rwl)
{
	for (;;) {
		uint32_t turn = __atomic_load_n(&rwl->turn, __ATOMIC_SEQ_CST);
		uint32_t state = __atomic_load_n(&rwl->state, __ATOMIC_SEQ_CST);
		if (!(state & WRITER) && !__atomic_load_n(&rwl->writers, __ATOMIC_SEQ_CST)) {
			if (__atomic_compare_exchange_n(&rwl->state, &state, state + 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
				return;
			continue;
		}
		uk_word_wait(&rwl->turn, turn, 0);
	}
}

void uk_rwlock_runlock(struct uk_rwlock *rwl)
{
	UK_ASSERT((rwl->state & ~WRITER) > 0);
	if (__atomic_sub_fetch(&rwl->state, 1, __ATOMIC_SEQ_CST) == 0 && __atomic_load_n(&rwl->writers, __ATOMIC_SEQ_CST))
		next_turn(rwl);
}

void uk_rwlock_wlock(struct uk_rwlock *rwl)
{
	__atomic_fetch_add(&rwl->writers, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		uint32_t turn = __atomic_load_n(&rwl->turn, __ATOMIC_SEQ_CST);
		uint32_t nobody = 0;
		if (__atomic_compare_exchange_n(&rwl->state, &nobody, WRITER, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			break;
		uk_word_wait(&rwl->turn, turn, 0);
	}
	__atomic_fetch_sub(&rwl->writers, 1, __ATOMIC_SEQ_CST);
}

void uk_rwlock_wunlock(struct uk_rwlock *rwl)
{
	UK_ASSERT(rwl->state == WRITER);
	__atomic_store_n(&rwl->state, 0, __ATOMIC_SEQ_CST);
	next_turn(rwl);
}

void uk_rwlock_downgrade(struct uk_rwlock *rwl)
{
	UK_ASSERT(rwl->state == WRITER);
	__atomic_store_n(&rwl->state, 1, __ATOMIC_SEQ_CST);
	next_turn(rwl);
}
