// mremap: grow, shrink, move, fixed, dontunmap, errors.
#include "check.h"
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char *map(size_t pages, int prot, int flags) {
	char *p = mmap(NULL, pages * PAGE, prot, flags, -1, 0);
	MUST(p == MAP_FAILED ? -1 : 0);
	return p;
}

int main(void) {
	fault_init();
	const int rw = PROT_READ | PROT_WRITE;
	char *area = map(64, PROT_NONE, ANON);
	MUST(munmap(area, 7 * PAGE)); // room to grow into; the rest stays reserved
	char *p = mmap(area, 4 * PAGE, rw, ANON | MAP_FIXED, -1, 0);
	memset(p, 6, 4 * PAGE);
	fault_base = area;
	SHOW(mremap(p, 4 * PAGE, 2 * PAGE, 0) == p); // shrink
	FAULT(PEEK(p + 2 * PAGE));
	SHOW(mremap(p, 2 * PAGE, 6 * PAGE, 0) == p); // grow in place
	SHOW(p[PAGE]); SHOW(p[2 * PAGE]); SHOW(p[5 * PAGE]);
	SHOW(mremap(p, 6 * PAGE, 6 * PAGE, 0) == p);
	mmap(area + 6 * PAGE, PAGE, PROT_READ, ANON | MAP_FIXED, -1, 0);
	OK(mremap(p, 6 * PAGE, 8 * PAGE, 0)); // no room and may not move
	char *q = mremap(p, 6 * PAGE, 8 * PAGE, MREMAP_MAYMOVE);
	SHOW(q != MAP_FAILED && q != p);
	SHOW(q[0]); SHOW(q[PAGE]); SHOW(q[7 * PAGE]);
	FAULT(PEEK(p));
	char *to = area + 20 * PAGE;
	mmap(to, 8 * PAGE, rw, ANON | MAP_FIXED, -1, 0);
	POKE(to, 99);
	SHOW(mremap(q, 8 * PAGE, 8 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to) == to); // over an existing mapping
	SHOW(to[0]);
	SHOW(mremap(to, 8 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area) == area); // shrink and move
	SHOW(area[0]); SHOW(area[2 * PAGE]);
	FAULT(PEEK(to));
	// A part in the middle goes away and leaves a hole.
	char *mid = area + 30 * PAGE;
	mmap(mid, 5 * PAGE, rw, ANON | MAP_FIXED, -1, 0);
	for (int i = 0; i < 5; i++) POKE(mid + i * PAGE, i + 1);
	SHOW(mremap(mid + PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 40 * PAGE) == area + 40 * PAGE);
	FAULT(PEEK(mid + PAGE));
	SHOW(mid[0]); SHOW(mid[3 * PAGE]); SHOW(area[40 * PAGE]); SHOW(area[41 * PAGE]);

	char *e = map(4, rw, ANON);
	OK(mremap(e + 1, PAGE, PAGE, 0));
	OK(mremap(e, PAGE, 0, 0));
	OK(mremap(e, PAGE, PAGE, 0x80));
	OK(mremap(e, PAGE, PAGE, MREMAP_FIXED, area)); // FIXED without MAYMOVE
	OK(mremap(e, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, e + PAGE)); // overlap
	OK(mremap(e, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, area + 1));
	OK(mremap(e, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)(1UL << 47)));
	OK(mremap(NULL, PAGE, 2 * PAGE, MREMAP_MAYMOVE));
	OK(mremap(e, 0, PAGE, MREMAP_MAYMOVE)); // old size 0 needs a shared mapping
	MUST(munmap(e + 2 * PAGE, PAGE));
	OK(mremap(e, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE)); // a hole inside
	// Old size 0 on a shared mapping: a second view.
	char *s = map(2, rw, MAP_SHARED | MAP_ANONYMOUS), *s2 = mremap(s, 0, 2 * PAGE, MREMAP_MAYMOVE);
	SHOW(s2 != MAP_FAILED);
	POKE(s + PAGE, 11);
	SHOW(s2[PAGE]);
	// DONTUNMAP: the pages go, the mapping stays and reads zero.
	char *d = map(2, rw, ANON);
	memset(d, 4, 2 * PAGE);
	char *d2 = mremap(d, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
	SHOW(d2 != MAP_FAILED && d2 != d);
	SHOW(d[0]); SHOW(d2[0]);
	OK(mremap(d, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL));
	OK(mremap(d, 2 * PAGE, 2 * PAGE, MREMAP_DONTUNMAP, NULL));
	// Protection travels with the pages.
	char *ro = map(1, rw, ANON);
	POKE(ro, 3);
	MUST(mprotect(ro, PAGE, PROT_READ));
	ro = mremap(ro, PAGE, 3 * PAGE, MREMAP_MAYMOVE);
	fault_base = ro;
	SHOW(ro[0]);
	FAULT(POKE(ro, 1));
	FAULT(POKE(ro + 2 * PAGE, 1));
	// Grow a large block page by page, as realloc does; contents stay.
	size_t n = 1;
	char *g = map(1, rw, ANON);
	POKE(g, 1);
	while (n < 512) {
		g = mremap(g, n * PAGE, 2 * n * PAGE, MREMAP_MAYMOVE);
		MUST(g == MAP_FAILED ? -1 : 0);
		POKE(g + n * PAGE, n % 100);
		n *= 2;
	}
	SHOW(g[0] + g[PAGE] + g[2 * PAGE] + g[256 * PAGE]);
	return 0;
}
