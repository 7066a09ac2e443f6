// Handlers, masks, pending signals, queues, the flags of sigaction, sigsuspend, sigtimedwait, errors.
#include "check.h"
#include <ucontext.h>

static volatile int log_n;
static void note(int s, siginfo_t *i, void *c) {
	(void)c;
	printf("  got %s %s value %d pid ok %d\n", signame(s), codename(s, i->si_code), i->si_code == SI_QUEUE ? i->si_value.sival_int : 0,
		i->si_code == SI_USER || i->si_code == SI_QUEUE || i->si_code == SI_TKILL ? i->si_pid == getpid() : -1);
	log_n++;
}
static void plain(int s) { printf("  plain %s\n", signame(s)); log_n++; }
static void nested(int s) {
	static volatile int level, total;
	sigset_t m;
	sigprocmask(SIG_BLOCK, NULL, &m);
	printf("  level %d: blocked self %d, USR2 %d\n", level, sigismember(&m, s), sigismember(&m, SIGUSR2));
	level++;
	if (++total % 3) raise(s);
	level--;
	printf("  leaving %d\n", level);
}
static void act(int sig, void (*h)(int), int flags, int also) {
	struct sigaction sa = { .sa_handler = h, .sa_flags = flags };
	sigemptyset(&sa.sa_mask);
	if (also) sigaddset(&sa.sa_mask, also);
	MUST(sigaction(sig, &sa, NULL));
}
static void info(int sig) {
	struct sigaction sa = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };
	MUST(sigaction(sig, &sa, NULL));
}
static void mask(int how, int a, int b) {
	sigset_t m;
	sigemptyset(&m);
	sigaddset(&m, a);
	if (b) sigaddset(&m, b);
	MUST(sigprocmask(how, &m, NULL));
}
static void pending(void) {
	sigset_t p;
	sigpending(&p);
	printf("  pending:");
	for (int i = 1; i <= 64; i++) if (sigismember(&p, i) == 1) printf(" %s", signame(i));
	puts("");
}

