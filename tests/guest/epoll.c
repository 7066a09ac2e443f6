// epoll: level, edge, oneshot, exclusive, nested, duplicates, closing, time limits, errors.
#include "check.h"

static int ep, p[2], q[2];
static struct epoll_event ev[8];
static int ctl(int op, int fd, uint32_t events, uint64_t data) { struct epoll_event e = { .events = events, .data.u64 = data }; return epoll_ctl(ep, op, fd, &e); }
static void wait_(const char *what, int ms) {
	int n = epoll_wait(ep, ev, 8, ms);
	printf("%s: %s%d", what, n < 0 ? errname(errno) : "", n);
	for (int i = 0; i < n; i++) for (int k = i + 1; k < n; k++) if (ev[k].data.u64 < ev[i].data.u64) { struct epoll_event x = ev[i]; ev[i] = ev[k]; ev[k] = x; }
	for (int i = 0; i < n; i++) printf(" [%llu %#x]", (unsigned long long)ev[i].data.u64, ev[i].events);
	puts("");
}
static void *late(void *x) { sleep_ms(30); (void)!write(p[1], "x", 1); return x; }
static int woken;
static void *waiter(void *x) { struct epoll_event e; int n = epoll_wait((int)(long)x, &e, 1, 300); if (n == 1) __atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST); return NULL; }

