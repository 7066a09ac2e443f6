// One kernel service in a loop: micro NAME COUNT. The cost of one turn is the difference between the whole machine's instructions with COUNT and with
// twice COUNT, divided by COUNT: no clock and no counter in the guest is needed.
#include "machine.h"
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

#define PAGE 4096L

static void need(int good, const char *what)
{
	if (!good) {
		perror(what);
		exit(2);
	}
}

// The loops add up failures and look at them once at the end: what is measured is the service.
static void getppid_loop(long n)
{
	long bad = 0;
	while (n--) {
		long r;
		__asm__ volatile("syscall" : "=a"(r) : "0"(SYS_getppid) : "rcx", "r11", "memory");
		bad |= r;
	}
	need(bad >= 0, "getppid");
}

static void clock_loop(long n)
{
	struct timespec t;
	int bad = 0;
	while (n--) bad |= clock_gettime(CLOCK_MONOTONIC, &t);
	need(!bad, "clock_gettime");
}

static void read_loop(long n)
{
	int fd = open("/dev/zero", O_RDONLY);
	char c;
	long turns = n, got = 0;
	need(fd >= 0, "/dev/zero");
	while (n--) got += read(fd, &c, 1);
	need(got == turns, "read");
}

static void open_loop(long n)
{
	int bad = 0;
	while (n--) {
		int fd = open("/etc/passwd", O_RDONLY);
		bad |= fd;
		close(fd);
	}
	need(bad >= 0, "/etc/passwd");
}

static void stat_loop(long n)
{
	struct stat s;
	int bad = 0;
	while (n--) bad |= stat("/etc/passwd", &s);
	need(!bad, "/etc/passwd");
}

static void pipe_loop(long n)
{
	int p[2];
	char c = 0;
	long turns = n, done = 0;
	need(!pipe(p), "pipe");
	while (n--) {
		done += write(p[1], &c, 1);
		done += read(p[0], &c, 1);
	}
	need(done == 2 * turns, "pipe");
}

static void touch_loop(long n)
{
	volatile char *p = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	need(p != MAP_FAILED, "mmap");
	madvise((void *)p, n * PAGE, MADV_NOHUGEPAGE); // one fault a page is what is measured
	for (long i = 0; i < n; i++) p[i * PAGE] = 1;
}

static void mmap_loop(long n)
{
	while (n--) {
		volatile char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		need(p != MAP_FAILED, "mmap");
		*p = 1;
		munmap((void *)p, PAGE);
	}
}

static void *nothing(void *p) { return p; }

static void thread_loop(long n)
{
	while (n--) {
		pthread_t t;
		need(!pthread_create(&t, NULL, nothing, NULL), "pthread_create");
		pthread_join(t, NULL);
	}
}

static const struct { const char *name; void (*run)(long); } loops[] = {
	{ "getppid", getppid_loop }, { "clock", clock_loop }, { "read", read_loop }, { "open", open_loop }, { "stat", stat_loop },
	{ "pipe", pipe_loop }, { "touch", touch_loop }, { "mmap", mmap_loop }, { "thread", thread_loop },
};

int main(int argc, char **argv)
{
	machine_begin(argv);
	int status = 3;
	// The last two words: Linux hands what it does not know on its command line to /init as well.
	for (size_t i = 0; argc >= 3 && i < sizeof loops / sizeof *loops; i++)
		if (!strcmp(argv[argc - 2], loops[i].name)) {
			loops[i].run(atol(argv[argc - 1]));
			status = 0;
		}
	return machine_end(argv, status);
}
