// check.h: what the guest programs print with.
//
// Each program says what it observes of the kernel, is run on Linux first and on unox second, and must print the same. So nothing
// random goes out: no addresses, no times, no process ids; errors by name.
#ifndef CHECK_H
#define CHECK_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// Bad pointers and lengths are what many of the programs are about.
#pragma GCC diagnostic ignored "-Wnonnull"
#pragma GCC diagnostic ignored "-Warray-bounds"
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#pragma GCC diagnostic ignored "-Wstringop-overread"

#define MAYBE_UNUSED __attribute__((unused))
#define PAGE 4096L
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/// The name of an errno value; own table, because musl has no strerrorname_np.
static MAYBE_UNUSED const char *errname(long long e) {
	static char other[24];
#define E(x) case x: return #x;
	switch (e) {
	E(EPERM) E(ENOENT) E(ESRCH) E(EINTR) E(EIO) E(ENXIO) E(E2BIG) E(ENOEXEC) E(EBADF) E(ECHILD) E(EAGAIN) E(ENOMEM) E(EACCES) E(EFAULT)
	E(ENOTBLK) E(EBUSY) E(EEXIST) E(EXDEV) E(ENODEV) E(ENOTDIR) E(EISDIR) E(EINVAL) E(ENFILE) E(EMFILE) E(ENOTTY) E(ETXTBSY) E(EFBIG)
	E(ENOSPC) E(ESPIPE) E(EROFS) E(EMLINK) E(EPIPE) E(EDOM) E(ERANGE) E(EDEADLK) E(ENAMETOOLONG) E(ENOLCK) E(ENOSYS) E(ENOTEMPTY)
	E(ELOOP) E(ENODATA) E(EOVERFLOW) E(ENOTSOCK) E(EDESTADDRREQ) E(EMSGSIZE) E(EPROTOTYPE) E(ENOPROTOOPT) E(EPROTONOSUPPORT)
	E(ESOCKTNOSUPPORT) E(EOPNOTSUPP) E(EAFNOSUPPORT) E(EADDRINUSE) E(EADDRNOTAVAIL) E(ECONNRESET) E(ECONNABORTED) E(ENOBUFS) E(EISCONN) E(ENOTCONN)
	E(ESHUTDOWN) E(ETIMEDOUT) E(ECONNREFUSED) E(EALREADY) E(EINPROGRESS) E(ESTALE) E(ECANCELED) E(EOWNERDEAD) E(ENOTRECOVERABLE)
	}
#undef E
	if (e == 0) return "0";
	snprintf(other, sizeof other, "errno %lld", e);
	return other;
}

/// The name of a signal number.
static MAYBE_UNUSED const char *signame(int s) {
	static char other[24];
#define S(x) case x: return #x;
	switch (s) {
	S(SIGHUP) S(SIGINT) S(SIGQUIT) S(SIGILL) S(SIGTRAP) S(SIGABRT) S(SIGBUS) S(SIGFPE) S(SIGKILL) S(SIGUSR1) S(SIGSEGV) S(SIGUSR2)
	S(SIGPIPE) S(SIGALRM) S(SIGTERM) S(SIGCHLD) S(SIGCONT) S(SIGSTOP) S(SIGTSTP) S(SIGTTIN) S(SIGTTOU) S(SIGURG) S(SIGXCPU) S(SIGXFSZ)
	S(SIGVTALRM) S(SIGPROF) S(SIGWINCH) S(SIGIO) S(SIGPWR) S(SIGSYS)
	}
#undef S
	if (s >= SIGRTMIN && s <= SIGRTMAX) snprintf(other, sizeof other, "SIGRTMIN+%d", s - SIGRTMIN);
	else snprintf(other, sizeof other, "signal %d", s);
	return other;
}

/// The name of an si_code, which only together with the signal means something.
static MAYBE_UNUSED const char *codename(int sig, int code) {
	static char other[24];
#define C(x) case x: return #x;
	switch (code) { C(SI_USER) C(SI_KERNEL) C(SI_QUEUE) C(SI_TIMER) C(SI_MESGQ) C(SI_ASYNCIO) C(SI_SIGIO) C(SI_TKILL) }
	if (sig == SIGSEGV) switch (code) { C(SEGV_MAPERR) C(SEGV_ACCERR) }
	if (sig == SIGBUS) switch (code) { C(BUS_ADRALN) C(BUS_ADRERR) C(BUS_OBJERR) }
	if (sig == SIGFPE) switch (code) { C(FPE_INTDIV) C(FPE_INTOVF) C(FPE_FLTDIV) C(FPE_FLTOVF) C(FPE_FLTUND) C(FPE_FLTRES) C(FPE_FLTINV) }
	if (sig == SIGILL) switch (code) { C(ILL_ILLOPC) C(ILL_ILLOPN) C(ILL_PRVOPC) }
	if (sig == SIGTRAP) switch (code) { C(TRAP_BRKPT) C(TRAP_TRACE) }
#undef C
	snprintf(other, sizeof other, "code %d", code);
	return other;
}

static MAYBE_UNUSED void show_result(const char *text, long long r) {
	if (r == -1) { int e = errno; printf("%s = -1 %s\n", text, errname(e)); }
	else printf("%s = %lld\n", text, r);
}

static MAYBE_UNUSED void show_ok(const char *text, long long r) {
	if (r == -1) { int e = errno; printf("%s = -1 %s\n", text, errname(e)); }
	else printf("%s = ok\n", text);
}

