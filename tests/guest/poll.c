// poll, ppoll, select, pselect: states, time limits, bad descriptors, masks.
#include "check.h"

static void *late(void *p) { sleep_ms(30); (void)!write((int)(long)p, "x", 1); return NULL; }
static long long took(long long since) { return (now_ns(CLOCK_MONOTONIC) - since) / 1000000; }

int main(void) {
	workdir();
	int p[2], q[2], file = MUST(open("f", O_RDWR | O_CREAT, 0644)), null = MUST(open("/dev/null", O_RDWR)), dir = MUST(open(".", O_RDONLY)), path = MUST(open("f", O_PATH));
	MUST(pipe(p)); MUST(pipe(q));
	struct pollfd f[8] = { { p[0], POLLIN, 9 }, { p[1], POLLOUT, 9 }, { 99, POLLIN, 9 }, { -1, POLLIN, 9 }, { file, POLLIN | POLLOUT | POLLPRI, 9 }, { null, POLLIN | POLLOUT, 9 }, { dir, POLLIN, 9 }, { path, POLLIN, 9 } };
	ERR(poll(f, 8, 0)); for (int i = 0; i < 8; i++) printf("%#x ", f[i].revents); puts("");
	ERR(poll(f, 1, 0)); long long t0 = now_ns(CLOCK_MONOTONIC); ERR(poll(f, 1, 25)); SHOW(took(t0) >= 24); ERR(poll(NULL, 0, 10));
	ERR(poll((void *)8, 1, 0)); ERR(poll(NULL, 1, 0)); ERR(poll(f, -1, 0)); ERR(poll(f, 1 << 25, 0));
	struct timespec ts = { 0, 20000000 }, bad = { 0, -1 }, zero = { 0, 0 }; ERR(ppoll(f, 1, &ts, NULL)); ERR(ppoll(f, 1, &bad, NULL));
	ERR(syscall(SYS_ppoll, f, 1, &ts, NULL, 3)); ERR(syscall(SYS_ppoll, f, 1, &zero, 8, 8));
	struct timespec left = { 3, 0 }; pthread_t t; pthread_create(&t, NULL, late, (void *)(long)p[1]);
	ERR(syscall(SYS_ppoll, f, 1, &left, NULL, 8)); pthread_join(t, NULL); SHOW(left.tv_sec);
	HEX(f[0].revents); // the raw call tells the rest
	f[0].events = 0; ERR(poll(f, 1, 0)); f[0].events = POLLIN; f[1] = f[0]; ERR(poll(f, 2, 0)); // the same descriptor twice
	char c; MUST(read(p[0], &c, 1));
	fd_set r, w, e; FD_ZERO(&r); FD_ZERO(&w); FD_ZERO(&e); FD_SET(p[0], &r); FD_SET(q[0], &r); FD_SET(p[1], &w); FD_SET(file, &r);
	FD_SET(file, &w); FD_SET(file, &e);
	struct timeval tv = { 0, 0 }; ERR(select(20, &r, &w, &e, &tv));
	SAY("%d %d %d %d %d %d", FD_ISSET(p[0], &r), FD_ISSET(q[0], &r), FD_ISSET(p[1], &w), FD_ISSET(file, &r), FD_ISSET(file, &w), FD_ISSET(file, &e));
	FD_ZERO(&r); FD_SET(p[0], &r); tv.tv_usec = 20000; ERR(select(p[0] + 1, &r, NULL, NULL, &tv)); SHOW(FD_ISSET(p[0], &r));
	SHOW(tv.tv_sec + tv.tv_usec); FD_SET(40, &r); tv = (struct timeval){ 0, 0 }; ERR(select(41, &r, NULL, NULL, &tv));
	SHOW(FD_ISSET(40, &r)); FD_ZERO(&r); FD_SET(p[0], &r); ERR(select(p[0], &r, NULL, NULL, &tv)); ERR(select(-1, NULL, NULL, NULL, &tv));
	tv.tv_sec = -1; ERR(select(0, NULL, NULL, NULL, &tv)); tv = (struct timeval){ 0, 1000 }; ERR(select(0, NULL, NULL, NULL, &tv));
	ERR(select(5, (void *)8, NULL, NULL, &tv));
	FD_ZERO(&r); FD_SET(p[0], &r); pthread_create(&t, NULL, late, (void *)(long)p[1]); tv = (struct timeval){ 5, 0 };
	ERR(select(p[0] + 1, &r, NULL, NULL, &tv)); SHOW(FD_ISSET(p[0], &r)); SHOW(tv.tv_sec); pthread_join(t, NULL);
	ERR(pselect(p[0] + 1, &r, NULL, NULL, &zero, NULL)); ERR(pselect(p[0] + 1, &r, NULL, NULL, &bad, NULL)); MUST(read(p[0], &c, 1));
	struct rlimit rl = { 4, 100 }; MUST(setrlimit(RLIMIT_NOFILE, &rl)); ERR(poll(f, 5, 0)); ERR(poll(f, 4, 0) >= 0);
	// Several waiters on one pipe; closing the writer wakes all.
	close(p[1]); f[0] = (struct pollfd){ p[0], POLLIN | POLLRDHUP, 0 }; ERR(poll(f, 1, 1000)); HEX(f[0].revents); close(q[0]);
	f[0] = (struct pollfd){ q[1], POLLOUT, 0 }; ERR(poll(f, 1, 1000)); HEX(f[0].revents);
	return 0;
}
