// PI locks lend priority: inversion, chains, timeouts, signals, changed policies, deaths, requeueing. Real-time threads on one CPU, so the order of events is fixed.
// unox-test: root=yes timeout=60
#include "check.h"
#include <linux/futex.h>

enum { MAIN = 90 };

static long fx(uint32_t *a, int op, uint32_t v, void *t, uint32_t *b, uint32_t v3) { return syscall(SYS_futex, a, op | FUTEX_PRIVATE_FLAG, v, t, b, v3); }

static char events[4096];
static void event(const char *who, const char *what) { strcat(strcat(strcat(strcat(events, who), " "), what), "\n"); }
static void show_events(const char *title) {
	printf("-- %s\n%s", title, events);
	events[0] = 0;
}

static pid_t self(void) { return syscall(SYS_gettid); }

/// The rank a thread runs at, as /proc has it: −1 − priority for real-time threads.
static long rank_of(pid_t tid) {
	char path[64], text[1024], *at;
	snprintf(path, sizeof path, "/proc/self/task/%d/stat", tid);
	int fd = MUST(open(path, O_RDONLY));
	ssize_t n = MUST(read(fd, text, sizeof text - 1));
	text[n] = 0;
	close(fd);
	at = strrchr(text, ')') + 2;
	for (int i = 3; i < 18; i++) at = strchr(at, ' ') + 1;
	return atol(at);
}

/// Waits until the other threads have logged so many events.
static void lines(int n) {
	for (;; sleep_ms(1)) {
		int found = 0;
		for (char *at = events; *at; at++) found += *at == '\n';
		if (found >= n) return;
	}
}

/// What a word says, without the numbers of threads.
static const char *word(uint32_t w) {
	static char text[64];
	snprintf(text, sizeof text, "%s%s%s", w & FUTEX_TID_MASK ? "owned" : "free", w & FUTEX_WAITERS ? " waiters" : "", w & FUTEX_OWNER_DIED ? " died" : "");
	return text;
}

struct actor {
	const char *name;
	int priority;
	void (*act)(struct actor *);
	pthread_t thread;
	volatile pid_t tid;
	volatile int go, done;
	long result;
	uint32_t *lock, *other;
	struct timespec *until;
};

static void *run(void *p) {
	struct actor *a = p;
	a->tid = self();
	a->act(a);
	a->done = 1;
	return NULL;
}

static void start(struct actor *a) {
	pthread_attr_t attr;
	struct sched_param param = { a->priority };
	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, a->priority ? SCHED_FIFO : SCHED_OTHER);
	pthread_attr_setschedparam(&attr, &param);
	int e = pthread_create(&a->thread, &attr, run, a);
	if (e) printf("pthread_create: %s\n", errname(e)), exit(99);
}

/// Waits until a thread sleeps or has ended. (It runs only while we sleep.)
static void rest(struct actor *a) {
	for (int seen = 0; seen < 2 && !a->done; sleep_ms(1)) {
		char path[64], text[512] = "";
		snprintf(path, sizeof path, "/proc/self/task/%d/stat", a->tid);
		int fd = a->tid ? open(path, O_RDONLY) : -1;
		if (fd >= 0) { MUST(read(fd, text, sizeof text - 1)); close(fd); }
		char *at = strrchr(text, ')');
		seen = at && at[2] == 'S' ? seen + 1 : 0;
	}
}

