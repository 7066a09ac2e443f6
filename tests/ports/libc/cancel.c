// unox-test: timeout=120
// pthread_cancel: every kind of cancellation point, clean-up, disabling, asynchronous, and no effect lost: what a call has done is not undone.
#include "../../guest/check.h"
#include <mqueue.h>
#include <semaphore.h>
#include <spawn.h>

static int fds[2], cleaned, reached;
static sem_t sem;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_t sleeper;

static void clean(void *p) { cleaned += (int)(intptr_t)p; }
static void unlock(void *p) { cleaned += pthread_mutex_unlock(p) == 0 ? 1000 : -1; }
static void *forever(void *p) { (void)p; for (;;) pause(); }

static void point(int n) {
	char b[4];
	fd_set set;
	struct pollfd p = { fds[0], POLLIN, 0 };
	struct timespec ts = { 100, 0 };
	sigset_t s;
	sigemptyset(&s), sigaddset(&s, SIGUSR2);
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	switch (n) {
	case 0: read(fds[0], b, 1); break;
	case 1: poll(&p, 1, -1); break;
	case 2: select(fds[0] + 1, &set, NULL, NULL, NULL); break;
	case 3: nanosleep(&ts, NULL); break;
	case 4: pause(); break;
	case 5: sem_wait(&sem); break;
	case 6: pthread_mutex_lock(&lock); pthread_cleanup_push(unlock, &lock); pthread_cond_wait(&cond, &lock); pthread_cleanup_pop(1); break;
	case 7: pthread_join(sleeper, NULL); break;
	case 8: sigsuspend(&(sigset_t){0}); break;
	case 9: sigwaitinfo(&s, NULL); break;
	case 10: clock_nanosleep(CLOCK_MONOTONIC, 0, &ts, NULL); break;
	case 11: { struct iovec v = { b, 1 }; readv(fds[0], &v, 1); break; }
	case 12: usleep(90000000); break;
	case 13: sleep(90); break;
	case 14: { int e = epoll_create1(0); epoll_wait(e, &(struct epoll_event){0}, 1, -1); break; }
	case 15: { int sp[2]; socketpair(AF_UNIX, SOCK_STREAM, 0, sp); recv(sp[0], b, 1, 0); break; }
	case 16: { int sp[2]; socketpair(AF_UNIX, SOCK_DGRAM, 0, sp); struct msghdr m = {0}; recvmsg(sp[0], &m, 0); break; }
	case 17: for (;;) write(fds[1], (char[4096]){0}, 4096);
	case 18: pthread_testcancel(); for (;;) { sched_yield(); pthread_testcancel(); }
	case 19: { struct timespec far; clock_gettime(CLOCK_REALTIME, &far), far.tv_sec += 100; sem_timedwait(&sem, &far); break; }
	case 20: pselect(0, NULL, NULL, NULL, NULL, NULL); break;
	case 21: wait(NULL); for (;;) pthread_testcancel();
	case 22: open("/tmp", O_RDONLY); for (;;) close(open("/", O_RDONLY));
	case 23: ppoll(&p, 1, NULL, NULL); break;
	}
	reached++;
}
enum { POINTS = 24 };

static void *run(void *p) {
	int old;
	pthread_cleanup_push(clean, (void *)1);
	pthread_cleanup_push(clean, (void *)10);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
	point((int)(intptr_t)p);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return NULL;
}

static void points(void) {
	for (int early = 0; early < 2; early++) for (intptr_t n = 0; n < POINTS; n++) {
		pthread_t t;
		void *r;
		cleaned = 0;
		MUST(pipe(fds));
		pthread_create(&t, NULL, run, (void *)n);
		if (!early) sleep_ms(15);
		int e = pthread_cancel(t);
		pthread_join(t, &r);
		SAY("point %d%s: %s, canceled %d, cleaned %d", (int)n, early ? " early" : "", errname(e), r == PTHREAD_CANCELED, early ? cleaned % 1000 : cleaned);
		close(fds[0]), close(fds[1]);
	}
	SHOW(reached), RET(pthread_mutex_trylock(&lock)), pthread_mutex_unlock(&lock);
}

// Bytes written to a pipe one by one until canceled: what the reader gets must be what the writer counted, or one more that was in flight.
static volatile long written;
static void *writing(void *p) { (void)p; for (;;) if (write(fds[1], "x", 1) == 1) written++; }
static void *reading(void *p) { (void)p; for (;;) { char b; if (read(fds[0], &b, 1) == 1) written++; } }

static void effects(void) {
	long lost = 0, late = 0;
	for (int i = 0; i < 60; i++) {
		pthread_t t;
		char b[65536];
		MUST(pipe(fds)), written = 0;
		pthread_create(&t, NULL, writing, NULL);
		for (volatile int k = 0; k < i * 4000; k++) {}
		sched_yield(), pthread_cancel(t), pthread_join(t, NULL), close(fds[1]);
		long got = 0, n;
		while ((n = read(fds[0], b, sizeof b)) > 0) got += n;
		lost += got - written != 0;
		close(fds[0]);
		MUST(pipe(fds)), written = 0, memset(b, 0, sizeof b), MUST(write(fds[1], b, 60000));
		pthread_create(&t, NULL, reading, NULL);
		for (volatile int k = 0; k < i * 4000; k++) {}
		sched_yield(), pthread_cancel(t), pthread_join(t, NULL), close(fds[1]), got = 0;
		while ((n = read(fds[0], b, sizeof b)) > 0) got += n;
		late += 60000 - got - written != 0;
		close(fds[0]);
	}
	SHOW(lost), SHOW(late);
}

static void *disabled(void *p) { int old; pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old); sem_wait(p); SAY("still there"); pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old); SAY("old state %d", old); pthread_testcancel(); return NULL; }
static void *spinning(void *p) { int old; pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old); *(volatile int *)p = 1; for (volatile long i = 0;; i++) {} }
static void *exiting(void *p) { pthread_cleanup_push(clean, p); pthread_exit((void *)5); pthread_cleanup_pop(0); return NULL; }
static void *itself(void *p) { (void)p; pthread_cancel(pthread_self()); pthread_testcancel(); return NULL; }

int main(void) {
	workdir();
	pthread_t t;
	void *r;
	int old;
	volatile int started = 0;
	sem_init(&sem, 0, 0);
	pthread_create(&sleeper, NULL, forever, NULL);
	points();
	effects();
	sem_t go;
	sem_init(&go, 0, 0), pthread_create(&t, NULL, disabled, &go), RET(pthread_cancel(t)), sem_post(&go), pthread_join(t, &r), SHOW(r == PTHREAD_CANCELED);
	pthread_create(&t, NULL, spinning, (void *)&started);
	while (!started) sched_yield();
	RET(pthread_cancel(t)), pthread_join(t, &r), SHOW(r == PTHREAD_CANCELED);
	cleaned = 0, pthread_create(&t, NULL, exiting, (void *)3), pthread_join(t, &r), SHOW((intptr_t)r), SHOW(cleaned);
	pthread_create(&t, NULL, itself, NULL), pthread_join(t, &r), SHOW(r == PTHREAD_CANCELED);
	pthread_create(&t, NULL, exiting, NULL), sleep_ms(10), RET(pthread_cancel(t)), pthread_join(t, &r), SHOW((intptr_t)r);
	RET(pthread_setcancelstate(5, &old)), RET(pthread_setcanceltype(5, &old));
	pthread_cancel(sleeper), pthread_join(sleeper, &r), SHOW(r == PTHREAD_CANCELED);
	return 0;
}
