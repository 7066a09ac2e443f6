// A pipe and a bad page: Linux moves whole pieces (what is left of the last page, then page by page) or nothing of them, and says EFAULT when the first
// piece is a bad one.
#include "check.h"
#include <sys/uio.h>

static char *p; // four pages, then a hole
static int pp[2];

static void empty(void) {
	static char all[65536];
	long got, sum = 0;
	while ((got = read(pp[0], all, sizeof all)) > 0) sum += got;
	SAY("emptied: %ld", sum);
}

static void fill(long n) {
	static char some[65536];
	SAY("filled: %ld", write(pp[1], some, n));
}

int main(void) {
	static char b[65536];
	p = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(munmap(p + 4 * PAGE, PAGE));
	memset(p, 'a', 4 * PAGE);
	char *end = p + 4 * PAGE;
	MUST(pipe2(pp, O_NONBLOCK));
	// Writes: into an empty pipe, behind something, several pages, several ranges.
	ERR(write(pp[1], end - 3, 3));
	ERR(write(pp[1], end - 3, 6));
	ERR(write(pp[1], end, 6));
	empty();
	ERR(write(pp[1], end - 3, 6));
	empty();
	ERR(write(pp[1], end - PAGE - 3, 2 * PAGE));
	empty();
	ERR(write(pp[1], end - 2 * PAGE, 3 * PAGE));
	empty();
	fill(100);
	ERR(write(pp[1], end - 2 * PAGE, 2 * PAGE + 50));
	empty();
	fill(100);
	ERR(write(pp[1], end - 50, 2 * PAGE + 50));
	empty();
	fill(100);
	ERR(write(pp[1], end - 50 - PAGE, 2 * PAGE + 50));
	empty();
	struct iovec v[] = { { b, 10 }, { end - 5, 5 }, { end - 5, 6 }, { b, 10 } };
	ERR(writev(pp[1], v, 2));
	ERR(writev(pp[1], v, 4));
	ERR(writev(pp[1], v, 3));
	empty();
	v[0].iov_len = PAGE;
	ERR(writev(pp[1], v, 4));
	empty();
	// Reads: what ran into the bad page stays.
	fill(100);
	ERR(read(pp[0], end - 50, 100));
	ERR(read(pp[0], end - 50, 60));
	ERR(read(pp[0], end - 50, 50));
	ERR(read(pp[0], end, 10));
	empty();
	fill(3 * PAGE + 7);
	ERR(read(pp[0], end - PAGE - 9, 3 * PAGE));
	empty();
	fill(3 * PAGE + 7);
	ERR(read(pp[0], end - 9, 3 * PAGE));
	v[0].iov_len = 10;
	ERR(readv(pp[0], v, 3));
	empty();
	fill(PAGE); fill(20);
	v[0].iov_len = PAGE;
	ERR(readv(pp[0], v, 3));
	empty();
	return 0;
}
