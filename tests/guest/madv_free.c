// MADV_FREE: pages stay while there is memory, what is written again stays for good, and what is not goes when others need the room.
// unox-test: mem=24
#include "check.h"

enum { PAGES = 3072 }; // 12 MiB

static char *fresh(long pages) { return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }

int main(void) {
	char *p = fresh(PAGES);
	for (long i = 0; i < PAGES; i++) memset(p + i * PAGE, 1 + i % 100, PAGE);
	ERR(madvise(p, PAGES * PAGE, MADV_FREE));
	long kept = 0;
	for (long i = 0; i < PAGES; i++) kept += p[i * PAGE + 77] == 1 + i % 100;
	SHOW(kept == PAGES);
	// Every fourth is written again: by the program, or by the kernel for it.
	int pp[2];
	MUST(pipe(pp));
	for (long i = 0; i < PAGES; i += 4) {
		if (i % 8) p[i * PAGE] = 55;
		else { MUST(write(pp[1], "7", 1)); MUST(read(pp[0], p + i * PAGE, 1)); }
	}
	// Another mapping takes the place of some: it is not what was let go.
	MUST(munmap(p + 101 * PAGE, 2 * PAGE));
	char *m = mmap(p + 101 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	memset(m, 99, 2 * PAGE);
	char *moved = fresh(1);
	memset(moved, 98, PAGE);
	MUST((long)mremap(moved, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 106 * PAGE));
	MUST(mprotect(p + 8 * PAGE, PAGE, PROT_READ));
	// More than there is room for beside them.
	char *q = fresh(PAGES + 512);
	for (long i = 0; i < PAGES + 512; i++) memset(q + i * PAGE, 200, PAGE);
	long other = 0;
	for (long i = 0; i < PAGES + 512; i++) other += (unsigned char)q[i * PAGE + 9] == 200;
	SHOW(other == PAGES + 512);
	ERR(madvise(q, (PAGES + 512) * PAGE, MADV_FREE)); // room to look at what is left of the others
	long sound = 0, again = 0;
	for (long i = 0; i < PAGES; i++) {
		if (i == 101 || i == 102 || i == 106) continue;
		char *a = p + i * PAGE, old = 1 + i % 100;
		if (i % 4 == 0) again += a[0] == (i % 8 ? 55 : '7') && a[77] == old;
		else sound += (a[0] == old && a[77] == old) || (a[0] == 0 && a[77] == 0);
	}
	SHOW(again == PAGES / 4);
	SHOW(sound == PAGES - PAGES / 4 - 3);
	SHOW(m[0] == 99 && m[2 * PAGE - 1] == 99);
	SHOW(p[106 * PAGE] == 98);
	ERR(madvise(p, PAGES * PAGE, MADV_FREE));
	ERR(madvise(p + 5, PAGE, MADV_FREE));
	ERR(madvise((void *)PAGE, PAGE, MADV_FREE));
	return 0;
}
