/* Threads. They are those of the C library: what works in one of pthread_create(3) works in one of these, and the other way around. */
#ifndef __UK_THREAD_H__
#define __UK_THREAD_H__

#include <uk/arch/time.h>
#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uk_alloc;
struct uk_sched;
struct uk_thread;

typedef void (*uk_thread_fn0_t)(void);
typedef void (*uk_thread_fn1_t)(void *);
typedef void (*uk_thread_fn2_t)(void *, void *);
typedef void (*uk_thread_dtor_t)(struct uk_thread *);

/** A thread. `name` and `priv` are the application's, the rest is private. */
struct uk_thread {
	/** Given at its creation, or NULL. */
	const char *name;
	/** Whatever its creator wants. */
	void *priv;
	/** Runs at its end, on it. */
	uk_thread_dtor_t dtor;
	uk_thread_fn2_t fn;
	void *args[2];
	uint32_t blocked;
	uint32_t state;
	__nsec until;
	struct uk_sched *sched;
};

/** The calling thread; also for those of pthread_create(3), and for the first. */
struct uk_thread *uk_thread_current(void);

/** From now on uk_sched_yield() of this thread (the caller itself) sleeps until uk_thread_wake(). */
void uk_thread_block(struct uk_thread *thread);
/** The same with an end: so many nanoseconds from now. */
void uk_thread_block_timeout(struct uk_thread *thread, __nsec nsec);
/** The same until a time of ukplat_monotonic_clock(). */
void uk_thread_block_until(struct uk_thread *thread, __snsec until);
/** Ends the sleep of a blocked thread. */
void uk_thread_wake(struct uk_thread *thread);

/** Sleeps until `thread` (of uk_sched_thread_create()) has ended, then frees its structure. 0, or -EINVAL for one that is detached or not of ours. */
int uk_thread_wait(struct uk_thread *thread);
/** Nobody will wait for `thread`: its structure is freed when it ends. */
void uk_thread_detach(struct uk_thread *thread);
/** Whether it has ended. */
int uk_thread_is_exited(struct uk_thread *thread);
/** Ends the calling thread. */
__noreturn void uk_thread_exit(void);
#define uk_thread_terminate_current() uk_thread_exit()

#ifdef __cplusplus
}
#endif

#endif /* __UK_THREAD_H__ */
