/* Wait queues: threads sleep until a condition holds; who makes it hold wakes them. The condition is evaluated before each sleep, by the waiter. */
#ifndef __UK_WAIT_H__
#define __UK_WAIT_H__

#include <uk/futex.h>
#include <uk/mutex.h>
#include <uk/plat/time.h>
#include <uk/spinlock.h>
#include <uk/wait_types.h>

#ifdef __cplusplus
extern "C" {
#endif

static inline void uk_waitq_init(struct uk_waitq *wq)
{
	wq->turn = 0;
	wq->waiters = 0;
}
/** Whether nobody waits. */
static inline int uk_waitq_empty(struct uk_waitq *wq)
{
	return __atomic_load_n(&wq->waiters, __ATOMIC_SEQ_CST) == 0;
}
/** Announces a waiter, before it evaluates its condition: the turn to wait for the end of. */
static inline uint32_t __uk_waitq_enter(struct uk_waitq *wq)
{
	__atomic_fetch_add(&wq->waiters, 1, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&wq->turn, __ATOMIC_SEQ_CST);
}
static inline void __uk_waitq_leave(struct uk_waitq *wq)
{
	__atomic_fetch_sub(&wq->waiters, 1, __ATOMIC_SEQ_CST);
}
/** Whether `deadline` has passed; 0 never does. */
static inline int __uk_waitq_late(__nsec deadline)
{
	return deadline && ukplat_monotonic_clock() >= deadline;
}
/** Wakes everybody. */
static inline void uk_waitq_wake_up(struct uk_waitq *wq)
{
	__atomic_fetch_add(&wq->turn, 1, __ATOMIC_SEQ_CST);
	if (!uk_waitq_empty(wq))
		uk_word_wake(&wq->turn, INT32_MAX);
}
/** Wakes one. */
static inline void uk_waitq_wake_up_one(struct uk_waitq *wq)
{
	__atomic_fetch_add(&wq->turn, 1, __ATOMIC_SEQ_CST);
	if (!uk_waitq_empty(wq))
		uk_word_wake(&wq->turn, 1);
}

/* The loop of all of them. `result` becomes 1 when `deadline` (nanoseconds of the monotonic clock, 0: none) passed first. */
#define __uk_waitq_loop(wq, condition, deadline, result, unlock, lock)                                                                 \
	do {                                                                                                                            \
		(result) = 0;                                                                                                           \
		while (!(condition)) {                                                                                                  \
			if (__uk_waitq_late(deadline)) {                                                                                \
				(result) = 1;                                                                                           \
				break;                                                                                                  \
			}                                                                                                               \
			uint32_t __uk_turn = __uk_waitq_enter(wq);                                                                      \
			if (!(condition)) {                                                                                             \
				unlock;                                                                                                 \
				uk_word_wait(&(wq)->turn, __uk_turn, (deadline));                                                      \
				lock;                                                                                                   \
			}                                                                                                               \
			__uk_waitq_leave(wq);                                                                                           \
		}                                                                                                                       \
	} while (0)

/** Sleeps until `condition` holds. */
#define uk_waitq_wait_event(wq, condition)                                                                                             \
	do {                                                                                                                            \
		int __uk_late;                                                                                                          \
		__uk_waitq_loop(wq, condition, (__nsec)0, __uk_late, (void)0, (void)0);                                                 \
		(void)__uk_late;                                                                                                        \
	} while (0)
/** The same until `deadline`, nanoseconds of ukplat_monotonic_clock(): 0, or 1 when the time is over. */
#define uk_waitq_wait_event_deadline(wq, condition, deadline)                                                                          \
	__extension__({                                                                                                                 \
		int __uk_late;                                                                                                          \
		__nsec __uk_deadline = (deadline);                                                                                      \
		__uk_waitq_loop(wq, condition, __uk_deadline, __uk_late, (void)0, (void)0);                                             \
		__uk_late;                                                                                                              \
	})
/** The same with a mutex that the caller has: it is free during the sleep, and the condition is evaluated with it. */
#define uk_waitq_wait_event_mutex(wq, condition, mutex)                                                                                \
	do {                                                                                                                            \
		int __uk_late;                                                                                                          \
		__uk_waitq_loop(wq, condition, (__nsec)0, __uk_late, uk_mutex_unlock(mutex), uk_mutex_lock(mutex));                     \
		(void)__uk_late;                                                                                                        \
	} while (0)
#define uk_waitq_wait_event_deadline_mutex(wq, condition, deadline, mutex)                                                             \
	__extension__({                                                                                                                 \
		int __uk_late;                                                                                                          \
		__nsec __uk_deadline = (deadline);                                                                                      \
		__uk_waitq_loop(wq, condition, __uk_deadline, __uk_late, uk_mutex_unlock(mutex), uk_mutex_lock(mutex));                 \
		__uk_late;                                                                                                              \
	})
/** The same with a spin lock. */
#define uk_waitq_wait_event_spinlock(wq, condition, spinlock)                                                                          \
	do {                                                                                                                            \
		int __uk_late;                                                                                                          \
		__uk_waitq_loop(wq, condition, (__nsec)0, __uk_late, uk_spin_unlock(spinlock), uk_spin_lock(spinlock));                 \
		(void)__uk_late;                                                                                                        \
	} while (0)
#define uk_waitq_wait_event_deadline_spinlock(wq, condition, deadline, spinlock)                                                       \
	__extension__({                                                                                                                 \
		int __uk_late;                                                                                                          \
		__nsec __uk_deadline = (deadline);                                                                                      \
		__uk_waitq_loop(wq, condition, __uk_deadline, __uk_late, uk_spin_unlock(spinlock), uk_spin_lock(spinlock));             \
		__uk_late;                                                                                                              \
	})

#ifdef __cplusplus
}
#endif

#endif /* __UK_WAIT_H__ */
