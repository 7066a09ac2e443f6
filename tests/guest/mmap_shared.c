// One page cache: what a shared mapping, a second mapping, read, write and truncate see of each other.
#include "check.h"

int main(void) {
	workdir();
	fault_init();
	const int rw = PROT_READ | PROT_WRITE;
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0644)), fd2 = MUST(open("f", O_RDWR));
	MUST(ftruncate(fd, 4 * PAGE));
	char *a = mmap(NULL, 4 * PAGE, rw, MAP_SHARED, fd, 0), *b = mmap(NULL, 2 * PAGE, rw, MAP_SHARED, fd2, PAGE);
	char *priv = mmap(NULL, 4 * PAGE, rw, MAP_PRIVATE, fd, 0);
	char c;
	SHOW(a[0]);
	POKE(a + PAGE, 'm');
	SHOW(b[0]);
	MUST(pread(fd, &c, 1, PAGE));
	SHOW(c);
	SHOW(priv[PAGE]);
	MUST(pwrite(fd2, "w", 1, PAGE));
	SHOW(a[PAGE]); SHOW(b[0]); SHOW(priv[PAGE]);
	POKE(priv + PAGE, 'p');
	POKE(b, 'n');
	SHOW(a[PAGE]); SHOW(priv[PAGE]);
	ERR(msync(a, 4 * PAGE, MS_SYNC));
	ERR(msync(a, 4 * PAGE, MS_ASYNC));
	ERR(msync(a, 4 * PAGE, MS_SYNC | MS_ASYNC));
	ERR(msync(a + 1, PAGE, MS_SYNC));
	ERR(msync(a, PAGE, 0x80));
	ERR(msync(a, 0, MS_SYNC));
	// Truncate under a mapping, then grow again: the old bytes are gone.
	fault_base = a;
	POKE(a + 3 * PAGE, 'x');
	POKE(a + PAGE + 50, 'y');
	POKE(a + PAGE + 51, 'z');
	ERR(ftruncate(fd, PAGE + 51));
	SHOW(a[PAGE + 50]); SHOW(a[PAGE + 51]);
	FAULT(PEEK(a + 2 * PAGE));
	FAULT(POKE(a + 3 * PAGE, 1));
	FAULT(PEEK(priv + 3 * PAGE)); fault_base = priv;
	FAULT(PEEK(priv + 2 * PAGE));
	SHOW(priv[PAGE]); // the private copy of a page still in the file stays
	fault_base = a;
	ERR(ftruncate(fd, 4 * PAGE));
	SHOW(a[3 * PAGE]); SHOW(a[PAGE + 51]);
	// A private copy beyond the new end goes as well.
	POKE(priv + 3 * PAGE, 'q');
	MUST(ftruncate(fd, PAGE));
	fault_base = priv;
	FAULT(PEEK(priv + 3 * PAGE));
	MUST(ftruncate(fd, 4 * PAGE));
	SHOW(priv[3 * PAGE]);
	// A hole is punched: mappings read zero.
	MUST(ftruncate(fd, 4 * PAGE));
	memset(a, 'h', 4 * PAGE);
	ERR(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, PAGE));
	SHOW(a[PAGE - 1]); SHOW(a[PAGE]); SHOW(a[2 * PAGE - 1]); SHOW(a[2 * PAGE]);
	ERR(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 50));
	SHOW(a[99]); SHOW(a[100]); SHOW(a[149]); SHOW(a[150]);
	// read() and write() whose buffer is a mapping of the same file.
	MUST(pwrite(fd, "source", 6, 0));
	SHOW(pread(fd, a + 2 * PAGE, 6, 0));
	SAY("%.6s", a + 2 * PAGE);
	SHOW(pwrite(fd, a, 6, 3 * PAGE));
	SAY("%.6s", a + 3 * PAGE);
	// O_TRUNC on open zaps too.
	int t = MUST(open("f", O_RDWR | O_TRUNC));
	fault_base = a;
	FAULT(PEEK(a));
	MUST(write(t, "new", 3));
	SAY("%.3s", a);
	// A file mapped as read-only sees writes of others.
	char *r = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	MUST(pwrite(t, "N", 1, 0));
	SAY("%.3s", r);
	// A system call gets EFAULT, not a signal, for a page beyond the end.
	ERR(write(t, a + 2 * PAGE, 10));
	ERR(pread(t, a + 2 * PAGE, 3, 0));
	return 0;
}
