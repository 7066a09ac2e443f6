// open and openat: every flag, what it creates, what it refuses.
#include "check.h"

int main(void) {
	workdir();
	char buf[64];
	int fd, d;
	ERR(fd = open("none", O_RDONLY));
	ERR(fd = open("a", O_RDWR | O_CREAT | O_EXCL, 0666));
	ERR(open("a", O_RDWR | O_CREAT | O_EXCL, 0666));
	struct stat st;
	fstat(fd, &st);
	HEX(st.st_mode); SHOW(st.st_nlink); SHOW(st.st_size);
	HEX(fcntl(fd, F_GETFL));
	SHOW(fcntl(fd, F_GETFD));
	MUST(write(fd, "hello", 5));
	close(fd);
	ERR(fd = open("a", O_RDONLY | O_CLOEXEC));
	SHOW(fcntl(fd, F_GETFD));
	ERR(write(fd, "x", 1));
	ERR(read(fd, buf, 64));
	close(fd);
	ERR(fd = open("a", O_WRONLY));
	ERR(read(fd, buf, 1));
	close(fd);
	ERR(fd = open("a", O_WRONLY | O_APPEND));
	HEX(fcntl(fd, F_GETFL));
	MUST(lseek(fd, 0, SEEK_SET));
	MUST(write(fd, " world", 6));
	SHOW(lseek(fd, 0, SEEK_CUR));
	ERR(pwrite(fd, "!", 1, 0)); // on Linux O_APPEND beats the offset
	STR(slurp("a"));
	close(fd);
	ERR(fd = open("a", O_RDONLY | O_TRUNC)); // truncates even so
	fstat(fd, &st);
	SHOW(st.st_size);
	close(fd);
	ERR(fd = open("a", 3)); // for ioctl only
	ERR(read(fd, buf, 1));
	ERR(write(fd, buf, 1));
	close(fd);
	MUST(mkdir("dir", 0755));
	MUST(symlink("a", "link")); MUST(symlink("dir", "dlink")); MUST(symlink("none", "dangling")); MUST(symlink("loop2", "loop1"));
	MUST(symlink("loop1", "loop2"));
	ERR(open("dir", O_RDWR));
	ERR(open("dir", O_WRONLY));
	ERR(open("dir", O_RDONLY | O_CREAT, 0644));
	ERR(open("dir", O_RDONLY | O_TRUNC));
	ERR(fd = open("dir", O_RDONLY));
	ERR(read(fd, buf, 1));
	ERR(close(fd));
	ERR(close(fd));
	ERR(open("a", O_RDONLY | O_DIRECTORY));
	ERR(open("a/", O_RDONLY));
	ERR(open("a/b", O_RDONLY));
	ERR(open("new/", O_RDWR | O_CREAT, 0644));
	ERR(open("nodir/new", O_RDWR | O_CREAT, 0644));
	ERR(open("", O_RDONLY));
	ERR(open("link", O_RDONLY | O_NOFOLLOW));
	ERR(close(open("link", O_RDONLY)));
	ERR(open("dlink", O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
	ERR(close(open("dlink", O_RDONLY | O_DIRECTORY)));
	ERR(close(open("dlink/", O_RDONLY | O_NOFOLLOW)));
	ERR(open("loop1", O_RDONLY));
	ERR(open("dangling", O_RDONLY));
	ERR(open("dangling", O_RDWR | O_CREAT | O_EXCL, 0644));
	ERR(close(open("dangling", O_RDWR | O_CREAT, 0644))); // makes `none`
	ERR(access("none", F_OK));
	ERR(fd = open("link", O_PATH | O_NOFOLLOW));
	HEX(fcntl(fd, F_GETFL));
	fstat(fd, &st);
	HEX(st.st_mode & S_IFMT);
	ERR(read(fd, buf, 1)); ERR(write(fd, buf, 1)); ERR(fchmod(fd, 0600)); ERR(fchown(fd, 0, 0)); ERR(ioctl(fd, FIONREAD, &d));
	ERR(lseek(fd, 0, SEEK_SET));
	ERR(readlinkat(fd, "", buf, 64));
	ERR(close(fd));
	ERR(d = open("dir", O_PATH | O_DIRECTORY));
	ERR(fd = openat(d, "inner", O_RDWR | O_CREAT, 0640));
	close(fd);
	ERR(fd = openat(d, "../a", O_RDONLY)); close(fd);
	ERR(fchdir(d));
	ERR(access("inner", F_OK));
	MUST(chdir(".."));
	ERR(openat(d, "", O_RDONLY));
	ERR(openat(77, "x", O_RDONLY));
	ERR(fd = openat(77, "/", O_RDONLY)); close(fd); // an absolute path needs no descriptor
	ERR(fd = open("a", O_RDONLY));
	ERR(openat(fd, "x", O_RDONLY));
	close(fd);
	close(d);
	// O_TMPFILE: a file without a name, that may get one.
	ERR(fd = open(".", O_TMPFILE | O_RDWR, 0600));
	MUST(write(fd, "temporary", 9));
	fstat(fd, &st);
	SHOW(st.st_nlink);
	ERR(linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH));
	fstat(fd, &st);
	SHOW(st.st_nlink);
	STR(slurp("named"));
	close(fd);
	ERR(fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600));
	ERR(linkat(fd, "", AT_FDCWD, "named2", AT_EMPTY_PATH));
	close(fd);
	ERR(open(".", O_TMPFILE | O_RDONLY, 0600));
	ERR(open("a", O_TMPFILE | O_RDWR, 0600));
	ERR(open("none/", O_TMPFILE | O_RDWR, 0600));
	// creat, umask, odd modes.
	umask(027);
	ERR(fd = creat("c", 0777));
	HEX(fcntl(fd, F_GETFL));
	fstat(fd, &st);
	HEX(st.st_mode);
	close(fd);
	ERR(fd = open("ro", O_RDWR | O_CREAT, 0)); // may write although the mode says nobody
	ERR(write(fd, "w", 1));
	close(fd);
	SHOW(umask(022));
	ERR(fd = open("a", O_RDWR | O_SYNC | O_NOATIME | O_NONBLOCK));
	HEX(fcntl(fd, F_GETFL));
	close(fd);
	// Descriptor numbers: always the lowest free.
	int a = open("a", O_RDONLY), b = open("a", O_RDONLY), c = open("a", O_RDONLY);
	SAY("%d %d %d", a, b, c);
	close(a); close(b);
	SHOW(open("a", O_RDONLY)); SHOW(open("a", O_RDONLY)); SHOW(open("a", O_RDONLY));
	struct rlimit r = { 8, 8 };
	MUST(setrlimit(RLIMIT_NOFILE, &r));
	int n = 0;
	while (open("a", O_RDONLY) >= 0) n++;
	SAY("%d more, then %s", n, errname(errno));
	ERR(dup(0)); ERR(fcntl(0, F_DUPFD, 5)); ERR(fcntl(0, F_DUPFD, 8)); ERR(dup2(0, 8)); ERR(dup2(0, 7));
	int p[2];
	ERR(pipe(p)); ERR(eventfd(0, 0)); ERR(epoll_create1(0)); ERR(memfd_create("x", 0)); ERR(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	return 0;
}
