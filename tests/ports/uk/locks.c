/* Locks between threads: what is counted under them is counted right, who waits is woken, times run out. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <uk/mbox.h>
#include <uk/mutex.h>
#include <uk/plat/lcpu.h>
#include <uk/rwlock.h>
#include <uk/semaphore.h>
#include <uk/spinlock.h>
#include <uk/wait.h>

#define THREADS 4
#define ROUNDS 5000

static struct uk_mutex mutex = UK_MUTEX_INITIALIZER(mutex);
static uk_spinlock spin = UK_SPINLOCK_INITIALIZER();
static struct uk_rwlock rwlock = UK_RWLOCK_INITIALIZER(rwlock, 0);
static volatile int counted[4];

static void *count(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		uk_mutex_lock(&mutex);
		counted[0] = counted[0] + 1;
		uk_mutex_unlock(&mutex);
		uk_spin_lock(&spin);
		counted[1] = counted[1] + 1;
		uk_spin_unlock(&spin);
		uk_rwlock_wlock(&rwlock);
		counted[2] = counted[2] + 1;
		uk_rwlock_wunlock(&rwlock);
		uk_rwlock_rlock(&rwlock);
		uk_rwlock_runlock(&rwlock);
		unsigned long flags = ukplat_lcpu_save_irqf();
		counted[3] = counted[3] + 1;
		ukplat_lcpu_restore_irqf(flags);
	}
	return NULL;
}

static struct uk_mbox *box;
static DEFINE_WAIT_QUEUE(queue);
static volatile int ready;

static void *post(void *arg)
{
	(void)arg;
	for (long i = 1; i <= 1000; i++)
		uk_mbox_post(box, (void *)i);
	uk_mutex_lock(&mutex);
	ready = 1;
	uk_mutex_unlock(&mutex);
	uk_waitq_wake_up(&queue);
	return NULL;
}

static void check_single(void)
{
	struct uk_mutex again;
	uk_mutex_init_config(&again, UK_MUTEX_CONFIG_RECURSE);
	uk_mutex_lock(&again);
	CHECK(uk_mutex_trylock(&again) && uk_mutex_is_locked(&again));
	uk_mutex_unlock(&again);
	uk_mutex_unlock(&again);
	CHECK(!uk_mutex_is_locked(&again));
	uk_mutex_lock(&mutex);
	CHECK(!uk_mutex_trylock(&mutex));
	uk_mutex_unlock(&mutex);
	struct uk_semaphore s;
	uk_semaphore_init(&s, 1);
	CHECK(uk_semaphore_down_try(&s) && !uk_semaphore_down_try(&s));
	CHECK(uk_semaphore_down_to(&s, 2000000) == __NSEC_MAX);
	uk_semaphore_up(&s);
	CHECK(uk_semaphore_down_to(&s, 2000000) == 0);
	__nsec start = ukplat_monotonic_clock();
	CHECK(uk_waitq_wait_event_deadline(&queue, 0, start + 3000000) == 1);
	CHECK(ukplat_monotonic_clock() >= start + 3000000 && uk_waitq_empty(&queue));
	CHECK(ukplat_wall_clock() > start);
}

void check_locks(void)
{
	pthread_t threads[THREADS];
	check_single();
	for (int i = 0; i < THREADS; i++)
		CHECK(pthread_create(&threads[i], NULL, count, NULL) == 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 4; i++)
		CHECK(counted[i] == THREADS * ROUNDS);
	box = uk_mbox_create(uk_alloc_get_default(), 3);
	CHECK(box && uk_mbox_recv_try(box, NULL) == -ENOMSG);
	void *none = box;
	CHECK(uk_mbox_recv_to(box, &none, 1000000) == __NSEC_MAX && !none);
	pthread_create(&threads[0], NULL, post, NULL);
	long sum = 0;
	for (int i = 0; i < 1000; i++) {
		void *msg;
		uk_mbox_recv(box, &msg);
		sum += (long)msg;
	}
	CHECK(sum == 500500);
	uk_mutex_lock(&mutex);
	uk_waitq_wait_event_mutex(&queue, ready, &mutex);
	CHECK(ready && uk_mutex_is_locked(&mutex));
	uk_mutex_unlock(&mutex);
	pthread_join(threads[0], NULL);
	uk_mbox_free(uk_alloc_get_default(), box);
}
