// Threads: local data and their destructors, conditions, barriers, locks of every kind, semaphores, C11 threads, attributes, many at once.
#include "../../guest/check.h"
#include <semaphore.h>
#include <threads.h>
#undef thread_local

static __thread int zero, five = 5;
static __thread char aligned[100] __attribute__((aligned(256))) = "aligned";
static __thread struct { long a; char b[3]; } odd = { 77, "ab" };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_key_t keys[3];
static int order[8], ordered;
static long counter;

static void destructor(void *p) {
	int k = (int)(intptr_t)p;
	pthread_mutex_lock(&lock);
	if (ordered < 8) order[ordered++] = k;
	pthread_mutex_unlock(&lock);
	if (k == 30) pthread_setspecific(keys[0], (void *)11); // once more
}
static void forever(void *p) { pthread_setspecific(keys[2], p), __atomic_fetch_add(&counter, 1, __ATOMIC_SEQ_CST); }

static void *local(void *p) {
	int bad = zero != 0 || five != 5 || strcmp(aligned, "aligned") || odd.a != 77 || strcmp(odd.b, "ab") || (uintptr_t)aligned % 256;
	zero = five = (int)(intptr_t)p, odd.a++;
	sched_yield();
	return (void *)(intptr_t)(bad || zero != (int)(intptr_t)p || odd.a != 78);
}
static void *keyed(void *p) { (void)p; pthread_setspecific(keys[0], (void *)10), pthread_setspecific(keys[1], (void *)30); return NULL; }
static void *endless(void *p) { pthread_setspecific(keys[2], p); return NULL; }

static void data(void) {
	pthread_t t[32];
	long bad = 0;
	for (int round = 0; round < 8; round++) {
		for (intptr_t i = 0; i < 32; i++) if (pthread_create(&t[i], NULL, local, (void *)(i + 100))) SAY("no thread %d", (int)i);
		for (int i = 0; i < 32; i++) { void *r; pthread_join(t[i], &r), bad += (intptr_t)r; }
	}
	SHOW(bad), SHOW(five);
	RET(pthread_key_create(&keys[0], destructor)), RET(pthread_key_create(&keys[1], destructor)), RET(pthread_key_create(&keys[2], forever));
	pthread_create(&t[0], NULL, keyed, NULL), pthread_join(t[0], NULL);
	for (int i = 0; i < ordered; i++) printf("%d ", order[i]);
	SAY("destructors %d", ordered);
	pthread_create(&t[0], NULL, endless, (void *)1), pthread_join(t[0], NULL), SHOW(counter), counter = 0;
	SHOW(pthread_getspecific(keys[0]) == NULL), RET(pthread_key_delete(keys[0]));
	int made = 0;
	pthread_key_t k;
	while (pthread_key_create(&k, NULL) == 0) made++;
	SHOW(made);
}

static int stage, items, produced, consumed;
static void *producer(void *p) {
	(void)p;
	for (int i = 0; i < 2000; i++) { pthread_mutex_lock(&lock); while (items >= 4) pthread_cond_wait(&cond, &lock); items++, produced++, pthread_cond_broadcast(&cond), pthread_mutex_unlock(&lock); }
	return NULL;
}
static void *consumer(void *p) {
	(void)p;
	for (int i = 0; i < 2000; i++) { pthread_mutex_lock(&lock); while (!items) pthread_cond_wait(&cond, &lock); items--, consumed++, pthread_cond_broadcast(&cond), pthread_mutex_unlock(&lock); }
	return NULL;
}
static struct timespec in_ms(clockid_t c, long ms) {
	struct timespec t;
	clock_gettime(c, &t), t.tv_nsec += ms * 1000000, t.tv_sec += t.tv_nsec / 1000000000, t.tv_nsec %= 1000000000;
	return t;
}

