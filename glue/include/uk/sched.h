/* The scheduler: there is one, the kernel's, and it is preemptive. Functions that name a scheduler take uk_sched_current() or NULL. */
#ifndef __UK_SCHED_H__
#define __UK_SCHED_H__

#include <uk/thread.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The scheduler, for functions that want one. */
struct uk_sched *uk_sched_current(void);
#define uk_sched_get_default() uk_sched_current()

/**
 * Starts a thread that runs fn(arg).
 * @param s     uk_sched_current() or NULL
 * @param name  kept as a pointer; may be NULL
 * @return the thread, or NULL without memory. It is waited for (uk_thread_wait()) or detached (uk_thread_detach()), so that its structure is freed.
 */
struct uk_thread *uk_sched_thread_create(struct uk_sched *s, uk_thread_fn1_t fn, void *arg, const char *name);
/** The same with what can be said about it: bytes of its stack (0: the default), `priv`, a function that runs at its end. */
struct uk_thread *uk_sched_thread_create_fn2(struct uk_sched *s, uk_thread_fn2_t fn, void *arg0, void *arg1, size_t stack_len, size_t auxstack_len,
					     int no_uktls, int no_ectx, const char *name, void *priv, uk_thread_dtor_t dtor);
#define uk_sched_thread_create_fn1(s, fn, arg, stack_len, auxstack_len, no_uktls, no_ectx, name, priv, dtor)                            \
	uk_sched_thread_create_fn2((s), (uk_thread_fn2_t)(void (*)(void))(fn), (arg), NULL, (stack_len), (auxstack_len), (no_uktls),    \
				   (no_ectx), (name), (priv), (dtor))
#define uk_sched_thread_create_fn0(s, fn, stack_len, auxstack_len, no_uktls, no_ectx, name, priv, dtor)                                \
	uk_sched_thread_create_fn2((s), (uk_thread_fn2_t)(void (*)(void))(fn), NULL, NULL, (stack_len), (auxstack_len), (no_uktls),     \
				   (no_ectx), (name), (priv), (dtor))

/** Lets others run; sleeps if the calling thread is blocked (uk_thread_block()). */
void uk_sched_yield(void);
/** Sleeps for `nsec` nanoseconds. */
void uk_sched_thread_sleep(__nsec nsec);
/** Ends the calling thread. */
#define uk_sched_thread_exit() uk_thread_exit()

#ifdef __cplusplus
}
#endif

#endif /* __UK_SCHED_H__ */
