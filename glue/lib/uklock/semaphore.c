/* Semaphores. */
#include <uk/futex.h>
#include <uk/plat/time.h>
#include <uk/semaphore.h>

int uk_semaphore_down_try(struct uk_semaphore *s)
{
	uint32_t count = __atomic_load_n(&s->count, __ATOMIC_RELAXED);
	while (count) {
		if (__atomic_compare_exchange_n(&s->count, &count, count - 1, 1, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return 1;
	}
	return 0;
}

/* Passes until `deadline` (0: none); whether it did. */
static int down(struct uk_semaphore *s, __nsec deadline)
{
	for (;;) {
		if (uk_semaphore_down_try(s))
			return 1;
		if (deadline && ukplat_monotonic_clock() >= deadline)
			return 0;
		__atomic_fetch_add(&s->waiters, 1, __ATOMIC_SEQ_CST);
		uk_word_wait(&s->count, 0, deadline);
		__atomic_fetch_sub(&s->waiters, 1, __ATOMIC_SEQ_CST);
	}
}

void uk_semaphore_down(struct uk_semaphore *s)
{
	down(s, 0);
}

__nsec uk_semaphore_down_to(struct uk_semaphore *s, __nsec timeout)
{
	if (uk_semaphore_down_try(s))
		return 0;
	__nsec start = ukplat_monotonic_clock();
	__nsec deadline = timeout < __NSEC_MAX - start ? start + timeout : __NSEC_MAX;
	return down(s, deadline) ? ukplat_monotonic_clock() - start : __NSEC_MAX;
}

void uk_semaphore_up(struct uk_semaphore *s)
{
	__atomic_fetch_add(&s->count, 1, __ATOMIC_SEQ_CST);
	if (__atomic_load_n(&s->waiters, __ATOMIC_SEQ_CST))
		uk_word_wake(&s->count, 1);
}
