/* Threads of glue code: they run, sleep, are blocked and woken, end and are waited for. */
#include "check.h"

#include <errno.h>
#include <string.h>
#include <uk/plat/time.h>
#include <uk/sched.h>

static volatile int ran, woken, dead;

static void simple(void *arg)
{
	CHECK(!strcmp(uk_thread_current()->name, "simple"));
	*(volatile int *)arg = 1;
	uk_sched_thread_sleep(1000000);
	uk_sched_thread_exit();
}

static void blocked(void *arg)
{
	(void)arg;
	uk_thread_block(uk_thread_current());
	uk_sched_yield();
	woken = 1;
}

static void two(void *a, void *b)
{
	*(int *)a = *(int *)b;
}

static void at_end(struct uk_thread *t)
{
	CHECK(t->priv == &dead);
	dead = 1;
}

void check_threads(void)
{
	struct uk_sched *s = uk_sched_current();
	struct uk_thread *t = uk_sched_thread_create(s, simple, (void *)&ran, "simple");
	CHECK(t && uk_thread_wait(t) == 0 && ran);
	t = uk_sched_thread_create(s, blocked, NULL, NULL);
	uk_sched_thread_sleep(2000000);
	CHECK(!woken);
	uk_thread_wake(t);
	CHECK(uk_thread_wait(t) == 0 && woken);
	int from = 5, to = 0;
	t = uk_sched_thread_create_fn2(s, two, &to, &from, 65536, 0, 0, 0, "two", (void *)&dead, at_end);
	CHECK(t && uk_thread_wait(t) == 0 && to == 5 && dead);
	struct uk_thread *self = uk_thread_current();
	CHECK(self && self == uk_thread_current() && uk_thread_wait(self) == -EINVAL);
	__nsec start = ukplat_monotonic_clock();
	uk_thread_block_timeout(self, 3000000);
	uk_sched_yield();
	CHECK(ukplat_monotonic_clock() >= start + 3000000);
	uk_sched_yield();
	for (int i = 0; i < 100; i++) {
		t = uk_sched_thread_create_fn2(s, two, &to, &from, 0, 0, 0, 0, NULL, NULL, NULL);
		CHECK(t);
		uk_thread_detach(t);
	}
	uk_sched_thread_sleep(5000000);
}
