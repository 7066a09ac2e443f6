// mprotect: every protection, splits and merges, errors, W^X code as a JIT makes it.
#include "check.h"
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

int main(void) {
	fault_init();
	const int rw = PROT_READ | PROT_WRITE;
	char *p = mmap(NULL, 16 * PAGE, rw, ANON, -1, 0);
	fault_base = p;
	memset(p, 5, 16 * PAGE);
	ERR(mprotect(p + 4 * PAGE, 4 * PAGE, PROT_READ));
	FAULT(PEEK(p + 4 * PAGE));
	FAULT(POKE(p + 4 * PAGE, 1));
	FAULT(POKE(p + 8 * PAGE - 1, 1));
	FAULT(POKE(p + 8 * PAGE, 1));
	ERR(mprotect(p + 5 * PAGE, PAGE, PROT_NONE));
	FAULT(PEEK(p + 5 * PAGE + 17));
	FAULT(POKE(p + 5 * PAGE + 17, 0));
	FAULT(PEEK(p + 6 * PAGE));
	ERR(mprotect(p, 16 * PAGE, rw));
	int sum = 0;
	for (int i = 0; i < 16; i++) sum += p[i * PAGE];
	SHOW(sum);
	FAULT(POKE(p + 5 * PAGE, 1));
	ERR(mprotect(p + 1, PAGE, rw));
	ERR(mprotect(p, 0, PROT_NONE));
	FAULT(PEEK(p));
	ERR(mprotect(p, 1, PROT_NONE)); // rounded up to the page
	FAULT(PEEK(p + PAGE - 1));
	FAULT(PEEK(p + PAGE));
	ERR(mprotect(p, PAGE, rw));
	ERR(mprotect(p, PAGE, 0x40));
	ERR(mprotect(p, PAGE, PROT_READ | PROT_GROWSDOWN));
	ERR(mprotect(p, SIZE_MAX - PAGE + 1, rw));
	ERR(mprotect((void *)-PAGE, PAGE, rw));
	ERR(mprotect((void *)(1UL << 47), PAGE, rw));
	ERR(mprotect(NULL, PAGE, rw));
	MUST(munmap(p + 3 * PAGE, PAGE));
	ERR(mprotect(p, 8 * PAGE, PROT_READ)); // up to the hole it is done, then ENOMEM
	FAULT(POKE(p, 1));
	FAULT(POKE(p + 4 * PAGE, 1));

	// Code: written, made executable, called; NX before.
	static const unsigned char ret42[] = { 0xb8, 42, 0, 0, 0, 0xc3 };
	unsigned char *code = mmap(NULL, PAGE, rw, ANON, -1, 0);
	fault_base = (char *)code;
	memcpy(code, ret42, sizeof ret42);
	FAULT(((int (*)(void))code)());
	ERR(mprotect(code, PAGE, PROT_READ | PROT_EXEC));
	SHOW(((int (*)(void))code)());
	FAULT(POKE(code + 1, 43));
	ERR(mprotect(code, PAGE, rw));
	code[1] = 43;
	ERR(mprotect(code, PAGE, PROT_READ | PROT_EXEC));
	SHOW(((int (*)(void))code)());
	ERR(mprotect(code, PAGE, rw | PROT_EXEC));
	code[1] = 44;
	SHOW(((int (*)(void))code)());
	ERR(mprotect(code, PAGE, PROT_EXEC));
	SHOW(((int (*)(void))code)());
	ERR(mprotect(code, PAGE, PROT_NONE));
	FAULT(((int (*)(void))code)());
	// Two views of the same code: one writable, one executable.
	int fd = memfd_create("jit", 0);
	MUST(ftruncate(fd, PAGE));
	unsigned char *w = mmap(NULL, PAGE, rw, MAP_SHARED, fd, 0), *x = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
	memcpy(w, ret42, sizeof ret42);
	SHOW(((int (*)(void))x)());
	w[1] = 17;
	SHOW(((int (*)(void))x)());
	fault_base = (char *)x;
	FAULT(POKE(x, 0));
	// Text of the program is not writable.
	fault_base = (char *)main;
	FAULT(POKE((char *)main, 0));
	static const char constant[] = "constant";
	fault_base = (char *)constant;
	FAULT(POKE((char *)constant, 0));
	// A program may write to its own text once it asked.
	char *page = (char *)((uintptr_t)main & -PAGE);
	ERR(mprotect(page, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
	FAULT(POKE((char *)main, PEEK((char *)main)));
	return 0;
}
