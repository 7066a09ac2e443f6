// Anonymous memory: where it goes, holes, splits, protections, errors.
#include "check.h"

static int zero(char *p, size_t n) { for (size_t i = 0; i < n; i++) if (p[i]) return 0; return 1; }
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define MAP(a, n, prot, flags) mmap(a, n, prot, flags, -1, 0)

int main(void) {
	fault_init();
	const int rw = PROT_READ | PROT_WRITE;
	char *p = MAP(NULL, 8 * PAGE, rw, ANON);
	fault_base = p;
	SHOW((uintptr_t)p % PAGE);
	SHOW(zero(p, 8 * PAGE));
	memset(p, 1, 8 * PAGE);
	ERR(munmap(p + 2 * PAGE, PAGE)); // a hole splits the mapping
	FAULT(PEEK(p + 2 * PAGE));
	SHOW(p[PAGE] + p[3 * PAGE]);
	ERR(munmap(p + 2 * PAGE, PAGE)); // again: nothing there, no error
	ERR(munmap(p + 1, PAGE));
	ERR(munmap(p, 0));
	ERR(munmap(p + PAGE, 3 * PAGE)); // over a hole and two parts
	FAULT(POKE(p + 3 * PAGE, 1));
	SHOW(p[0] + p[4 * PAGE]);
	OK(MAP(p + PAGE, PAGE, rw, ANON | MAP_FIXED));
	SHOW(zero(p + PAGE, PAGE));
	OK(MAP(p + PAGE, PAGE, rw, ANON | MAP_FIXED_NOREPLACE));
	SHOW(MAP(p + 2 * PAGE, PAGE, rw, ANON | MAP_FIXED_NOREPLACE) == p + 2 * PAGE);
	SHOW(MAP(p + 4 * PAGE, PAGE, rw, ANON) == p + 4 * PAGE); // a hint that is taken
	SHOW(p[4 * PAGE]);
	OK(MAP(p, 2 * PAGE, rw, ANON | MAP_FIXED)); // replaces, zeroed
	SHOW(zero(p, 2 * PAGE));

	OK(MAP(NULL, 0, rw, ANON));
	OK(MAP(NULL, PAGE, rw, MAP_ANONYMOUS)); // neither shared nor private
	OK(MAP(p + 1, PAGE, rw, ANON | MAP_FIXED));
	OK(MAP(NULL, PAGE, 0x80, ANON));
	OK(mmap(NULL, PAGE, rw, MAP_PRIVATE, -1, 0));
	OK(mmap(NULL, PAGE, rw, MAP_PRIVATE, 777, 0));
	OK(mmap(NULL, PAGE, rw, ANON, -1, 1));
	OK(MAP(NULL, SIZE_MAX - PAGE, rw, ANON));
	OK(MAP(NULL, SIZE_MAX, rw, ANON));
	OK(MAP((void *)(1UL << 47), PAGE, rw, ANON | MAP_FIXED));
	OK(MAP((void *)-PAGE, PAGE, rw, ANON | MAP_FIXED));
	OK(MAP((void *)((1UL << 47) - PAGE), PAGE, rw, ANON | MAP_FIXED)); // the last page is kept free
	OK(MAP((void *)((1UL << 47) - 2 * PAGE), 2 * PAGE, rw, ANON | MAP_FIXED));
	ERR(munmap((void *)(1UL << 47), PAGE));
	ERR(munmap((void *)-PAGE, PAGE));
	ERR(munmap(p, SIZE_MAX));

	// Reserves by the terabyte, as V8, Go and Java do.
	size_t tera = 1UL << 40;
	char *r = MAP(NULL, 4 * tera, PROT_NONE, ANON | MAP_NORESERVE);
	SHOW(r != MAP_FAILED);
	fault_base = r;
	FAULT(PEEK(r + PAGE));
	ERR(mprotect(r + tera, 16 * PAGE, rw));
	POKE(r + tera + 15 * PAGE, 9);
	SHOW(r[tera + 15 * PAGE]);
	SHOW(MAP(r + 2 * tera, PAGE, rw, ANON | MAP_FIXED) == r + 2 * tera);
	POKE(r + 2 * tera, 8);
	ERR(munmap(r + tera, tera + PAGE));
	FAULT(PEEK(r + PAGE));
	ERR(munmap(r, 4 * tera));

	// 64 separate mappings, every second one removed, then all.
	char *q = MAP(NULL, 64 * PAGE, PROT_READ, ANON);
	for (int i = 0; i < 64; i += 2) MUST(mprotect(q + i * PAGE, PAGE, rw));
	for (int i = 0; i < 64; i += 2) POKE(q + i * PAGE, i);
	int sum = 0;
	for (int i = 0; i < 64; i++) sum += q[i * PAGE];
	SHOW(sum);
	for (int i = 1; i < 64; i += 2) MUST(munmap(q + i * PAGE, PAGE));
	fault_base = q;
	FAULT(PEEK(q + 33 * PAGE));
	SHOW(q[32 * PAGE]);
	ERR(munmap(q, 64 * PAGE));
	FAULT(PEEK(q));

	char *sh = MAP(NULL, 2 * PAGE, rw, MAP_SHARED | MAP_ANONYMOUS);
	SHOW(zero(sh, 2 * PAGE));
	POKE(sh + PAGE, 3);
	SHOW(sh[PAGE]);
	OK(MAP(NULL, PAGE, rw, ANON | MAP_POPULATE));
	OK(MAP(NULL, PAGE, rw, ANON | MAP_STACK | MAP_NORESERVE));
	OK(MAP(NULL, PAGE, rw, MAP_SHARED_VALIDATE | MAP_ANONYMOUS));
	char *low = MAP(NULL, PAGE, rw, ANON | MAP_32BIT);
	SHOW((uintptr_t)low < (1UL << 31));
	return 0;
}
