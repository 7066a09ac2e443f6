// /dev/null, zero, full, random, urandom, and getrandom.
#include "check.h"
#include <sys/random.h>

int main(void) {
	char b[4096], c[4096];
	int null = MUST(open("/dev/null", O_RDWR)), zero = MUST(open("/dev/zero", O_RDWR)), full = MUST(open("/dev/full", O_RDWR)), ur = MUST(open("/dev/urandom", O_RDWR)), rnd = MUST(open("/dev/random", O_RDWR));
	ERR(read(null, b, 10)); ERR(write(null, b, 4096)); ERR(write(null, NULL, 1 << 20)); ERR(lseek(null, 100, SEEK_SET));
	ERR(pwrite(null, b, 5, 1000)); memset(b, 1, sizeof b); ERR(read(zero, b, 4096)); int any = 0;
	for (int i = 0; i < 4096; i++) any |= b[i]; SHOW(any); ERR(write(zero, b, 10)); ERR(pread(zero, b, 10, 1L << 40));
	ERR(lseek(zero, 5, SEEK_SET)); ERR(read(full, b, 10)); ERR(write(full, b, 10)); ERR(write(full, b, 0)); ERR(pwrite(full, b, 1, 0));
	ERR(read(ur, b, 4096)); ERR(read(ur, c, 4096)); SHOW(memcmp(b, c, 4096) != 0); ERR(read(rnd, b, 64)); ERR(write(ur, b, 64));
	ERR(getrandom(b, 4096, 0)); ERR(getrandom(c, 4096, GRND_NONBLOCK)); SHOW(memcmp(b, c, 4096) != 0); ERR(getrandom(b, 16, GRND_RANDOM));
	ERR(getrandom(b, 16, 0x80)); ERR(getrandom(b, 16, GRND_RANDOM | 4)); ERR(getrandom((void *)8, 16, 0)); ERR(getrandom(b, 0, 0));
	ERR(getentropy(b, 257)); ERR(getentropy(b, 256)); int ones = 0;
	for (int i = 0; i < 4096; i++) ones += __builtin_popcount((unsigned char)c[i]); SHOW(ones > 15500 && ones < 17300);
	ERR(open("/dev/nope", O_RDONLY)); int t; ERR(ioctl(null, 0x5401, b)); ERR(ioctl(zero, FIONREAD, &t)); ERR(ftruncate(null, 0));
	ERR(fsync(null)); ERR(open("/dev/null/x", O_RDONLY)); ERR(close(open("/dev/null", O_WRONLY | O_TRUNC | O_CREAT, 0644)));
	ERR(open("/dev/null", O_RDONLY | O_DIRECTORY));
	struct pollfd p[3] = { { null, POLLIN | POLLOUT, 0 }, { zero, POLLIN | POLLOUT, 0 }, { ur, POLLIN | POLLOUT, 0 } }; ERR(poll(p, 3, 0));
	for (int i = 0; i < 3; i++) printf("%#x ", p[i].revents); puts("");
	static char big[1 << 20]; ERR(read(zero, big, sizeof big)); ERR(read(ur, big, sizeof big)); ERR(lseek(ur, 0, SEEK_CUR));
	struct iovec v[2] = { { b, 100 }, { c, 100 } }; ERR(readv(zero, v, 2)); ERR(writev(null, v, 2)); ERR(fallocate(zero, 0, 0, 10));
	return 0;
}
