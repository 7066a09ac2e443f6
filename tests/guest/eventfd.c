// eventfd: counter and semaphore, blocking, overflow, errors.
#include "check.h"

static int fd;
static void *add(void *p) { uint64_t v = (uintptr_t)p; sleep_ms(30); (void)!write(fd, &v, 8); return NULL; }
static void *take(void *p) { uint64_t v; (void)p; sleep_ms(30); (void)!read(fd, &v, 8); return NULL; }
static int state(void) { struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT }; poll(&p, 1, 0); return p.revents; }

int main(void) {
	uint64_t v = 0;
	pthread_t t;
	ERR(fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC)); HEX(fcntl(fd, F_GETFL)); SHOW(fcntl(fd, F_GETFD)); HEX(state());
	ERR(read(fd, &v, 8)); SHOW(v); ERR(read(fd, &v, 8)); HEX(state());
	v = 5; ERR(write(fd, &v, 8)); ERR(write(fd, &v, 8)); ERR(read(fd, &v, 8)); SHOW(v);
	v = -1; ERR(write(fd, &v, 8)); v = -2; ERR(write(fd, &v, 8)); HEX(state()); v = 1; ERR(write(fd, &v, 8)); v = 0; ERR(write(fd, &v, 8));
	ERR(read(fd, &v, 8)); SHOW(v == (uint64_t)-2);
	ERR(read(fd, &v, 4)); ERR(write(fd, &v, 4)); ERR(read(fd, (void *)8, 8)); ERR(write(fd, (void *)8, 8));
	struct iovec iov[2] = { { &v, 4 }, { (char *)&v + 4, 4 } }; v = 9; ERR(writev(fd, iov, 2)); ERR(pread(fd, &v, 8, 0)); close(fd);
	ERR(fd = eventfd(2, EFD_SEMAPHORE)); ERR(read(fd, &v, 8)); SHOW(v); HEX(state()); ERR(read(fd, &v, 8)); HEX(state());
	pthread_create(&t, NULL, add, (void *)2L); ERR(read(fd, &v, 8)); SHOW(v); pthread_join(t, NULL); ERR(read(fd, &v, 8)); close(fd);
	fd = eventfd(0, 0); pthread_create(&t, NULL, add, (void *)7L); struct pollfd p = { .fd = fd, .events = POLLIN }; ERR(poll(&p, 1, 5000));
	pthread_join(t, NULL); ERR(read(fd, &v, 8)); SHOW(v);
	v = -2; MUST(write(fd, &v, 8)); pthread_create(&t, NULL, take, NULL); v = 4; ERR(write(fd, &v, 8)); pthread_join(t, NULL);
	ERR(read(fd, &v, 8)); SHOW(v);
	ERR(eventfd(0, 0x80)); char link[32], to[64] = { 0 }; snprintf(link, sizeof link, "/proc/self/fd/%d", fd); ERR(readlink(link, to, 63));
	STR(to);
	return 0;
}