static void conditions(void) {
	pthread_t t[6];
	for (int i = 0; i < 6; i++) pthread_create(&t[i], NULL, i & 1 ? consumer : producer, NULL);
	for (int i = 0; i < 6; i++) pthread_join(t[i], NULL);
	SHOW(produced), SHOW(consumed), SHOW(items);
	pthread_condattr_t ca;
	pthread_cond_t own;
	struct timespec soon = in_ms(CLOCK_MONOTONIC, 20);
	pthread_condattr_init(&ca), RET(pthread_condattr_setclock(&ca, CLOCK_MONOTONIC)), RET(pthread_condattr_setclock(&ca, CLOCK_PROCESS_CPUTIME_ID)), RET(pthread_condattr_setpshared(&ca, PTHREAD_PROCESS_SHARED)), pthread_cond_init(&own, &ca);
	pthread_mutex_lock(&lock), RET(pthread_cond_timedwait(&own, &lock, &soon)), soon.tv_nsec = -1, RET(pthread_cond_timedwait(&own, &lock, &soon)), soon = in_ms(CLOCK_REALTIME, 20), RET(pthread_cond_timedwait(&cond, &lock, &soon)), RET(pthread_mutex_trylock(&lock)), pthread_mutex_unlock(&lock);
	RET(pthread_cond_destroy(&own));
}

static pthread_barrier_t barrier;
static void *at_barrier(void *p) {
	long serial = 0;
	(void)p;
	for (int i = 0; i < 200; i++) { __atomic_fetch_add(&stage, 1, __ATOMIC_SEQ_CST); serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD; if (__atomic_load_n(&stage, __ATOMIC_SEQ_CST) < (i + 1) * 4) serial += 1000000; }
	return (void *)serial;
}

static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static long shared[2];
static void *reader(void *p) { long torn = 0; (void)p; for (int i = 0; i < 3000; i++) { pthread_rwlock_rdlock(&rw), torn += shared[0] != shared[1], pthread_rwlock_unlock(&rw); } return (void *)torn; }
static void *writer(void *p) { (void)p; for (int i = 0; i < 3000; i++) { pthread_rwlock_wrlock(&rw), shared[0]++; if (!(i & 63)) sched_yield(); shared[1]++, pthread_rwlock_unlock(&rw); } return NULL; }

static sem_t sem;
static pthread_spinlock_t spin;
static void *posting(void *p) { (void)p; for (int i = 0; i < 1000; i++) { sem_wait(&sem), pthread_spin_lock(&spin), counter++, pthread_spin_unlock(&spin), sem_post(&sem); } return NULL; }

