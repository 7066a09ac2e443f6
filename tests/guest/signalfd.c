// signalfd: reading signals as records, with poll, epoll and several at once.
#include "check.h"
#include <sys/signalfd.h>

static void show(const struct signalfd_siginfo *s) {
	SAY("  %s %s value %d pid ok %d", signame(s->ssi_signo), codename(s->ssi_signo, s->ssi_code), s->ssi_int, (int)s->ssi_pid == getpid());
}

int main(void) {
	sigset_t m;
	sigemptyset(&m);
	sigaddset(&m, SIGUSR1); sigaddset(&m, SIGRTMIN); sigaddset(&m, SIGALRM);
	MUST(sigprocmask(SIG_BLOCK, &m, NULL));
	int fd = signalfd(-1, &m, SFD_NONBLOCK | SFD_CLOEXEC);
	SHOW(fd);
	HEX(fcntl(fd, F_GETFL)); SHOW(fcntl(fd, F_GETFD));
	struct signalfd_siginfo s[4];
	ERR(read(fd, s, sizeof s));
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT };
	ERR(poll(&p, 1, 0));
	raise(SIGUSR1);
	ERR(poll(&p, 1, 0));
	HEX(p.revents);
	union sigval v = { .sival_int = 5 };
	sigqueue(getpid(), SIGRTMIN, v);
	v.sival_int = 6;
	sigqueue(getpid(), SIGRTMIN, v);
	ERR(read(fd, s, 10)); // too small for one
	ssize_t n = read(fd, s, sizeof s);
	SHOW(n / (ssize_t)sizeof *s);
	for (int i = 0; i < n / (int)sizeof *s; i++) show(&s[i]);
	ERR(poll(&p, 1, 0));
	int ep = epoll_create1(0);
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = 9 };
	ERR(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	alarm(1);
	struct itimerval it = { .it_value = { 0, 10000 } };
	setitimer(ITIMER_REAL, &it, NULL);
	ERR(epoll_wait(ep, &ev, 1, 5000));
	SHOW(ev.data.u32);
	ERR(read(fd, s, sizeof s) / sizeof *s);
	show(s);
	// The mask of the descriptor is changed.
	sigdelset(&m, SIGUSR1);
	SHOW(signalfd(fd, &m, 0) == fd);
	raise(SIGUSR1);
	ERR(read(fd, s, sizeof s));
	ERR(poll(&p, 1, 0));
	sigaddset(&m, SIGUSR1);
	MUST(signalfd(fd, &m, 0));
	ERR(poll(&p, 1, 0));
	fcntl(fd, F_SETFL, 0);
	ERR(read(fd, s, sizeof s) / sizeof *s);
	show(s);
	ERR(signalfd(0, &m, 0));
	ERR(signalfd(77, &m, 0));
	ERR(signalfd(-1, &m, 7));
	ERR(syscall(SYS_signalfd4, -1, &m, 4, 0));
	ERR(write(fd, s, sizeof s[0]));
	return 0;
}