/// Prints `expr = value`.
#define SHOW(e) printf("%s = %lld\n", #e, (long long)(e))
/// The same in hexadecimal, for flags.
#define HEX(e) printf("%s = %#llx\n", #e, (unsigned long long)(e))
/// A string, quoted.
#define STR(e) printf("%s = \"%s\"\n", #e, (const char *)(e))
/// A call: its value, or -1 and the name of errno.
#define ERR(e) ((void)(errno = 0), show_result(#e, (long long)(e)))
/// A call whose value may differ from run to run: `ok`, or -1 and the name of errno.
#define OK(e) ((void)(errno = 0), show_ok(#e, (long long)(e)))
/// A call that returns its error (pthread_*).
#define RET(e) printf("%s = %s\n", #e, errname(e))
/// A free line.
#define SAY(...) ((void)printf(__VA_ARGS__), (void)putchar('\n'))
/// For preparations that are not the test: must work.
#define MUST(e) must(#e, (long long)(e))
static MAYBE_UNUSED long long must(const char *text, long long r) {
	if (r == -1) { printf("MUST FAILED: %s: %s\n", text, errname(errno)); fflush(stdout); _exit(99); }
	return r;
}

/// Goes to an empty directory on a tmpfs: the harness names one, on unox and by hand it is made.
static MAYBE_UNUSED const char *workdir(void) {
	static char dir[64];
	const char *given = getenv("UNOX_TEST_DIR");
	if (given) snprintf(dir, sizeof dir, "%s", given);
	else {
		snprintf(dir, sizeof dir, "%s/unox-test-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
		if (!mkdtemp(dir)) { printf("no work directory: %s\n", errname(errno)); exit(99); }
	}
	MUST(chmod(dir, 0755));
	MUST(chdir(dir));
	umask(022);
	return dir;
}

/// A file with these bytes.
static MAYBE_UNUSED void spill(const char *path, const char *text) {
	int fd = MUST(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));
	MUST(write(fd, text, strlen(text)));
	close(fd);
}

/// What a file holds, as a string (up to 4095 bytes).
static MAYBE_UNUSED const char *slurp(const char *path) {
	static char buf[4096];
	int fd = open(path, O_RDONLY);
	if (fd < 0) return errname(errno);
	ssize_t n = read(fd, buf, sizeof buf - 1);
	close(fd);
	buf[n < 0 ? 0 : n] = 0;
	return buf;
}

static MAYBE_UNUSED long long now_ns(clockid_t c) {
	struct timespec t;
	clock_gettime(c, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static MAYBE_UNUSED void sleep_ms(long ms) {
	struct timespec t = { ms / 1000, ms % 1000 * 1000000 };
	while (nanosleep(&t, &t) < 0 && errno == EINTR) {}
}

static sigjmp_buf fault_jmp MAYBE_UNUSED;
static siginfo_t fault_info MAYBE_UNUSED;
/// Fault addresses are printed relative to this.
static char *fault_base MAYBE_UNUSED;

static volatile int fault_armed MAYBE_UNUSED;

static MAYBE_UNUSED void fault_handler(int sig, siginfo_t *info, void *uc) {
	(void)uc;
	if (!fault_armed) {
		printf("UNEXPECTED FAULT: %s %s\n", signame(sig), codename(sig, info->si_code));
		fflush(stdout);
		_exit(98);
	}
	fault_armed = 0;
	fault_info = *info;
	siglongjmp(fault_jmp, 1);
}

/// Catches the signals of faults on an alternate stack.
static MAYBE_UNUSED void fault_init(void) {
	static char stack[65536] __attribute__((aligned(16)));
	stack_t ss = { .ss_sp = stack, .ss_size = sizeof stack };
	MUST(sigaltstack(&ss, NULL));
	struct sigaction sa = { .sa_sigaction = fault_handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };
	const int sigs[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	for (size_t i = 0; i < COUNT(sigs); i++) MUST(sigaction(sigs[i], &sa, NULL));
}

static MAYBE_UNUSED void fault_report(const char *text) {
	int s = fault_info.si_signo;
	long long at = (long long)(intptr_t)fault_info.si_addr, rel = at - (long long)(intptr_t)fault_base;
	printf("%s: %s %s", text, signame(s), codename(s, fault_info.si_code));
	if (s == SIGFPE || s == SIGILL || s == SIGTRAP) printf("\n");
	else if (fault_base && rel >= -PAGE && rel < (1LL << 32)) printf(" at base%+lld\n", rel);
	else if (at >= -65536 && at < 65536) printf(" at %lld\n", at);
	else printf(" elsewhere\n");
}

/// Does `stmt` and says whether, and how, it faulted.
#define FAULT(stmt) do { \
	if (!sigsetjmp(fault_jmp, 1)) { fault_armed = 1; stmt; fault_armed = 0; printf("%s: no fault\n", #stmt); } else fault_report(#stmt); \
} while (0)

/// A byte read or written where the compiler must not look.
#define PEEK(p) (*(volatile char *)(p))
#define POKE(p, v) (*(volatile char *)(p) = (char)(v))

__attribute__((constructor)) static void check_init(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

// For programs that throw random calls or code at the kernel: never on the machine they are built on, which they would damage.
#include <sys/utsname.h>
#include <string.h>
#include <stdio.h>
#include <stdlib.h>
__attribute__((unused)) static void only_on_unox(void) {
	struct utsname u;
	if (uname(&u) || !strstr(u.release, "unox")) { fputs("this program may only run on unox: it damages the machine it runs on\n", stderr); exit(2); }
}
#endif
