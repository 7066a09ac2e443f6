// futex by hand: every operation, its counts and its errors.
#include "check.h"
#include <linux/futex.h>

static long fx(uint32_t *a, int op, uint32_t v, void *t, uint32_t *b, uint32_t v3) { return syscall(SYS_futex, a, op, v, t, b, v3); }
static uint32_t one, two, ready;
static long answers[8];

struct job { int slot, op; uint32_t *at, val, bits; };
static void *waiter(void *p) {
	struct job *j = p;
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	errno = 0;
	long r = fx(j->at, j->op, j->val, NULL, NULL, j->bits);
	answers[j->slot] = r < 0 ? -errno : r;
	return NULL;
}

/// Starts n waiters and waits until they sleep.
static pthread_t th[8];
static struct job jobs[8];
static void start(int n, int op, uint32_t *at, uint32_t bits) {
	ready = 0;
	for (int i = 0; i < n; i++) {
		jobs[i] = (struct job){ i, op, at, *at, bits };
		answers[i] = 99;
		pthread_create(&th[i], NULL, waiter, &jobs[i]);
	}
	while (__atomic_load_n(&ready, __ATOMIC_SEQ_CST) < (uint32_t)n) sched_yield();
	sleep_ms(50);
}
static void finish(int n) {
	for (int i = 0; i < n; i++) pthread_join(th[i], NULL);
	for (int i = 0; i < n; i++) printf("%s ", errname(-answers[i]));
	puts("");
}

