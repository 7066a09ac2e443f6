// memfd_create and its seals.
#include "check.h"

int main(void) {
	char b[64];
	int fd = memfd_create("name", MFD_ALLOW_SEALING | MFD_CLOEXEC), plain = memfd_create("", 0);
	SHOW(fcntl(fd, F_GETFD)); SHOW(fcntl(plain, F_GETFD)); HEX(fcntl(fd, F_GETFL));
	struct stat st; fstat(fd, &st); HEX(st.st_mode & S_IFMT); SHOW(st.st_size); SHOW(st.st_nlink);
	ERR(memfd_create(NULL, 0)); ERR(memfd_create("x", 0x8000)); char longname[300]; memset(longname, 'x', 299); longname[299] = 0;
	ERR(memfd_create(longname, 0)); longname[249] = 0; ERR(memfd_create(longname, 0) > 0);
	char link[32], to[64] = { 0 }; snprintf(link, sizeof link, "/proc/self/fd/%d", fd); ERR(readlink(link, to, 63)); STR(to);
	ERR(write(fd, "0123456789", 10)); ERR(fcntl(fd, F_GET_SEALS)); ERR(fcntl(plain, F_GET_SEALS));
	ERR(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE)); ERR(fcntl(fd, F_ADD_SEALS, 0x8000));
	ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK)); ERR(ftruncate(fd, 5)); ERR(ftruncate(fd, 20)); ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
	ERR(ftruncate(fd, 30)); ERR(pwrite(fd, "abc", 3, 19)); ERR(pwrite(fd, "abc", 3, 20)); ERR(fallocate(fd, 0, 0, 100));
	ERR(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 5));
	char *m = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0); SHOW(m != MAP_FAILED); ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(m, PAGE); ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)); ERR(write(fd, "x", 1));
	OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)); OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
	ERR(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 5)); HEX(fcntl(fd, F_GET_SEALS));
	ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL)); ERR(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW)); HEX(fcntl(fd, F_GET_SEALS));
	ERR(pread(fd, b, 10, 5)); SAY("%.5s", b);
	int future = memfd_create("future", MFD_ALLOW_SEALING); MUST(ftruncate(future, PAGE));
	m = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, future, 0); ERR(fcntl(future, F_ADD_SEALS, F_SEAL_FUTURE_WRITE)); m[0] = 'w';
	ERR(write(future, "x", 1)); OK(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, future, 0)); ERR(pread(future, b, 1, 0)); SHOW(b[0]);
	snprintf(link, sizeof link, "/proc/self/fd/%d", plain); MUST(write(plain, "again", 5)); int again = open(link, O_RDWR);
	SHOW(again >= 0); ERR(read(again, b, 9)); SAY("%.5s", b); ERR(fcntl(open("/dev/null", O_RDWR), F_GET_SEALS));
	return 0;
}