int main(void) {
	workdir();
	char b[16];
	ERR(ep = epoll_create1(EPOLL_CLOEXEC)); SHOW(fcntl(ep, F_GETFD)); HEX(fcntl(ep, F_GETFL)); ERR(epoll_create1(1)); ERR(epoll_create(0));
	ERR(close(epoll_create(1)));
	MUST(pipe(p)); MUST(pipe(q));
	wait_("empty", 0);
	ERR(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1)); ERR(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 1)); ERR(ctl(EPOLL_CTL_MOD, q[0], EPOLLIN, 1));
	ERR(ctl(EPOLL_CTL_DEL, q[0], 0, 0)); ERR(ctl(EPOLL_CTL_ADD, 99, EPOLLIN, 1)); ERR(ctl(EPOLL_CTL_ADD, ep, EPOLLIN, 1));
	ERR(ctl(77, q[0], EPOLLIN, 1)); int file = MUST(open("f", O_CREAT | O_RDWR, 0644)), dir = MUST(open(".", O_RDONLY));
	ERR(ctl(EPOLL_CTL_ADD, file, EPOLLIN, 1)); ERR(ctl(EPOLL_CTL_ADD, dir, EPOLLIN, 1)); ERR(epoll_ctl(ep, EPOLL_CTL_ADD, q[0], (void *)8));
	ERR(epoll_ctl(file, EPOLL_CTL_ADD, q[0], ev)); ERR(epoll_ctl(99, EPOLL_CTL_ADD, q[0], ev)); ERR(epoll_wait(file, ev, 1, 0));
	ERR(epoll_wait(ep, ev, 0, 0)); ERR(epoll_wait(ep, ev, -1, 0)); ERR(epoll_wait(ep, (void *)8, 1, 0)); ERR(epoll_wait(99, ev, 1, 0));
	ERR(ctl(EPOLL_CTL_ADD, open("/dev/null", O_RDONLY), EPOLLIN, 5));
	MUST(write(p[1], "ab", 2)); wait_("level", 0); wait_("level still", 0); MUST(read(p[0], b, 1)); wait_("level one left", 0);
	MUST(read(p[0], b, 1)); wait_("level none", 0);
	ERR(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 2)); MUST(write(p[1], "a", 1)); wait_("edge", 0); wait_("edge again", 0);
	MUST(write(p[1], "b", 1)); wait_("edge new data", 0); MUST(read(p[0], b, 1)); wait_("edge after a part was read", 0);
	ERR(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET, 2)); wait_("edge rearmed by MOD", 0); MUST(read(p[0], b, 9));
	ERR(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 3)); MUST(write(p[1], "a", 1)); wait_("oneshot", 0); MUST(write(p[1], "b", 1));
	wait_("oneshot spent", 0); ERR(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT, 3)); wait_("oneshot again", 0);
	ERR(ctl(EPOLL_CTL_ADD, q[1], EPOLLOUT, 4)); ERR(ctl(EPOLL_CTL_ADD, q[0], EPOLLIN, 5)); wait_("writable", 0);
	ERR(ctl(EPOLL_CTL_MOD, q[1], 0, 4)); wait_("no events asked", 0); close(q[1]); wait_("writer closed", 0);
	ERR(ctl(EPOLL_CTL_DEL, q[0], 0, 0)); wait_("deleted", 0); ERR(ctl(EPOLL_CTL_ADD, q[0], 0, 6)); wait_("HUP is always told", 0);
	close(q[0]); wait_("closed descriptor leaves", 0);
	// A duplicate keeps the registration alive.
	MUST(read(p[0], b, 9)); ERR(ctl(EPOLL_CTL_MOD, p[0], EPOLLIN, 7)); int d = dup(p[0]); ERR(ctl(EPOLL_CTL_ADD, d, EPOLLIN, 8));
	MUST(write(p[1], "x", 1)); wait_("two descriptors, one pipe", 0); ERR(ctl(EPOLL_CTL_DEL, d, 0, 0)); int keep = p[0]; close(p[0]);
	wait_("original closed, dup open", 0); ERR(ctl(EPOLL_CTL_DEL, keep, 0, 0)); close(d); wait_("both closed", 0);
	close(p[1]); MUST(pipe(p));
	// Nested.
	int outer = epoll_create1(0); ERR(ctl(EPOLL_CTL_ADD, p[0], EPOLLIN, 9)); struct epoll_event e = { .events = EPOLLIN, .data.u64 = 10 };
	ERR(epoll_ctl(outer, EPOLL_CTL_ADD, ep, &e)); ERR(epoll_wait(outer, ev, 8, 0)); MUST(write(p[1], "x", 1));
	ERR(epoll_wait(outer, ev, 8, 0)); SHOW(ev[0].data.u64); struct pollfd pf = { .fd = outer, .events = POLLIN }; ERR(poll(&pf, 1, 0));
	ERR(ctl(EPOLL_CTL_ADD, outer, EPOLLIN, 1)); // a loop
	MUST(read(p[0], b, 9)); ERR(epoll_wait(outer, ev, 8, 0));
	// Time limits and waking.
	long long t0 = now_ns(CLOCK_MONOTONIC); wait_("25 ms", 25); SHOW(now_ns(CLOCK_MONOTONIC) - t0 >= 24000000); pthread_t t[4];
	pthread_create(&t[0], NULL, late, NULL); wait_("woken", 5000); pthread_join(t[0], NULL); pthread_create(&t[0], NULL, late, NULL);
	MUST(read(p[0], b, 9)); wait_("for ever", -1); pthread_join(t[0], NULL); MUST(read(p[0], b, 9));
	struct timespec ts = { 0, 10000000 }, bad = { 0, -5 }; ERR(syscall(SYS_epoll_pwait2, ep, ev, 8, &ts, NULL, 8));
	ERR(syscall(SYS_epoll_pwait2, ep, ev, 8, &bad, NULL, 8)); ERR(syscall(SYS_epoll_pwait, ep, ev, 8, 0, NULL, 3));
	ERR(syscall(SYS_epoll_pwait, ep, ev, 8, 0, 8, 8));
	// Adding while it is ready already; from inside a wait of another thread.
	int r[2]; MUST(pipe(r)); MUST(write(r[1], "x", 1)); ERR(ctl(EPOLL_CTL_ADD, r[0], EPOLLIN | EPOLLET, 11));
	wait_("ready before it was added", 0); ERR(ctl(EPOLL_CTL_DEL, r[0], 0, 0));
	int eps[3];
	for (int i = 0; i < 3; i++) { eps[i] = epoll_create1(0); e = (struct epoll_event){ .events = EPOLLIN | EPOLLEXCLUSIVE, .data.u64 = i }; MUST(epoll_ctl(eps[i], EPOLL_CTL_ADD, p[0], &e)); }
	ERR(epoll_ctl(eps[0], EPOLL_CTL_MOD, p[0], &e)); e.events = EPOLLIN | EPOLLEXCLUSIVE | EPOLLONESHOT;
	ERR(epoll_ctl(eps[0], EPOLL_CTL_ADD, r[0], &e)); e.events = EPOLLIN | EPOLLEXCLUSIVE; ERR(epoll_ctl(outer, EPOLL_CTL_ADD, eps[0], &e));
	for (int i = 0; i < 3; i++) pthread_create(&t[i], NULL, waiter, (void *)(long)eps[i]); sleep_ms(30); MUST(write(p[1], "x", 1));
	for (int i = 0; i < 3; i++) pthread_join(t[i], NULL); SHOW(woken >= 1);
	// More ready than room: the rest comes next time, all get their turn.
	MUST(read(p[0], b, 9)); int many[20][2], seen[20] = { 0 }, big = epoll_create1(0);
	for (int i = 0; i < 20; i++) { MUST(pipe(many[i])); MUST(write(many[i][1], "x", 1)); e = (struct epoll_event){ .events = EPOLLIN, .data.u64 = i }; MUST(epoll_ctl(big, EPOLL_CTL_ADD, many[i][0], &e)); }
	for (int k = 0; k < 5; k++) { int n = epoll_wait(big, ev, 4, 0); for (int i = 0; i < n; i++) seen[ev[i].data.u64]++; } int all = 1;
	for (int i = 0; i < 20; i++) all &= seen[i] == 1; SHOW(all);
	return 0;
}