int main(void) {
	union sigval v = { .sival_int = 7 };
	info(SIGUSR1); info(SIGUSR2); info(SIGRTMIN); info(SIGRTMIN + 1);
	ERR(raise(SIGUSR1));
	ERR(kill(getpid(), SIGUSR1));
	ERR(syscall(SYS_tkill, gettid(), SIGUSR1));
	ERR(sigqueue(getpid(), SIGUSR1, v));
	// Blocked standard signals merge, real-time ones queue; lower numbers come first.
	mask(SIG_BLOCK, SIGUSR1, SIGUSR2); mask(SIG_BLOCK, SIGRTMIN, SIGRTMIN + 1);
	for (int i = 0; i < 3; i++) { raise(SIGUSR2); v.sival_int = i; sigqueue(getpid(), SIGRTMIN + 1, v); sigqueue(getpid(), SIGRTMIN, v); sigqueue(getpid(), SIGUSR1, v); }
	pending();
	mask(SIG_UNBLOCK, SIGUSR1, SIGUSR2);
	pending();
	mask(SIG_UNBLOCK, SIGRTMIN, SIGRTMIN + 1);
	pending();
	// NODEFER, mask of the handler, RESETHAND.
	act(SIGUSR1, nested, SA_NODEFER, SIGUSR2);
	raise(SIGUSR1);
	act(SIGUSR1, nested, 0, 0);
	raise(SIGUSR1); // now each waits for the one before
	act(SIGUSR1, plain, SA_RESETHAND, 0);
	raise(SIGUSR1);
	struct sigaction sa;
	ERR(sigaction(SIGUSR1, NULL, &sa));
	SHOW(sa.sa_handler == SIG_DFL);
	HEX(sa.sa_flags & ~0x04000000);
	act(SIGUSR1, SIG_IGN, 0, 0);
	raise(SIGUSR1);
	mask(SIG_BLOCK, SIGUSR1, 0);
	raise(SIGUSR1);
	pending(); // ignored, yet blocked: it is kept, for it may be caught later
	act(SIGUSR1, plain, 0, 0);
	raise(SIGUSR1);
	pending();
	act(SIGUSR1, SIG_IGN, 0, 0); // throws the pending one away
	pending();
	act(SIGCHLD, SIG_DFL, 0, 0);
	raise(SIGCHLD); raise(SIGURG); raise(SIGWINCH); raise(SIGCONT); // ignored by default
	mask(SIG_UNBLOCK, SIGUSR1, 0);
	// Errors.
	ERR(sigaction(SIGKILL, &(struct sigaction){ .sa_handler = plain }, NULL));
	ERR(sigaction(SIGSTOP, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL));
	ERR(sigaction(SIGKILL, NULL, &sa));
	ERR(sigaction(0, NULL, &sa));
	ERR(sigaction(65, NULL, &sa));
	ERR(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
	ERR(syscall(SYS_rt_sigaction, SIGUSR1, 8, NULL, 8));
	ERR(syscall(SYS_rt_sigprocmask, 9, &sa.sa_mask, NULL, 8));
	ERR(syscall(SYS_rt_sigprocmask, 9, NULL, NULL, 8));
	ERR(syscall(SYS_rt_sigprocmask, 0, &sa.sa_mask, NULL, 16));
	ERR(syscall(SYS_rt_sigprocmask, 0, 8, NULL, 8));
	ERR(syscall(SYS_rt_sigpending, &sa.sa_mask, 9));
	ERR(kill(getpid(), 65)); ERR(kill(getpid(), -1)); ERR(kill(getpid(), 0)); ERR(kill(99999999, 0));
	ERR(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, 8));
	// KILL and STOP cannot be blocked.
	sigset_t all, old;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	sigprocmask(SIG_SETMASK, NULL, &all);
	SHOW(sigismember(&all, SIGKILL)); SHOW(sigismember(&all, SIGSTOP)); SHOW(sigismember(&all, SIGTERM));
	sigprocmask(SIG_SETMASK, &old, NULL);
	// sigsuspend lets one in and puts the mask back.
	info(SIGUSR2);
	mask(SIG_BLOCK, SIGUSR2, 0);
	raise(SIGUSR2);
	sigset_t none;
	sigemptyset(&none);
	ERR(sigsuspend(&none));
	sigprocmask(SIG_SETMASK, NULL, &all);
	SHOW(sigismember(&all, SIGUSR2));
	ERR(syscall(SYS_rt_sigsuspend, &none, 4));
	// sigtimedwait takes pending ones without a handler.
	siginfo_t si;
	sigset_t w;
	sigemptyset(&w);
	sigaddset(&w, SIGUSR2); sigaddset(&w, SIGRTMIN);
	mask(SIG_BLOCK, SIGRTMIN, 0);
	v.sival_int = 55;
	sigqueue(getpid(), SIGRTMIN, v);
	raise(SIGUSR2);
	struct timespec t0 = { 0, 0 }, t1 = { 0, 10000000 }, bad = { 0, -1 };
	SAY("%s", signame(sigtimedwait(&w, &si, &t0)));
	SAY("%s", signame(sigwaitinfo(&w, &si)));
	SHOW(si.si_value.sival_int); SHOW(si.si_code == SI_QUEUE); SHOW(si.si_pid == getpid()); SHOW(si.si_uid == getuid());
	ERR(sigtimedwait(&w, &si, &t0));
	ERR(sigtimedwait(&w, &si, &t1));
	ERR(sigtimedwait(&w, &si, &bad));
	ERR(syscall(SYS_rt_sigtimedwait, &w, &si, &t0, 4));
	ERR(syscall(SYS_rt_sigtimedwait, 8, &si, &t0, 8));
	// The queue has an end.
	struct rlimit r = { 5, 5 };
	MUST(setrlimit(RLIMIT_SIGPENDING, &r));
	mask(SIG_BLOCK, SIGRTMIN + 1, 0);
	int sent = 0;
	while (sent < 100 && sigqueue(getpid(), SIGRTMIN + 1, v) == 0) sent++;
	SAY("queue full: %d, then %s", sent <= 5, errname(errno));
	return log_n;
}