static void locks(void) {
	pthread_t t[6];
	void *r;
	long serial = 0, torn = 0;
	RET(pthread_barrier_init(&barrier, NULL, 0)), RET(pthread_barrier_init(&barrier, NULL, 4));
	for (int i = 0; i < 4; i++) pthread_create(&t[i], NULL, at_barrier, NULL);
	for (int i = 0; i < 4; i++) pthread_join(t[i], &r), serial += (long)r;
	SHOW(serial), RET(pthread_barrier_destroy(&barrier));
	for (int i = 0; i < 6; i++) pthread_create(&t[i], NULL, i < 2 ? writer : reader, NULL);
	for (int i = 0; i < 6; i++) pthread_join(t[i], &r), torn += (long)r;
	SHOW(torn), SHOW(shared[0]), SHOW(shared[1]);
	struct timespec soon = in_ms(CLOCK_REALTIME, 20);
	RET(pthread_rwlock_rdlock(&rw)), RET(pthread_rwlock_tryrdlock(&rw)), RET(pthread_rwlock_trywrlock(&rw)), RET(pthread_rwlock_timedwrlock(&rw, &soon)), RET(pthread_rwlock_unlock(&rw)), RET(pthread_rwlock_unlock(&rw)), RET(pthread_rwlock_trywrlock(&rw)), RET(pthread_rwlock_tryrdlock(&rw)), RET(pthread_rwlock_unlock(&rw));
	static const int kinds[] = { PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_ERRORCHECK };
	for (size_t i = 0; i < COUNT(kinds); i++) {
		pthread_mutexattr_t a;
		pthread_mutex_t m;
		pthread_mutexattr_init(&a), pthread_mutexattr_settype(&a, kinds[i]), pthread_mutex_init(&m, &a);
		soon = in_ms(CLOCK_REALTIME, 20);
		RET(pthread_mutex_lock(&m)), RET(pthread_mutex_trylock(&m)), RET(pthread_mutex_timedlock(&m, &soon)), RET(pthread_mutex_unlock(&m));
		if (i) RET(pthread_mutex_unlock(&m)), RET(pthread_mutex_unlock(&m)), RET(pthread_mutex_unlock(&m));
		pthread_mutex_destroy(&m);
	}
	RET(sem_init(&sem, 0, 2)), pthread_spin_init(&spin, 0), counter = 0;
	for (int i = 0; i < 6; i++) pthread_create(&t[i], NULL, posting, NULL);
	for (int i = 0; i < 6; i++) pthread_join(t[i], NULL);
	int v;
	SHOW(counter), SHOW(sem_getvalue(&sem, &v)), SHOW(v), ERR(sem_trywait(&sem)), ERR(sem_trywait(&sem)), ERR(sem_trywait(&sem)), soon = in_ms(CLOCK_REALTIME, 20), ERR(sem_timedwait(&sem, &soon)), ERR(sem_init(&sem, 0, UINT_MAX)), SHOW(sem_destroy(&sem));
	RET(pthread_spin_trylock(&spin)), RET(pthread_spin_trylock(&spin)), pthread_spin_unlock(&spin);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void first(void) { sleep_ms(10), counter++; }
static void *onced(void *p) { (void)p; pthread_once(&once, first); return (void *)counter; }
static mtx_t cm;
static cnd_t cc;
static tss_t ct;
static once_flag cf = ONCE_FLAG_INIT;
static void gone(void *p) { counter += (intptr_t)p; }
static int c11(void *p) { mtx_lock(&cm), counter++, cnd_signal(&cc), mtx_unlock(&cm), tss_set(ct, (void *)100), call_once(&cf, first); return (int)(intptr_t)p; }

static void rest(void) {
	pthread_t t[16];
	void *r;
	long sum = 0;
	counter = 0;
	for (int i = 0; i < 16; i++) pthread_create(&t[i], NULL, onced, NULL);
	for (int i = 0; i < 16; i++) pthread_join(t[i], &r), sum += (long)r;
	SHOW(sum), counter = 0;
	thrd_t c;
	int res;
	SHOW(mtx_init(&cm, mtx_plain)), SHOW(cnd_init(&cc)), SHOW(tss_create(&ct, gone)), mtx_lock(&cm), SHOW(thrd_create(&c, c11, (void *)9)), cnd_wait(&cc, &cm), SHOW(counter), mtx_unlock(&cm), SHOW(thrd_join(c, &res)), SHOW(res), SHOW(counter), SHOW(mtx_trylock(&cm)), SHOW(mtx_trylock(&cm)), SHOW(thrd_sleep(&(struct timespec){ 0, 1000 }, NULL));
	pthread_attr_t a;
	size_t size;
	int state;
	pthread_attr_init(&a), RET(pthread_attr_getstacksize(&a, &size)), SHOW(size), RET(pthread_attr_getguardsize(&a, &size)), SHOW(size), RET(pthread_attr_setstacksize(&a, 100)), RET(pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED)), RET(pthread_attr_getdetachstate(&a, &state)), SHOW(state), RET(pthread_create(&t[0], &a, keyed, NULL));
	void *area = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_init(&a), RET(pthread_attr_setstack(&a, area, 65536)), RET(pthread_create(&t[0], &a, local, (void *)3)), RET(pthread_join(t[0], &r)), SHOW((intptr_t)r);
	RET(pthread_setname_np(pthread_self(), "named")), RET(pthread_setname_np(pthread_self(), "much too long a name")), SHOW(pthread_equal(pthread_self(), pthread_self()) != 0), RET(pthread_kill(pthread_self(), 0)), RET(pthread_kill(pthread_self(), 99)), RET(pthread_detach(pthread_self()));
	clockid_t cl;
	RET(pthread_getcpuclockid(pthread_self(), &cl)), SHOW(now_ns(cl) > 0), SHOW(sysconf(_SC_NPROCESSORS_ONLN) > 0), SHOW(sysconf(_SC_PAGESIZE)), SHOW(sysconf(_SC_THREAD_KEYS_MAX));
}

int main(void) {
	data();
	conditions();
	locks();
	rest();
	return 0;
}
