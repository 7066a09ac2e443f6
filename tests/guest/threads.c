// pthreads from end to end: create, join, detach, TLS, keys, once, cancel, barrier, condition, rwlock, many at once.
// unox-case: static
// unox-case: dynamic link=dynamic
// unox-case: musl cc=musl-gcc
#include "check.h"

static __thread int mine = 5;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int counter, once_count, stage, destroyed, cleaned;
static volatile int spinning = 1, spins;

static void destroy(void *p) { __atomic_fetch_add(&destroyed, (int)(long)p, __ATOMIC_SEQ_CST); }
static void init_once(void) { once_count++; }
static void cleanup(void *p) { cleaned += (int)(long)p; }

static void *adder(void *p) {
	pthread_once(&once, init_once);
	pthread_setspecific(key, (void *)1L);
	mine += (int)(long)p;
	for (int i = 0; i < 2000; i++) {
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
	}
	pthread_barrier_wait(&barrier);
	return (void *)(long)mine;
}

static void *pingpong(void *p) {
	int me = (int)(long)p;
	pthread_mutex_lock(&lock);
	for (int i = 0; i < 500; i++) {
		while (stage % 2 != me) pthread_cond_wait(&cond, &lock);
		stage++;
		pthread_cond_broadcast(&cond);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void *sleeper(void *p) {
	pthread_cleanup_push(cleanup, p);
	for (;;) pause();
	pthread_cleanup_pop(0);
	return NULL;
}

static void *reader(void *p) {
	int fd = (int)(long)p;
	char c;
	pthread_cleanup_push(cleanup, (void *)100L);
	(void)!read(fd, &c, 1); // a cancellation point, blocked
	pthread_cleanup_pop(0);
	return NULL;
}

static void *spinner(void *p) { (void)p; while (spinning) spins++; return (void *)7L; }
static void *small(void *p) { return (void *)((long)p * 2); }
static void *quitter(void *p) { pthread_exit((void *)((long)p + 1)); }
static void *detached(void *p) { pthread_mutex_lock(&lock); *(int *)p = 1; pthread_cond_signal(&cond); pthread_mutex_unlock(&lock); return NULL; }

int main(void) {
	enum { N = 8 };
	pthread_t t[N];
	void *r;
	RET(pthread_key_create(&key, destroy));
	RET(pthread_barrier_init(&barrier, NULL, N + 1));
	for (long i = 0; i < N; i++) MUST(-pthread_create(&t[i], NULL, adder, (void *)i));
	int serial = pthread_barrier_wait(&barrier);
	SHOW(serial == 0 || serial == PTHREAD_BARRIER_SERIAL_THREAD);
	int sum = 0;
	for (int i = 0; i < N; i++) { pthread_join(t[i], &r); sum += (int)(long)r; }
	SHOW(sum); SHOW(counter); SHOW(once_count); SHOW(destroyed); SHOW(mine);
	// Two threads take turns 1000 times.
	for (long i = 0; i < 2; i++) pthread_create(&t[i], NULL, pingpong, (void *)i);
	for (int i = 0; i < 2; i++) pthread_join(t[i], NULL);
	SHOW(stage);
	// Cancelled in pause and in read.
	pthread_create(&t[0], NULL, sleeper, (void *)10L);
	sleep_ms(20);
	RET(pthread_cancel(t[0]));
	RET(pthread_join(t[0], &r));
	SHOW(r == PTHREAD_CANCELED); SHOW(cleaned);
	int p[2];
	MUST(pipe(p));
	pthread_create(&t[0], NULL, reader, (void *)(long)p[0]);
	sleep_ms(20);
	RET(pthread_cancel(t[0]));
	RET(pthread_join(t[0], &r));
	SHOW(r == PTHREAD_CANCELED); SHOW(cleaned);
	// A thread that spins does not stop the others, nor the main thread's sleep.
	pthread_create(&t[0], NULL, spinner, NULL);
	sleep_ms(30);
	int before = spins;
	sleep_ms(30);
	SHOW(spins != before);
	pthread_create(&t[1], NULL, small, (void *)21L);
	pthread_join(t[1], &r);
	SHOW((long)r);
	spinning = 0;
	pthread_join(t[0], &r);
	SHOW((long)r);
	pthread_create(&t[0], NULL, quitter, (void *)41L);
	pthread_join(t[0], &r);
	SHOW((long)r);
	// Detached.
	int done = 0;
	pthread_attr_t a;
	pthread_attr_init(&a);
	RET(pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED));
	RET(pthread_attr_setstacksize(&a, 64 * 1024));
	pthread_mutex_lock(&lock);
	RET(pthread_create(&t[0], &a, detached, &done));
	while (!done) pthread_cond_wait(&cond, &lock);
	pthread_mutex_unlock(&lock);
	SHOW(done);
	// Waits that time out.
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += 10000000;
	if (until.tv_nsec >= 1000000000) { until.tv_sec++; until.tv_nsec -= 1000000000; }
	pthread_mutex_lock(&lock);
	RET(pthread_cond_timedwait(&cond, &lock, &until));
	pthread_mutex_unlock(&lock);
	RET(pthread_rwlock_rdlock(&rw));
	RET(pthread_rwlock_tryrdlock(&rw));
	RET(pthread_rwlock_trywrlock(&rw));
	RET(pthread_rwlock_timedwrlock(&rw, &until));
	RET(pthread_rwlock_unlock(&rw));
	RET(pthread_rwlock_unlock(&rw));
	RET(pthread_rwlock_wrlock(&rw));
	RET(pthread_rwlock_tryrdlock(&rw));
	RET(pthread_mutex_trylock(&lock));
	RET(pthread_mutex_trylock(&lock));
	RET(pthread_mutex_timedlock(&lock, &until));
	// Threads come and go: 200, one after another.
	long total = 0;
	for (long i = 0; i < 200; i++) { MUST(-pthread_create(&t[0], NULL, small, (void *)i)); pthread_join(t[0], &r); total += (long)r; }
	SHOW(total);
	// And 64 at a time.
	static pthread_t many[64];
	for (long i = 0; i < 64; i++) MUST(-pthread_create(&many[i], NULL, small, (void *)i));
	for (int i = 0; i < 64; i++) { pthread_join(many[i], &r); total += (long)r; }
	SHOW(total);
	RET(pthread_kill(pthread_self(), 0));
	return 0;
}
