// The mutexes that need the kernel: robust, priority-inheriting, process-shared, error-checking.
#include "check.h"

static pthread_mutex_t robust, pi, both;
static void *dies_holding(void *p) { pthread_mutex_lock(p); return NULL; }
static void *dies_holding_two(void *p) { (void)p; pthread_mutex_lock(&robust); pthread_mutex_lock(&both); return NULL; }
static int pi_count;
static void *pi_adder(void *p) {
	(void)p;
	for (int i = 0; i < 500; i++) { pthread_mutex_lock(&pi); pi_count++; if (i % 50 == 0) sched_yield(); pthread_mutex_unlock(&pi); }
	return NULL;
}
static volatile int waiting;
static void *waits(void *p) {
	waiting = 1;
	int r = pthread_mutex_lock(p);
	if (r == EOWNERDEAD) pthread_mutex_consistent(p);
	pthread_mutex_unlock(p);
	return (void *)(long)r;
}
static void *holds_then_dies(void *p) {
	pthread_mutex_lock(p);
	waiting = 2;
	while (waiting == 2) sched_yield();
	sleep_ms(20);
	return NULL;
}

static void make(pthread_mutex_t *m, int rob, int proto, int shared, int type) {
	pthread_mutexattr_t a;
	pthread_mutexattr_init(&a);
	if (rob) pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
	if (proto) pthread_mutexattr_setprotocol(&a, PTHREAD_PRIO_INHERIT);
	if (shared) pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_settype(&a, type);
	RET(pthread_mutex_init(m, &a));
}

int main(void) {
	pthread_t t, u;
	void *r;
	make(&robust, 1, 0, 0, PTHREAD_MUTEX_NORMAL);
	pthread_create(&t, NULL, dies_holding, &robust);
	pthread_join(t, NULL);
	RET(pthread_mutex_lock(&robust));
	RET(pthread_mutex_consistent(&robust));
	RET(pthread_mutex_unlock(&robust));
	RET(pthread_mutex_lock(&robust));
	RET(pthread_mutex_unlock(&robust));
	// Not made consistent: gone for good.
	pthread_create(&t, NULL, dies_holding, &robust);
	pthread_join(t, NULL);
	RET(pthread_mutex_trylock(&robust));
	RET(pthread_mutex_unlock(&robust));
	RET(pthread_mutex_lock(&robust));
	RET(pthread_mutex_destroy(&robust));
	// A waiter is woken by the owner's death; shared between processes.
	make(&robust, 1, 0, 1, PTHREAD_MUTEX_NORMAL);
	waiting = 0;
	pthread_create(&t, NULL, holds_then_dies, &robust);
	while (waiting != 2) sched_yield();
	pthread_create(&u, NULL, waits, &robust);
	pthread_join(t, NULL);
	pthread_join(u, &r);
	SAY("waiter: %s", errname((long)r));
	// Robust and PI together, two at one death.
	make(&both, 1, 1, 0, PTHREAD_MUTEX_NORMAL);
	pthread_create(&t, NULL, dies_holding_two, NULL);
	pthread_join(t, NULL);
	RET(pthread_mutex_lock(&robust));
	RET(pthread_mutex_lock(&both));
	RET(pthread_mutex_consistent(&robust));
	RET(pthread_mutex_consistent(&both));
	RET(pthread_mutex_unlock(&both));
	RET(pthread_mutex_unlock(&robust));
	make(&pi, 0, 1, 0, PTHREAD_MUTEX_NORMAL);
	pthread_t many[4];
	for (int i = 0; i < 4; i++) pthread_create(&many[i], NULL, pi_adder, NULL);
	for (int i = 0; i < 4; i++) pthread_join(many[i], NULL);
	SHOW(pi_count);
	RET(pthread_mutex_lock(&pi));
	RET(pthread_mutex_trylock(&pi));
	struct timespec past = { 1, 0 };
	pthread_mutex_t e;
	make(&e, 0, 1, 0, PTHREAD_MUTEX_ERRORCHECK);
	RET(pthread_mutex_lock(&e));
	RET(pthread_mutex_lock(&e));
	RET(pthread_mutex_timedlock(&e, &past));
	RET(pthread_mutex_unlock(&e));
	RET(pthread_mutex_unlock(&e));
	make(&e, 0, 0, 0, PTHREAD_MUTEX_RECURSIVE);
	RET(pthread_mutex_lock(&e));
	RET(pthread_mutex_lock(&e));
	RET(pthread_mutex_unlock(&e));
	RET(pthread_mutex_unlock(&e));
	RET(pthread_mutex_unlock(&e));
	size_t len = 0;
	void *head = NULL;
	ERR(syscall(SYS_get_robust_list, 0, &head, &len));
	SHOW(len); SHOW(head != NULL);
	ERR(syscall(SYS_set_robust_list, head, 23));
	ERR(syscall(SYS_get_robust_list, 99999999, &head, &len));
	return 0;
}
