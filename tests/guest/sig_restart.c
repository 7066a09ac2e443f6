// A signal during a blocking call: EINTR or restarted, call by call, with and without SA_RESTART.
#include "check.h"
#include <linux/futex.h>

static volatile int hits;
static int p[2];
static void on(int s) { (void)s; hits++; }
static pthread_t boss;
static volatile int arm;

/// Sends SIGUSR1 to the main thread, then lets a restarted read or wait end by a byte.
static void *sender(void *q) {
	(void)q;
	while (arm) {
		while (arm == 1) sched_yield();
		if (!arm) break;
		int feed = arm == 3;
		sleep_ms(40);
		pthread_kill(boss, SIGUSR1);
		sleep_ms(40);
		if (feed) (void)!write(p[1], "x", 1);
		arm = 1;
	}
	return NULL;
}
#define TRY(flags, feed, call) do { \
	struct sigaction sa = { .sa_handler = on, .sa_flags = flags }; \
	MUST(sigaction(SIGUSR1, &sa, NULL)); hits = 0; errno = 0; arm = feed ? 3 : 2; \
	long long r_ = (long long)(call); int e_ = errno; \
	while (arm != 1) sched_yield(); \
	SAY("%s [%s] = %s%lld %s, hits %d", #call, #flags, r_ > 99 ? "+" : "", r_ > 99 ? 0 : r_, r_ == -1 ? errname(e_) : "", hits); \
} while (0)

int main(void) {
	char c;
	pthread_t t;
	boss = pthread_self();
	arm = 1;
	MUST(pipe(p));
	pthread_create(&t, NULL, sender, NULL);
	TRY(0, 0, read(p[0], &c, 1));
	TRY(SA_RESTART, 1, read(p[0], &c, 1));
	struct timespec long_time = { 10, 0 };
	struct pollfd pf = { .fd = p[0], .events = POLLIN };
	TRY(SA_RESTART, 0, poll(&pf, 1, 10000));
	TRY(0, 0, ppoll(&pf, 1, &long_time, NULL));
	fd_set fs;
	FD_ZERO(&fs); FD_SET(p[0], &fs);
	TRY(SA_RESTART, 0, select(p[0] + 1, &fs, NULL, NULL, NULL));
	int ep = epoll_create1(0);
	struct epoll_event ev = { .events = EPOLLIN };
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &ev));
	TRY(SA_RESTART, 0, epoll_wait(ep, &ev, 1, 10000));
	static uint32_t word;
	TRY(0, 0, syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0));
	TRY(SA_RESTART, 0, syscall(SYS_futex, &word, FUTEX_WAIT, 0, &(struct timespec){ 0, 200000000 }, NULL, 0));
	TRY(0, 0, syscall(SYS_futex, &word, FUTEX_WAIT, 0, &long_time, NULL, 0));
	TRY(SA_RESTART, 0, nanosleep(&long_time, NULL));
	TRY(SA_RESTART, 0, pause());
	sigset_t none;
	sigemptyset(&none);
	TRY(SA_RESTART, 0, sigsuspend(&none));
	sigset_t w;
	sigemptyset(&w); sigaddset(&w, SIGUSR2);
	TRY(SA_RESTART, 0, sigtimedwait(&w, NULL, &long_time));
	int full[2];
	MUST(pipe(full));
	MUST(fcntl(full[1], F_SETFL, O_NONBLOCK));
	while (write(full[1], &none, sizeof none) > 0) {}
	MUST(fcntl(full[1], F_SETFL, 0));
	TRY(0, 0, write(full[1], &none, sizeof none));
	int ef = eventfd(0, 0);
	uint64_t v;
	TRY(0, 0, read(ef, &v, 8));
	int sp[2];
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sp));
	TRY(0, 0, recv(sp[0], &c, 1, 0));
	struct timeval tv = { 10, 0 };
	MUST(setsockopt(sp[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
	TRY(SA_RESTART, 0, recv(sp[0], &c, 1, 0)); // with a timeout it is EINTR always
	// ppoll with a mask that lets the signal in only while it waits.
	sigset_t block;
	sigemptyset(&block); sigaddset(&block, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &block, NULL);
	TRY(0, 0, ppoll(&pf, 1, &long_time, &none));
	TRY(0, 0, pselect(p[0] + 1, &fs, NULL, NULL, &long_time, &none));
	TRY(0, 0, epoll_pwait(ep, &ev, 1, 10000, &none));
	sigset_t now;
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	SHOW(sigismember(&now, SIGUSR1));
	arm = 0;
	pthread_join(t, NULL);
	return 0;
}
