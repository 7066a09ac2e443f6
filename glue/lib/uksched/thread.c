/* Threads over the C library's: a structure for each, found through a thread-local pointer. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <uk/assert.h>
#include <uk/bits/syscalls.h>
#include <uk/futex.h>
#include <uk/plat/time.h>
#include <uk/sched.h>

/* What becomes of the structure: 0 runs; whoever sets the second of the two flags frees it (or, waiting, sees the end). */
#define ENDED 1u
#define DETACHED 2u
#define ADOPTED 4u /* not made here: lives in its thread's memory */

struct uk_sched {
	int unused;
};
static struct uk_sched the_scheduler;

static __thread struct uk_thread *current;
static __thread struct uk_thread adopted;

struct uk_sched *uk_sched_current(void)
{
	return &the_scheduler;
}

struct uk_thread *uk_thread_current(void)
{
	if (!current) {
		adopted.state = ADOPTED;
		adopted.sched = &the_scheduler;
		current = &adopted;
	}
	return current;
}

/* The end of a thread of ours, however it comes about. */
static void ended(void *arg)
{
	struct uk_thread *self = arg;
	if (self->dtor)
		self->dtor(self);
	uint32_t before = __atomic_fetch_or(&self->state, ENDED, __ATOMIC_ACQ_REL);
	if (before & DETACHED)
		free(self);
	else
		uk_word_wake(&self->state, INT32_MAX);
}

static void *run(void *arg)
{
	struct uk_thread *self = arg;
	current = self;
	pthread_cleanup_push(ended, self);
	self->fn(self->args[0], self->args[1]);
	pthread_cleanup_pop(1);
	return NULL;
}

struct uk_thread *uk_sched_thread_create_fn2(struct uk_sched *s, uk_thread_fn2_t fn, void *arg0, void *arg1, size_t stack_len, size_t auxstack_len,
					     int no_uktls, int no_ectx, const char *name, void *priv, uk_thread_dtor_t dtor)
{
	pthread_attr_t attr;
	pthread_t id;
	(void)s;
	(void)auxstack_len;
	(void)no_uktls;
	(void)no_ectx;
	struct uk_thread *t = calloc(1, sizeof(*t));
	if (!t)
		return NULL;
	t->name = name;
	t->priv = priv;
	t->dtor = dtor;
	t->fn = fn;
	t->args[0] = arg0;
	t->args[1] = arg1;
	t->sched = &the_scheduler;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	int wrong = stack_len ? pthread_attr_setstacksize(&attr, stack_len) : 0;
	if (!wrong)
		wrong = pthread_create(&id, &attr, run, t);
	pthread_attr_destroy(&attr);
	if (wrong) {
		free(t);
		errno = wrong;
		return NULL;
	}
	return t;
}

struct uk_thread *uk_sched_thread_create(struct uk_sched *s, uk_thread_fn1_t fn, void *arg, const char *name)
{
	/* A function that takes one argument does not look at the second. */
	return uk_sched_thread_create_fn2(s, (uk_thread_fn2_t)(void (*)(void))fn, arg, NULL, 0, 0, 0, 0, name, NULL, NULL);
}

void uk_thread_exit(void)
{
	pthread_exit(NULL);
}

int uk_thread_is_exited(struct uk_thread *thread)
{
	return (__atomic_load_n(&thread->state, __ATOMIC_ACQUIRE) & ENDED) != 0;
}

int uk_thread_wait(struct uk_thread *thread)
{
	uint32_t state = __atomic_load_n(&thread->state, __ATOMIC_ACQUIRE);
	while (!(state & ENDED)) {
		if (state & (DETACHED | ADOPTED))
			return -EINVAL;
		uk_word_wait(&thread->state, state, 0);
		state = __atomic_load_n(&thread->state, __ATOMIC_ACQUIRE);
	}
	free(thread);
	return 0;
}

void uk_thread_detach(struct uk_thread *thread)
{
	if (__atomic_load_n(&thread->state, __ATOMIC_ACQUIRE) & ADOPTED)
		return;
	if (__atomic_fetch_or(&thread->state, DETACHED, __ATOMIC_ACQ_REL) & ENDED)
		free(thread);
}

void uk_thread_block(struct uk_thread *thread)
{
	UK_ASSERT(thread == uk_thread_current());
	thread->until = 0;
	__atomic_store_n(&thread->blocked, 1, __ATOMIC_SEQ_CST);
}

void uk_thread_block_until(struct uk_thread *thread, __snsec until)
{
	uk_thread_block(thread);
	thread->until = until > 0 ? (__nsec)until : 1;
}

void uk_thread_block_timeout(struct uk_thread *thread, __nsec nsec)
{
	__nsec now = ukplat_monotonic_clock();
	uk_thread_block(thread);
	thread->until = nsec < __NSEC_MAX - now ? now + nsec : __NSEC_MAX;
}

void uk_thread_wake(struct uk_thread *thread)
{
	if (__atomic_exchange_n(&thread->blocked, 0, __ATOMIC_SEQ_CST))
		uk_word_wake(&thread->blocked, 1);
}

void uk_sched_yield(void)
{
	struct uk_thread *self = uk_thread_current();
	if (!__atomic_load_n(&self->blocked, __ATOMIC_SEQ_CST)) {
		uk_syscall_sched_yield();
		return;
	}
	while (__atomic_load_n(&self->blocked, __ATOMIC_SEQ_CST)) {
		if (uk_word_wait(&self->blocked, 1, self->until) == -ETIMEDOUT)
			break;
	}
	__atomic_store_n(&self->blocked, 0, __ATOMIC_SEQ_CST);
}

void uk_sched_thread_sleep(__nsec nsec)
{
	__nsec now = ukplat_monotonic_clock();
	uint32_t nobody = 0;
	__nsec until = nsec < __NSEC_MAX - now ? now + nsec : __NSEC_MAX;
	/* A word that nobody wakes: interruptions by signals do not shorten the sleep. */
	while (uk_word_wait(&nobody, 0, until) != -ETIMEDOUT)
		;
}
