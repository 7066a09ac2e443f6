// setitimer, alarm, timer_create, timerfd.
#include "check.h"
#include <sys/timerfd.h>

static volatile int hits, value, code;
static void on(int s, siginfo_t *i, void *c) { (void)s; (void)c; hits++; code = i->si_code; value = i->si_value.sival_int; }
static void wait_hits(int n) { for (int i = 0; i < 2000 && hits < n; i++) sleep_ms(1); }
static void from_thread(union sigval v) { value = v.sival_int; hits++; }

int main(void) {
	struct sigaction sa = { .sa_sigaction = on, .sa_flags = SA_SIGINFO };
	const int sigs[] = { SIGALRM, SIGVTALRM, SIGPROF, SIGUSR1, SIGRTMIN };
	for (size_t i = 0; i < COUNT(sigs); i++) sigaction(sigs[i], &sa, NULL);
	struct itimerval it = { { 0, 0 }, { 0, 20000 } }, old;
	ERR(setitimer(ITIMER_REAL, &it, NULL));
	wait_hits(1);
	SHOW(hits); SAY("%s", codename(SIGALRM, code));
	it.it_interval.tv_usec = 5000;
	hits = 0;
	ERR(setitimer(ITIMER_REAL, &it, NULL));
	wait_hits(3);
	SHOW(hits >= 3);
	ERR(getitimer(ITIMER_REAL, &old));
	SHOW(old.it_interval.tv_usec);
	ERR(setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, &old));
	SHOW(old.it_interval.tv_usec);
	hits = 0;
	sleep_ms(20);
	SHOW(hits);
	it = (struct itimerval){ { 0, 0 }, { 0, 10000 } };
	ERR(setitimer(ITIMER_VIRTUAL, &it, NULL));
	while (hits < 1) {}
	SHOW(hits);
	ERR(setitimer(ITIMER_PROF, &it, NULL));
	while (hits < 2) {}
	SHOW(hits);
	ERR(setitimer(9, &it, NULL));
	it.it_value.tv_usec = 1000000;
	ERR(setitimer(ITIMER_REAL, &it, NULL));
	ERR(syscall(SYS_setitimer, ITIMER_REAL, 8, NULL));
	SHOW(alarm(100)); SHOW(alarm(50) > 98); SHOW(alarm(0) > 48); SHOW(alarm(0));

	timer_t t;
	struct sigevent se = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 321 };
	ERR(timer_create(CLOCK_MONOTONIC, &se, &t));
	struct itimerspec is = { { 0, 0 }, { 0, 10000000 } }, cur;
	hits = 0;
	ERR(timer_settime(t, 0, &is, NULL));
	wait_hits(1);
	SHOW(hits); SHOW(value); SAY("%s", codename(SIGRTMIN, code));
	ERR(timer_gettime(t, &cur));
	SHOW(cur.it_value.tv_nsec); SHOW(timer_getoverrun(t));
	// Overruns are counted while the signal is blocked.
	sigset_t m;
	sigemptyset(&m); sigaddset(&m, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &m, NULL);
	is.it_interval.tv_nsec = 2000000;
	ERR(timer_settime(t, 0, &is, NULL));
	sleep_ms(50);
	siginfo_t si;
	SHOW(sigwaitinfo(&m, &si) == SIGRTMIN); SHOW(si.si_overrun >= 5); SHOW(si.si_code == SI_TIMER); SHOW(si.si_value.sival_int);
	ERR(timer_delete(t));
	ERR(timer_gettime(t, &cur));
	ERR(timer_delete(t));
	sigprocmask(SIG_UNBLOCK, &m, NULL);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	ERR(timer_create(CLOCK_REALTIME, NULL, &t)); // SIGALRM, value is the timer
	hits = 0;
	is = (struct itimerspec){ { 0, 0 }, now };
	ERR(timer_settime(t, TIMER_ABSTIME, &is, NULL)); // at once
	wait_hits(1);
	SHOW(hits);
	is.it_value.tv_nsec = 1000000000;
	ERR(timer_settime(t, 0, &is, NULL));
	ERR(timer_settime(t, 0, NULL, NULL));
	ERR(timer_delete(t));
	se.sigev_signo = 99;
	ERR(timer_create(CLOCK_MONOTONIC, &se, &t));
	se.sigev_signo = SIGUSR1;
	ERR(timer_create(99, &se, &t));
	se.sigev_notify = 77;
	ERR(syscall(SYS_timer_create, CLOCK_MONOTONIC, &se, &t));
	se = (struct sigevent){ .sigev_notify = SIGEV_THREAD, .sigev_notify_function = from_thread, .sigev_value.sival_int = 99 };
	ERR(timer_create(CLOCK_MONOTONIC, &se, &t));
	hits = 0;
	is = (struct itimerspec){ { 0, 0 }, { 0, 5000000 } };
	ERR(timer_settime(t, 0, &is, NULL));
	wait_hits(1);
	SHOW(hits); SHOW(value);
	ERR(timer_delete(t));
	se = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	ERR(timer_create(CLOCK_THREAD_CPUTIME_ID, &se, &t));
	hits = 0;
	ERR(timer_settime(t, 0, &is, NULL));
	while (!hits) {}
	SHOW(hits);
	ERR(timer_delete(t));

	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	HEX(fcntl(fd, F_GETFL)); SHOW(fcntl(fd, F_GETFD));
	uint64_t n = 0;
	ERR(read(fd, &n, 8));
	is = (struct itimerspec){ { 0, 5000000 }, { 0, 10000000 } };
	ERR(timerfd_settime(fd, 0, &is, NULL));
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	ERR(poll(&p, 1, 1000));
	HEX(p.revents);
	sleep_ms(30);
	ERR(read(fd, &n, 8));
	SHOW(n >= 4);
	ERR(read(fd, &n, 4));
	ERR(timerfd_gettime(fd, &cur));
	SHOW(cur.it_interval.tv_nsec); SHOW(cur.it_value.tv_nsec > 0 && cur.it_value.tv_nsec <= 5000000);
	ERR(timerfd_settime(fd, 0, &(struct itimerspec){ 0 }, &cur));
	SHOW(cur.it_interval.tv_nsec);
	ERR(timerfd_gettime(fd, &cur));
	SHOW(cur.it_value.tv_nsec);
	ERR(poll(&p, 1, 0));
	MUST(fcntl(fd, F_SETFL, 0));
	is = (struct itimerspec){ { 0, 0 }, { 0, 5000000 } };
	MUST(timerfd_settime(fd, 0, &is, NULL));
	ERR(read(fd, &n, 8)); // blocks
	SHOW(n);
	ERR(write(fd, &n, 8));
	ERR(timerfd_settime(fd, 0x80, &is, NULL));
	is.it_value.tv_nsec = -1;
	ERR(timerfd_settime(fd, 0, &is, NULL));
	ERR(timerfd_create(CLOCK_THREAD_CPUTIME_ID, 0));
	ERR(timerfd_create(CLOCK_MONOTONIC, 1));
	ERR(timerfd_settime(0, 0, &(struct itimerspec){ 0 }, NULL));
	ERR(timerfd_settime(77, 0, &(struct itimerspec){ 0 }, NULL));
	return 0;
}