static void tell(struct actor *a, int what) {
	a->go = what;
	fx((uint32_t *)&a->go, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void spin(struct actor *a) { while (!a->go) ; }
static long answer(long r) { return r < 0 ? -errno : r; }

// The classic: low holds, high wants, mid would keep low from running.
static pthread_mutex_t pi_mutex;
static void low(struct actor *a) {
	pthread_mutex_lock(&pi_mutex); event(a->name, "has it");
	spin(a);
	event(a->name, "unlocks"); pthread_mutex_unlock(&pi_mutex);
	event(a->name, "ends");
}
static void mid(struct actor *a) { event(a->name, "runs"); }
static void high(struct actor *a) {
	event(a->name, "wants it"); pthread_mutex_lock(&pi_mutex);
	event(a->name, "has it"); pthread_mutex_unlock(&pi_mutex);
	event(a->name, "ends");
}

static void inversion(int lowest) {
	pthread_mutexattr_t attr;
	pthread_mutexattr_init(&attr);
	RET(pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT));
	RET(pthread_mutex_init(&pi_mutex, &attr));
	struct actor l = { "low", lowest, low }, m = { "mid", 20, mid }, h = { "high", 30, high };
	start(&l); lines(1);
	SHOW(rank_of(l.tid));
	start(&m); start(&h); rest(&h);
	SHOW(rank_of(l.tid));
	tell(&l, 1);
	pthread_join(h.thread, NULL); pthread_join(m.thread, NULL); pthread_join(l.thread, NULL);
	show_events(lowest ? "inversion" : "inversion, low is not real-time");
}

// Locks by hand.
static void owner(struct actor *a) {
	a->result = answer(fx(a->lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	event(a->name, "owns");
	while (!a->go) fx((uint32_t *)&a->go, FUTEX_WAIT, 0, NULL, NULL, 0);
	if (a->go == 2) return; // dies with it
	a->result = answer(fx(a->lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	event(a->name, "unlocked");
}
static void waiter(struct actor *a) {
	if (a->other) a->result = answer(fx(a->other, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	a->result = answer(fx(a->lock, FUTEX_LOCK_PI, 0, a->until, NULL, 0));
	event(a->name, a->result ? errname(-a->result) : "got it");
	if (!a->result) fx(a->lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
	if (a->other) fx(a->other, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}

static struct timespec in_ms(long ms) {
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_nsec += ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000, t.tv_nsec %= 1000000000;
	return t;
}

static void nothing(int s) { (void)s; event("handler", "runs"); }

static void chain(void) {
	uint32_t x = 0, y = 0;
	struct timespec until = in_ms(2000);
	struct actor a = { "a", 10, owner, .lock = &x }, b = { "b", 20, waiter, .lock = &x, .other = &y }, c = { "c", 40, waiter, .lock = &y, .until = &until },
		d = { "d", 50, waiter, .lock = &y };
	start(&a); rest(&a); SHOW(rank_of(a.tid));
	start(&b); rest(&b); SHOW(rank_of(a.tid)); SHOW(rank_of(b.tid));
	start(&c); rest(&c); SHOW(rank_of(a.tid)); SHOW(rank_of(b.tid));
	// Another priority for one who waits, and for an owner.
	MUST(sched_setparam(c.tid, &(struct sched_param){ 60 })); SHOW(rank_of(a.tid)); SHOW(rank_of(b.tid));
	MUST(sched_setparam(a.tid, &(struct sched_param){ 70 })); SHOW(rank_of(a.tid));
	MUST(sched_setparam(a.tid, &(struct sched_param){ 5 })); SHOW(rank_of(a.tid));
	MUST(sched_setparam(c.tid, &(struct sched_param){ 15 })); SHOW(rank_of(a.tid)); SHOW(rank_of(b.tid));
	MUST(sched_setscheduler(c.tid, SCHED_OTHER, &(struct sched_param){ 0 })); SHOW(rank_of(a.tid)); SHOW(rank_of(b.tid));
	MUST(sched_setscheduler(c.tid, SCHED_RR, &(struct sched_param){ 45 })); SHOW(rank_of(a.tid)); SHOW(rank_of(b.tid));
	// A signal does not end the wait, a timeout does.
	signal(SIGUSR1, nothing);
	MUST(syscall(SYS_tgkill, getpid(), c.tid, SIGUSR1)); lines(2); rest(&c); SHOW(rank_of(a.tid));
	start(&d); rest(&d); SHOW(rank_of(a.tid)); SHOW(rank_of(b.tid));
	while (!c.done) sleep_ms(5);
	SHOW(rank_of(a.tid)); SHOW(rank_of(b.tid));
	printf("x %s, ", word(x)); printf("y %s\n", word(y));
	tell(&a, 1);
	SHOW(rank_of(self()));
	pthread_join(a.thread, NULL); pthread_join(b.thread, NULL); pthread_join(c.thread, NULL); pthread_join(d.thread, NULL);
	printf("x %s, ", word(x)); printf("y %s\n", word(y));
	show_events("chain");
}

static void deadlock(void) {
	uint32_t x = 0, y = 0, z = 0;
	ERR(fx(&z, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	struct actor a = { "a", 10, waiter, .other = &x, .lock = &z }, b = { "b", 20, waiter, .other = &y, .lock = &x };
	start(&a); rest(&a); start(&b); rest(&b);
	ERR(fx(&y, FUTEX_LOCK_PI, 0, NULL, NULL, 0)); // b waits for a, a for us
	ERR(fx(&y, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(&x, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(&z, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(&z, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	pthread_join(a.thread, NULL); pthread_join(b.thread, NULL);
	show_events("deadlock");
}

static void order(void) {
	uint32_t x = 0;
	ERR(fx(&x, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	struct actor w[] = { { "11", 11, waiter }, { "33", 33, waiter }, { "other", 0, waiter }, { "22", 22, waiter }, { "33 again", 33, waiter }, { "other again", 0, waiter } };
	for (size_t i = 0; i < COUNT(w); i++) { w[i].lock = &x; start(&w[i]); rest(&w[i]); }
	printf("x %s\n", word(x));
	ERR(fx(&x, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	printf("x %s\n", word(x));
	for (size_t i = 0; i < COUNT(w); i++) pthread_join(w[i].thread, NULL);
	printf("x %s\n", word(x));
	show_events("order of waiters");
}

// A lock was given to a thread that has not run since: a better one takes it, an equal one does not.
static void steal(void) {
	uint32_t x = 0;
	ERR(fx(&x, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	struct actor m = { "mid", 20, waiter, .lock = &x }, h = { "high", 30, waiter, .lock = &x }, e = { "equal", 20, waiter, .lock = &x };
	start(&m); rest(&m);
	ERR(fx(&x, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	start(&e); start(&h);
	SHOW(rank_of(m.tid));
	pthread_join(m.thread, NULL); pthread_join(h.thread, NULL); pthread_join(e.thread, NULL);
	printf("x %s\n", word(x));
	show_events("steal");
}

static void plain_waiter(struct actor *a) {
	a->result = answer(fx(a->lock, FUTEX_WAIT, 0, NULL, NULL, 0));
	event(a->name, a->result ? errname(-a->result) : "woke");
}

static void wake_order(void) {
	uint32_t x = 0;
	struct actor w[] = { { "11", 11, plain_waiter }, { "33", 33, plain_waiter }, { "22", 22, plain_waiter }, { "33 again", 33, plain_waiter } };
	for (size_t i = 0; i < COUNT(w); i++) { w[i].lock = &x; start(&w[i]); rest(&w[i]); }
	for (size_t i = 0; i < COUNT(w); i++) { ERR(fx(&x, FUTEX_WAKE, 1, NULL, NULL, 0)); lines(i + 1); }
	for (size_t i = 0; i < COUNT(w); i++) pthread_join(w[i].thread, NULL);
	show_events("order of FUTEX_WAKE");
}

// The owner ends without unlocking.
static void death(void) {
	uint32_t x = 0;
	struct actor a = { "a", 10, owner, .lock = &x }, b = { "b", 20, waiter, .lock = &x }, c = { "c", 30, waiter, .lock = &x };
	start(&a); rest(&a); start(&b); rest(&b); start(&c); rest(&c);
	SHOW(rank_of(a.tid));
	tell(&a, 2);
	pthread_join(a.thread, NULL); pthread_join(b.thread, NULL); pthread_join(c.thread, NULL);
	printf("x %s\n", word(x));
	show_events("death");
	// Nobody waited: the word names a thread that is gone.
	struct actor e = { "e", 10, owner, .lock = &x, .go = 2 };
	x = 0; start(&e); pthread_join(e.thread, NULL);
	printf("x %s\n", word(x));
	ERR(fx(&x, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	printf("x %s\n", word(x));
	x = FUTEX_OWNER_DIED | FUTEX_WAITERS;
	ERR(fx(&x, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	printf("x %s\n", word(x));
	ERR(fx(&x, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	printf("x %s\n", word(x));
	show_events("nobody waited");
}

static void robust_owner(struct actor *a) {
	pthread_mutex_lock(&pi_mutex); event(a->name, "has it");
	while (!a->go) fx((uint32_t *)&a->go, FUTEX_WAIT, 0, NULL, NULL, 0);
}
static void robust_waiter(struct actor *a) {
	int e = pthread_mutex_lock(&pi_mutex);
	event(a->name, errname(e));
	if (e == EOWNERDEAD && a->priority == 30) pthread_mutex_consistent(&pi_mutex);
	pthread_mutex_unlock(&pi_mutex);
}
static void robust(void) {
	pthread_mutexattr_t attr;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	RET(pthread_mutex_init(&pi_mutex, &attr));
	struct actor a = { "a", 10, robust_owner }, b = { "b", 20, robust_waiter }, c = { "c", 30, robust_waiter };
	start(&a); rest(&a); start(&b); rest(&b); start(&c); rest(&c);
	SHOW(rank_of(a.tid));
	tell(&a, 1);
	pthread_join(a.thread, NULL); pthread_join(b.thread, NULL); pthread_join(c.thread, NULL);
	RET(pthread_mutex_trylock(&pi_mutex)); RET(pthread_mutex_unlock(&pi_mutex));
	show_events("robust and PI");
}

// As a condition variable does it.
static uint32_t cond, mutex;
static void cond_waiter(struct actor *a) {
	a->result = answer(fx(&cond, FUTEX_WAIT_REQUEUE_PI | FUTEX_CLOCK_REALTIME, 0, a->until, &mutex, 0));
	event(a->name, a->result ? errname(-a->result) : "got the lock");
	if (!a->result) fx(&mutex, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
}
static void requeue(int held) {
	cond = mutex = 0;
	struct actor l = { "low", 5, owner, .lock = &mutex };
	struct actor w[] = { { "10", 10, cond_waiter }, { "30", 30, cond_waiter }, { "20", 20, cond_waiter } };
	if (held) { start(&l); rest(&l); }
	for (size_t i = 0; i < COUNT(w); i++) { start(&w[i]); rest(&w[i]); }
	if (held) SHOW(rank_of(l.tid));
	ERR(fx(&cond, FUTEX_WAKE, 1, NULL, NULL, 0));
	ERR(fx(&cond, FUTEX_CMP_REQUEUE, 1, (void *)9, &mutex, 0));
	ERR(fx(&cond, FUTEX_CMP_REQUEUE_PI, 2, (void *)9, &mutex, 0));
	ERR(fx(&cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)9, &cond, 0));
	ERR(fx(&cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)9, &mutex, 7));
	uint32_t wrong = 0;
	ERR(fx(&cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)9, &wrong, 0));
	ERR(fx(&cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)0, &mutex, 0));
	printf("mutex %s\n", word(mutex));
	if (!held) lines(1);
	if (held) SHOW(rank_of(l.tid));
	ERR(fx(&cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)9, &mutex, 0));
	printf("mutex %s\n", word(mutex));
	if (held) SHOW(rank_of(l.tid));
	if (held) ERR(fx(&mutex, FUTEX_WAKE, 1, NULL, NULL, 0));
	tell(&l, 1);
	for (size_t i = 0; i < COUNT(w); i++) pthread_join(w[i].thread, NULL);
	if (held) pthread_join(l.thread, NULL);
	printf("mutex %s\n", word(mutex));
	ERR(fx(&cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)9, &mutex, 0));
	show_events(held ? "requeue, held" : "requeue, free");
}

static void requeue_ends(void) {
	cond = mutex = 0;
	ERR(fx(&cond, FUTEX_WAIT_REQUEUE_PI, 1, NULL, &mutex, 0));
	ERR(fx(&cond, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &cond, 0));
	struct timespec soon = in_ms(20), later = in_ms(1500);
	// Before the move, after it, and a signal after it.
	struct actor l = { "low", 5, owner, .lock = &mutex };
	struct actor w[] = { { "soon", 10, cond_waiter, .until = &soon }, { "later", 30, cond_waiter, .until = &later }, { "signalled", 20, cond_waiter } };
	start(&l); rest(&l);
	for (size_t i = 0; i < COUNT(w); i++) { start(&w[i]); rest(&w[i]); }
	while (!w[0].done) sleep_ms(5);
	ERR(fx(&cond, FUTEX_CMP_REQUEUE_PI, 1, (void *)9, &mutex, 0));
	SHOW(rank_of(l.tid));
	while (!w[1].done) sleep_ms(5);
	SHOW(rank_of(l.tid));
	MUST(syscall(SYS_tgkill, getpid(), w[2].tid, SIGUSR1));
	while (!w[2].done) sleep_ms(5);
	SHOW(rank_of(l.tid));
	for (size_t i = 0; i < COUNT(w); i++) pthread_join(w[i].thread, NULL);
	printf("mutex %s\n", word(mutex));
	tell(&l, 1); pthread_join(l.thread, NULL);
	printf("mutex %s\n", word(mutex));
	show_events("ends of requeued waits");
}

static void errors(void) {
	uint32_t x = 0, pair[2] = { 0 };
	ERR(fx((uint32_t *)((char *)pair + 1), FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	ERR(fx((uint32_t *)((char *)pair + 1), FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(NULL, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(NULL, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(&x, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	x = 0x3ffffffe; // no such thread
	ERR(fx(&x, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	printf("x %s\n", word(x));
	struct timespec bad = { 1, 2000000000 }, past = { 1, 0 };
	x = 0;
	ERR(fx(&x, FUTEX_LOCK_PI, 0, &bad, NULL, 0));
	ERR(fx(&x, FUTEX_LOCK_PI, 0, &past, NULL, 0));
	printf("x %s\n", word(x));
	ERR(fx(&x, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(&x, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	struct actor l = { "low", 5, owner, .lock = &x }, w = { "w", 10, waiter, .lock = &x }, p = { "plain", 10, plain_waiter, .lock = &pair[0] };
	start(&l); rest(&l);
	ERR(fx(&x, FUTEX_LOCK_PI, 0, &past, NULL, 0));
	ERR(fx(&x, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(&x, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	start(&w); rest(&w);
	// Somebody has changed the word under a waiter.
	uint32_t right = x;
	x = FUTEX_WAITERS | self(); ERR(fx(&x, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	x = w.tid; ERR(fx(&x, FUTEX_LOCK_PI, 0, &past, NULL, 0));
	x = 0; ERR(fx(&x, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	x = right;
	start(&p); rest(&p);
	ERR(fx(&pair[0], FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(&pair[0], FUTEX_CMP_REQUEUE_PI, 1, (void *)9, &pair[1], 0));
	ERR(fx(&pair[0], FUTEX_WAKE, 1, NULL, NULL, 0));
	tell(&l, 1);
	pthread_join(l.thread, NULL); pthread_join(w.thread, NULL); pthread_join(p.thread, NULL);
	show_events("errors");
}

int main(void) {
	cpu_set_t set, one;
	MUST(sched_getaffinity(0, sizeof set, &set));
	int cpu = 0;
	while (!CPU_ISSET(cpu, &set)) cpu++;
	CPU_ZERO(&one); CPU_SET(cpu, &one);
	MUST(sched_setaffinity(0, sizeof one, &one));
	MUST(setpriority(PRIO_PROCESS, 0, 0));
	MUST(sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ MAIN }));
	alarm(50);
	inversion(10);
	inversion(0);
	chain();
	deadlock();
	order();
	wake_order();
	steal();
	death();
	robust();
	requeue(1);
	requeue(0);
	requeue_ends();
	errors();
	return 0;
}