int main(void) {
	fault_init();
	struct timespec none = { 0, 0 }, ms = { 0, 5000000 }, bad = { 0, 1000000000 }, neg = { -1, 0 }, past = { 1, 0 };
	ERR(fx(&one, FUTEX_WAIT, 1, NULL, NULL, 0)); // value differs
	ERR(fx(&one, FUTEX_WAIT, 0, &none, NULL, 0));
	ERR(fx(&one, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, &ms, NULL, 0));
	ERR(fx(&one, FUTEX_WAIT, 0, &bad, NULL, 0));
	ERR(fx(&one, FUTEX_WAIT, 0, &neg, NULL, 0));
	ERR(fx(&one, FUTEX_WAIT_BITSET, 0, &past, NULL, FUTEX_BITSET_MATCH_ANY));
	ERR(fx(&one, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &past, NULL, FUTEX_BITSET_MATCH_ANY));
	ERR(fx(&one, FUTEX_WAIT_BITSET, 0, &past, NULL, 0));
	ERR(fx(&one, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
	ERR(fx(&one, FUTEX_WAKE, 1, NULL, NULL, 0));
	ERR(fx(NULL, FUTEX_WAKE, 1, NULL, NULL, 0));
	ERR(fx(NULL, FUTEX_WAIT, 0, NULL, NULL, 0));
	ERR(fx((uint32_t *)((char *)&one + 1), FUTEX_WAIT, 0, NULL, NULL, 0));
	ERR(fx((uint32_t *)((char *)&one + 2), FUTEX_WAKE, 0, NULL, NULL, 0));
	ERR(fx((void *)-4096L, FUTEX_WAIT, 0, NULL, NULL, 0));
	ERR(fx(&one, 99, 0, NULL, NULL, 0));
	ERR(fx(&one, FUTEX_FD, 0, NULL, NULL, 0));
	ERR(fx(&one, FUTEX_REQUEUE, -1, (void *)1L, &two, 0));
	ERR(fx(&one, FUTEX_REQUEUE, 1, (void *)-1L, &two, 0));
	ERR(fx(&one, FUTEX_CMP_REQUEUE, 1, (void *)1L, &two, 77));
	ERR(fx(&one, FUTEX_WAKE_OP, 1, (void *)1L, (uint32_t *)16, FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_EQ, 0)));
	ERR(fx(&one, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));

	start(3, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, &one, 0);
	SHOW(fx(&one, FUTEX_WAKE, 1, NULL, NULL, 0)); // a shared wake of private waiters
	SHOW(fx(&one, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 2, NULL, NULL, 0));
	SHOW(fx(&one, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, NULL, NULL, 0));
	finish(3);
	start(3, FUTEX_WAIT, &one, 0);
	SHOW(fx(&one, FUTEX_WAKE, INT_MAX, NULL, NULL, 0));
	finish(3);
	start(2, FUTEX_WAIT_BITSET, &one, 2);
	SHOW(fx(&one, FUTEX_WAKE_BITSET, 9, NULL, NULL, 1));
	SHOW(fx(&one, FUTEX_WAKE_BITSET, 1, NULL, NULL, 3));
	SHOW(fx(&one, FUTEX_WAKE, 9, NULL, NULL, 0));
	finish(2);
	start(5, FUTEX_WAIT, &one, 0);
	SHOW(fx(&one, FUTEX_REQUEUE, 1, (void *)2L, &two, 0));
	SHOW(fx(&two, FUTEX_WAKE, 9, NULL, NULL, 0));
	SHOW(fx(&one, FUTEX_WAKE, 9, NULL, NULL, 0));
	finish(5);
	start(4, FUTEX_WAIT, &one, 0);
	SHOW(fx(&one, FUTEX_CMP_REQUEUE, 1, (void *)9L, &two, 0));
	SHOW(fx(&one, FUTEX_WAKE, 9, NULL, NULL, 0));
	SHOW(fx(&two, FUTEX_WAKE, 9, NULL, NULL, 0));
	finish(4);
	// WAKE_OP: two += 5; was it 0? Then wake there too.
	start(2, FUTEX_WAIT, &two, 0);
	SHOW(fx(&one, FUTEX_WAKE_OP, 1, (void *)1L, &two, FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0)));
	SHOW(two);
	SHOW(fx(&one, FUTEX_WAKE_OP, 1, (void *)1L, &two, FUTEX_OP(FUTEX_OP_SET, 9, FUTEX_OP_CMP_GT, 100)));
	SHOW(two);
	SHOW(fx(&one, FUTEX_WAKE_OP, 0, (void *)9L, &two, FUTEX_OP(FUTEX_OP_OR | FUTEX_OP_OPARG_SHIFT, 8, FUTEX_OP_CMP_NE, 0)));
	SHOW(two);
	fx(&two, FUTEX_WAKE, 9, NULL, NULL, 0);
	finish(2);
	fx(&one, FUTEX_WAKE_OP, 0, 0, &two, FUTEX_OP(FUTEX_OP_ANDN, 8, FUTEX_OP_CMP_EQ, 0)); SHOW(two);
	fx(&one, FUTEX_WAKE_OP, 0, 0, &two, FUTEX_OP(FUTEX_OP_XOR, 3, FUTEX_OP_CMP_LT, 0)); SHOW(two);
	// Shared: the same word seen through two mappings of a file.
	int fd = memfd_create("f", 0);
	MUST(ftruncate(fd, PAGE));
	uint32_t *a = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), *b = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	start(2, FUTEX_WAIT, a + 5, 0);
	SHOW(fx(b + 5, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 9, NULL, NULL, 0));
	SHOW(fx(b + 5, FUTEX_WAKE, 9, NULL, NULL, 0));
	finish(2);
	// PI by hand: lock, recursion refused, unlock, not mine.
	uint32_t pi = 0;
	ERR(fx(&pi, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	SHOW((pi & FUTEX_TID_MASK) == (uint32_t)gettid());
	ERR(fx(&pi, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(&pi, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(&pi, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	SHOW(pi);
	ERR(fx(&pi, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(&pi, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	ERR(fx(&pi, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	pi = 99999999;
	ERR(fx(&pi, FUTEX_LOCK_PI, 0, NULL, NULL, 0)); // no such owner
	return 0;
}
