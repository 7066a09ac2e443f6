// Descriptors: dup in all forms, flags, locks of three kinds, close_range, pipe size, owner.
#include "check.h"
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

static int lock(int fd, int cmd, short type, long start, long len) { struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len }; return fcntl(fd, cmd, &l); }
static void ask(int fd, int cmd, short type, long start, long len) {
	struct flock l = { .l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = len };
	if (fcntl(fd, cmd, &l) < 0) { SAY("  %s", errname(errno)); return; }
	if (l.l_type == F_UNLCK) SAY("  free");
	else SAY("  %s %lld+%lld pid %d", l.l_type == F_RDLCK ? "read" : "write", (long long)l.l_start, (long long)l.l_len, l.l_pid == -1 ? -1 : l.l_pid == getpid());
}
static int other;
static void *blocked(void *p) { (void)p; return (void *)(long)lock(other, F_OFD_SETLKW, F_WRLCK, 0, 10); }
static void *blocked_flock(void *p) { (void)p; return (void *)(long)flock(other, LOCK_EX); }

int main(void) {
	workdir();
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0644)), a, b;
	ERR(a = dup(fd)); ERR(dup2(fd, 10)); ERR(dup2(fd, fd)); ERR(dup3(fd, fd, 0)); ERR(dup3(fd, 11, O_CLOEXEC)); SHOW(fcntl(11, F_GETFD));
	ERR(dup3(fd, 11, 1)); ERR(dup2(99, 12)); ERR(dup2(99, 99)); ERR(dup(-1)); ERR(dup2(fd, -1)); ERR(dup2(fd, 1 << 30));
	ERR(fcntl(fd, F_DUPFD, 20)); ERR(fcntl(fd, F_DUPFD_CLOEXEC, 20)); SHOW(fcntl(21, F_GETFD)); SHOW(fcntl(20, F_GETFD));
	ERR(fcntl(fd, F_DUPFD, -1)); ERR(fcntl(fd, 9999)); ERR(fcntl(99, F_GETFD));
	MUST(write(a, "shared offset", 13)); SHOW(lseek(fd, 0, SEEK_CUR)); SHOW(lseek(10, 0, SEEK_CUR));
	ERR(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_RDONLY | O_CREAT)); HEX(fcntl(a, F_GETFL)); HEX(fcntl(10, F_GETFL));
	ERR(fcntl(fd, F_SETFL, 0)); ERR(fcntl(fd, F_SETFD, FD_CLOEXEC)); SHOW(fcntl(a, F_GETFD));
	ERR(syscall(SYS_close_range, 10, 11, 0)); ERR(fcntl(10, F_GETFD)); ERR(syscall(SYS_close_range, 20, 30, CLOSE_RANGE_CLOEXEC));
	SHOW(fcntl(20, F_GETFD)); ERR(syscall(SYS_close_range, 20, ~0U, 0)); ERR(fcntl(21, F_GETFD)); ERR(syscall(SYS_close_range, 5, 4, 0));
	ERR(syscall(SYS_close_range, 30, 40, 99));
	// POSIX locks: one owner is the process, so it never stands in its own way.
	b = MUST(open("f", O_RDWR));
	ERR(lock(fd, F_SETLK, F_WRLCK, 0, 100)); ERR(lock(b, F_SETLK, F_WRLCK, 50, 100)); ask(b, F_GETLK, F_WRLCK, 0, 0);
	ERR(lock(fd, F_SETLK, F_UNLCK, 20, 10)); ERR(lock(fd, F_SETLK, F_RDLCK, 0, 5));
	ERR(lock(fd, F_SETLK, 77, 0, 1)); ERR(lock(fd, F_SETLK, F_WRLCK, -5, 1)); ERR(lock(fd, F_SETLK, F_WRLCK, 10, -5));
	ERR(lock(99, F_SETLK, F_WRLCK, 0, 1)); int ro = MUST(open("f", O_RDONLY)); ERR(lock(ro, F_SETLK, F_WRLCK, 0, 1));
	ERR(lock(ro, F_SETLK, F_RDLCK, 500, 1)); ERR(fcntl(fd, F_SETLK, 8));
	// OFD locks belong to the open file.
	ask(b, F_OFD_GETLK, F_WRLCK, 0, 0);
	ERR(lock(fd, F_SETLK, F_UNLCK, 0, 0));
	ERR(lock(fd, F_OFD_SETLK, F_WRLCK, 0, 100)); ERR(lock(b, F_OFD_SETLK, F_WRLCK, 50, 100)); ERR(lock(b, F_OFD_SETLK, F_RDLCK, 99, 1));
	ERR(lock(b, F_OFD_SETLK, F_WRLCK, 100, 10)); ask(b, F_OFD_GETLK, F_WRLCK, 10, 10); ask(fd, F_OFD_GETLK, F_RDLCK, 0, 0);
	ask(a, F_OFD_GETLK, F_WRLCK, 0, 50);
	ERR(lock(fd, F_OFD_SETLK, F_RDLCK, 0, 100)); ERR(lock(b, F_OFD_SETLK, F_RDLCK, 50, 10)); ERR(lock(fd, F_OFD_SETLK, F_WRLCK, 40, 20));
	ERR(lock(fd, F_OFD_SETLK, F_UNLCK, 30, 40)); ask(b, F_OFD_GETLK, F_WRLCK, 0, 100); ask(b, F_OFD_GETLK, F_WRLCK, 30, 70);
	ask(b, F_OFD_GETLK, F_WRLCK, 30, 10);
	// A POSIX lock against an OFD lock.
	ERR(lock(b, F_SETLK, F_WRLCK, 0, 10)); ask(b, F_GETLK, F_WRLCK, 0, 10);
	close(a); ask(b, F_OFD_GETLK, F_WRLCK, 0, 10); // the other descriptor still holds it
	other = b;
	pthread_t t; void *r;
	pthread_create(&t, NULL, blocked, NULL); sleep_ms(30); ERR(lock(fd, F_OFD_SETLK, F_UNLCK, 0, 0)); pthread_join(t, &r); SHOW((long)r);
	ask(fd, F_OFD_GETLK, F_RDLCK, 0, 1);
	close(b); ask(fd, F_OFD_GETLK, F_WRLCK, 0, 0);
	// flock.
	b = MUST(open("f", O_RDWR)); a = dup(fd);
	ERR(flock(fd, LOCK_SH)); ERR(flock(b, LOCK_SH | LOCK_NB)); ERR(flock(b, LOCK_EX | LOCK_NB)); ERR(flock(a, LOCK_UN));
	ERR(flock(b, LOCK_EX | LOCK_NB)); ERR(flock(fd, LOCK_SH | LOCK_NB)); ERR(flock(b, LOCK_UN)); ERR(flock(b, LOCK_UN));
	ERR(flock(99, LOCK_SH)); ERR(flock(fd, 0));
	ERR(flock(fd, LOCK_EX)); other = b; pthread_create(&t, NULL, blocked_flock, NULL); sleep_ms(30); close(fd); close(a);
	pthread_join(t, &r); SHOW((long)r);
	ERR(lock(b, F_OFD_SETLK, F_WRLCK, 0, 0)); // flock and fcntl do not see each other
	int p[2];
	MUST(pipe2(p, O_CLOEXEC | O_NONBLOCK)); HEX(fcntl(p[0], F_GETFL)); HEX(fcntl(p[1], F_GETFL)); SHOW(fcntl(p[0], F_GETFD));
	SHOW(fcntl(p[0], F_GETPIPE_SZ)); ERR(fcntl(p[0], F_SETPIPE_SZ, 5000)); ERR(fcntl(p[1], F_GETPIPE_SZ));
	ERR(fcntl(p[0], F_SETPIPE_SZ, 0)); ERR(fcntl(b, F_GETPIPE_SZ)); ERR(pipe2(p, 1)); ERR(flock(p[0], LOCK_EX | LOCK_NB));
	SHOW(fcntl(p[0], F_GETOWN)); ERR(fcntl(p[0], F_SETOWN, getpid())); SHOW(fcntl(p[0], F_GETOWN) == getpid());
	ERR(fcntl(p[0], F_SETOWN, 99999999)); SHOW(fcntl(p[0], F_GETSIG)); ERR(fcntl(p[0], F_SETSIG, SIGRTMIN)); ERR(fcntl(p[0], F_SETSIG, 99));
	ERR(fcntl(b, F_GETLEASE)); int m = memfd_create("m", 0); SHOW(fcntl(m, F_GET_SEALS));
	int n = 3; ERR(ioctl(b, FIONCLEX)); ERR(ioctl(b, FIOCLEX)); SHOW(fcntl(b, F_GETFD)); ERR(ioctl(p[0], FIONBIO, &n));
	HEX(fcntl(p[0], F_GETFL)); ERR(ioctl(99, FIONREAD, &n)); ERR(ioctl(b, 0x5401, &n)); ERR(ioctl(p[0], 0x5413, &n));
	ERR(ioctl(b, 0xdeadbeef, &n)); MUST(lseek(b, 5, SEEK_SET)); ERR(ioctl(b, FIONREAD, &n)); SHOW(n); SHOW(isatty(b));
	MUST(write(p[1], "abc", 3)); ERR(ioctl(p[0], FIONREAD, &n)); SHOW(n);
	return 0;
}
