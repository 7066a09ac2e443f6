// File mappings: private, shared, beyond the end, permissions of the descriptor, errors.
#include "check.h"

int main(void) {
	workdir();
	fault_init();
	const int rw = PROT_READ | PROT_WRITE;
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
	char buf[PAGE];
	for (int i = 0; i < 3; i++) { memset(buf, 'a' + i, PAGE); MUST(write(fd, buf, i == 2 ? 100 : PAGE)); }
	char *p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	fault_base = p;
	SAY("%c %c %c", p[0], p[PAGE], p[2 * PAGE]);
	SHOW(p[2 * PAGE + 99]); SHOW(p[2 * PAGE + 100]); SHOW(p[3 * PAGE - 1]); // zero after the end
	FAULT(PEEK(p + 3 * PAGE)); // a page wholly beyond the end
	FAULT(POKE(p, 1));
	MUST(munmap(p, 4 * PAGE));

	p = mmap(NULL, 3 * PAGE, rw, MAP_PRIVATE, fd, 0);
	fault_base = p;
	POKE(p, 'X');
	MUST(pread(fd, buf, 1, 0));
	SHOW(buf[0]); // the file does not change
	MUST(pwrite(fd, "Y", 1, 0));
	SHOW(p[0]); // the copy does not either
	MUST(pwrite(fd, "Z", 1, PAGE));
	SHOW(p[PAGE]); // not yet copied: shows the file
	POKE(p + 2 * PAGE + 200, 'T'); // beyond the end, inside the page
	struct stat st;
	MUST(fstat(fd, &st));
	SHOW(st.st_size);
	char *second = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 2 * PAGE);
	SHOW(second[200]); // a private write is private
	ERR(madvise(p, PAGE, MADV_DONTNEED)); // drops the copy: the file again
	SHOW(p[0]);
	char *off = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, PAGE);
	SAY("%c %c", off[0], off[1]);
	OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 100)); // offset not aligned
	OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, -PAGE));
	OK(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, fd, 0));
	OK(mmap(NULL, PAGE, PROT_READ, 0, fd, 0));
	char *past = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 1 << 20);
	fault_base = past;
	FAULT(PEEK(past + 5));
	MUST(close(fd));
	SHOW(off[0]); // the mapping outlives the descriptor

	int ro = MUST(open("f", O_RDONLY)), wo = MUST(open("f", O_WRONLY)), dir = MUST(open(".", O_RDONLY)), path = MUST(open("f", O_PATH));
	OK(mmap(NULL, PAGE, rw, MAP_SHARED, ro, 0));
	OK(mmap(NULL, PAGE, rw, MAP_PRIVATE, ro, 0));
	OK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, wo, 0));
	OK(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, wo, 0));
	OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, dir, 0));
	OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, path, 0));
	char *sro = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, ro, 0);
	SHOW(sro != MAP_FAILED);
	ERR(mprotect(sro, PAGE, rw)); // a shared mapping of a read-only descriptor stays read-only
	int pipes[2];
	MUST(pipe(pipes));
	OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, pipes[0], 0));
	// /dev/zero: anonymous memory by another name.
	int zero = MUST(open("/dev/zero", O_RDWR));
	char *z = mmap(NULL, PAGE, rw, MAP_PRIVATE, zero, 0);
	POKE(z, 5);
	SHOW(z[0] + z[1]);
	char *zs = mmap(NULL, PAGE, rw, MAP_SHARED, zero, 0);
	SHOW(zs != MAP_FAILED && zs[7] == 0);
	OK(mmap(NULL, PAGE, rw, MAP_PRIVATE, MUST(open("/dev/null", O_RDWR)), 0));
	// Unlinked while mapped.
	int u = MUST(open("u", O_RDWR | O_CREAT, 0600));
	MUST(write(u, "gone", 4));
	char *g = mmap(NULL, PAGE, rw, MAP_SHARED, u, 0);
	MUST(unlink("u"));
	MUST(close(u));
	SHOW(strcmp(g, "gone"));
	POKE(g, 'G');
	STR(g);
	return 0;
}
