// MADV_FREE'd memory makes room for whatever asks: a file in memory, pipes, populated mappings, page tables, small objects of the kernel.
// unox-test: mem=24
#include "check.h"

enum { PAGES = 3584, MANY = 2560 }; // 14 MiB and 10 MiB: more than there is

static char *p;

static void let_go(void) {
	for (long i = 0; i < PAGES; i++) p[i * PAGE] = 1 + i % 100;
	MUST(madvise(p, PAGES * PAGE, MADV_FREE));
	for (long i = 0; i < PAGES; i += 64) p[i * PAGE + 1] = 42; // written again: these stay
}

static void look(const char *what) {
	long sound = 0, kept = 0;
	for (long i = 0; i < PAGES; i++) {
		char old = 1 + i % 100;
		if (i % 64 == 0) kept += p[i * PAGE] == old && p[i * PAGE + 1] == 42;
		else sound += p[i * PAGE] == old || p[i * PAGE] == 0;
	}
	printf("%s: %ld kept, %ld sound\n", what, kept, sound);
}

static void file(void) {
	char page[PAGE];
	int fd = memfd_create("big", 0);
	long written = 0, same = 0;
	for (long i = 0; i < MANY; i++) {
		memset(page, 1 + i % 99, PAGE);
		written += write(fd, page, PAGE) == PAGE;
	}
	for (long i = 0; i < MANY; i++) same += pread(fd, page, PAGE, i * PAGE) == PAGE && page[7] == 1 + i % 99;
	SHOW(written == MANY && same == MANY);
	close(fd);
}

static void pipes(void) {
	enum { N = 10 };
	static char page[PAGE];
	int fds[N][2];
	long written = 0, read_back = 0;
	for (int k = 0; k < N; k++) {
		MUST(pipe2(fds[k], O_NONBLOCK));
		MUST(fcntl(fds[k][1], F_SETPIPE_SZ, 1 << 20));
		for (int i = 0; i < 256; i++) written += write(fds[k][1], page, PAGE) == PAGE;
	}
	for (int k = 0; k < N; k++) {
		for (int i = 0; i < 256; i++) read_back += read(fds[k][0], page, PAGE) == PAGE;
		close(fds[k][0]), close(fds[k][1]);
	}
	SHOW(written == N * 256 && read_back == N * 256);
}

static void populated(void) {
	char *m = mmap(NULL, MANY * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	SHOW(m != MAP_FAILED);
	unsigned char in[MANY];
	MUST(mincore(m, MANY * PAGE, in));
	long there = 0;
	for (long i = 0; i < MANY; i++) there += in[i] & 1;
	SHOW(there == MANY);
	MUST(munmap(m, MANY * PAGE));
}

static void tables(void) {
	enum { N = 1400 };
	long step = 2 << 20, same = 0;
	char *m = mmap(NULL, N * step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	SHOW(m != MAP_FAILED);
	for (long i = 0; i < N; i++) m[i * step] = 1 + i % 99;
	for (long i = 0; i < N; i++) same += m[i * step] == 1 + i % 99;
	SHOW(same == N);
	MUST(munmap(m, N * step));
}

static void objects(void) {
	enum { N = 30000 }; // mappings: every other page has other permissions
	char *full = mmap(NULL, (MANY - 1024) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	char *m = mmap(NULL, 2 * N * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long made = 0;
	for (long i = 0; i < N; i++) made += mprotect(m + 2 * i * PAGE, PAGE, PROT_NONE) == 0;
	SHOW(made == N);
	MUST(munmap(m, 2 * N * PAGE));
	MUST(munmap(full, (MANY - 1024) * PAGE));
}

int main(void) {
	p = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	let_go(), file(), look("file");
	let_go(), pipes(), look("pipes");
	let_go(), populated(), look("populate");
	let_go(), tables(), look("tables");
	let_go(), objects(), look("objects");
	return 0;
}
