// madvise, mincore, mlock, brk.
#include "check.h"
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

int main(void) {
	fault_init();
	const int rw = PROT_READ | PROT_WRITE;
	char *p = mmap(NULL, 8 * PAGE, rw, ANON, -1, 0);
	fault_base = p;
	memset(p, 1, 8 * PAGE);
	ERR(madvise(p + 2 * PAGE, 2 * PAGE, MADV_DONTNEED));
	SHOW(p[PAGE]); SHOW(p[2 * PAGE]); SHOW(p[3 * PAGE]); SHOW(p[4 * PAGE]);
	ERR(madvise(p, PAGE, MADV_NORMAL));
	ERR(madvise(p, PAGE, MADV_RANDOM));
	ERR(madvise(p, PAGE, MADV_SEQUENTIAL));
	ERR(madvise(p, PAGE, MADV_WILLNEED));
	ERR(madvise(p, PAGE, MADV_DONTFORK));
	ERR(madvise(p, PAGE, MADV_DOFORK));
	ERR(madvise(p, PAGE, MADV_DONTDUMP));
	ERR(madvise(p, PAGE, MADV_DODUMP));
	ERR(madvise(p + 1, PAGE, MADV_DONTNEED));
	ERR(madvise(p, 0, MADV_DONTNEED));
	ERR(madvise(p, PAGE, 12345));
	ERR(madvise(p, SIZE_MAX, MADV_DONTNEED));
	ERR(madvise((void *)(1UL << 47), PAGE, MADV_DONTNEED));
	MUST(munmap(p + 5 * PAGE, PAGE));
	ERR(madvise(p, 8 * PAGE, MADV_DONTNEED)); // done, but for the hole: ENOMEM
	SHOW(p[0]); SHOW(p[7 * PAGE]);
	ERR(madvise(p + 5 * PAGE, PAGE, MADV_WILLNEED));
	// FREE: until memory is short either the old byte or zero; a write keeps it.
	memset(p, 3, PAGE);
	ERR(madvise(p, PAGE, MADV_FREE));
	SHOW(p[0] == 3 || p[0] == 0);
	POKE(p, 9);
	SHOW(p[0]);
	char *s = mmap(NULL, 2 * PAGE, rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	memset(s, 2, 2 * PAGE);
	ERR(madvise(s, PAGE, MADV_DONTNEED));
	SHOW(s[0]); // shared memory keeps its contents
	ERR(madvise(s, PAGE, MADV_FREE)); // only for private anonymous memory
	ERR(madvise(s, PAGE, MADV_REMOVE));
	SHOW(s[0]); SHOW(s[PAGE]);
	ERR(madvise(p, PAGE, MADV_REMOVE));
	char *ro = mmap(NULL, PAGE, PROT_READ, ANON, -1, 0);
	ERR(madvise(ro, PAGE, MADV_DONTNEED));

	unsigned char v[8];
	char *q = mmap(NULL, 8 * PAGE, rw, ANON, -1, 0);
	memset(v, 0xff, sizeof v);
	POKE(q + PAGE, 1);
	POKE(q + 6 * PAGE, 1);
	ERR(mincore(q, 8 * PAGE, v));
	for (int i = 0; i < 8; i++) printf("%d", v[i] & 1);
	puts("");
	ERR(mincore(q + 1, PAGE, v));
	ERR(mincore(q, 0, v));
	ERR(mincore(q, PAGE, (void *)8));
	ERR(mincore(q, 8 * PAGE, NULL));
	ERR(mincore((void *)(1UL << 47), PAGE, v));
	MUST(munmap(q + 3 * PAGE, PAGE));
	ERR(mincore(q, 8 * PAGE, v));
	ERR(mlock(q, PAGE));
	ERR(munlock(q, PAGE));
	ERR(mlock(q + 3 * PAGE, PAGE));
	ERR(syscall(SYS_mlock2, q, PAGE, 2));
	ERR(syscall(SYS_mlock2, q, PAGE, MLOCK_ONFAULT));
	ERR(mlockall(0));
	ERR(mlockall(64));
	ERR(munlockall());

	// brk by hand: where it is, up, touch, down, gone, refused.
	char *b = (char *)syscall(SYS_brk, 0);
	SHOW((char *)syscall(SYS_brk, b + 3 * PAGE) == b + 3 * PAGE);
	fault_base = (char *)((uintptr_t)(b + PAGE - 1) & -PAGE);
	SHOW(fault_base[PAGE]);
	POKE(fault_base + PAGE, 7);
	SHOW((char *)syscall(SYS_brk, b) == b);
	FAULT(PEEK(fault_base + PAGE));
	SHOW((char *)syscall(SYS_brk, b + 3 * PAGE) == b + 3 * PAGE);
	SHOW(fault_base[PAGE]); // zero again
	SHOW((char *)syscall(SYS_brk, b + 3 * PAGE + 5) == b + 3 * PAGE + 5);
	SHOW((char *)syscall(SYS_brk, (void *)PAGE) == b + 3 * PAGE + 5); // below the start: unchanged
	SHOW((char *)syscall(SYS_brk, (void *)(1UL << 46)) == b + 3 * PAGE + 5);
	SHOW((char *)syscall(SYS_brk, (void *)-1L) == b + 3 * PAGE + 5);
	struct rlimit r;
	MUST(getrlimit(RLIMIT_DATA, &r));
	r.rlim_cur = 1 << 20;
	MUST(setrlimit(RLIMIT_DATA, &r));
	SHOW((char *)syscall(SYS_brk, b + (4 << 20)) == b + (4 << 20));
	return 0;
}
