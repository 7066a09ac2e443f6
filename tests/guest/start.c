// What a program finds when it starts: arguments, environment, auxiliary vector, stack, TLS, constructors.
// unox-case: static args="one 'two words' '' \x"
// unox-case: static-pie link=static-pie args="a b"
// unox-case: dynamic link=dynamic args="a b"
// unox-case: musl cc=musl-gcc args="a b"
#include "check.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

static __thread int tls_data = 42;
static __thread int tls_zero;
static __thread char tls_aligned[64] __attribute__((aligned(64)));
static int order, first, second, third;
__attribute__((constructor(101))) static void c1(void) { first = ++order; }
__attribute__((constructor(102))) static void c2(void) { second = ++order; }
__attribute__((constructor)) static void c3(void) { third = ++order; }
__attribute__((destructor)) static void d1(void) { SAY("destructor"); }
static void at_exit(void) { SAY("atexit"); }
extern char **environ;
extern char _start[];

static long aux(unsigned long type, int *there) {
	const ElfW(auxv_t) *a;
	char **e = environ;
	while (*e) e++;
	for (a = (void *)(e + 1); a->a_type; a++)
		if (a->a_type == type) { *there = 1; return (long)a->a_un.a_val; }
	*there = 0;
	return 0;
}

static int phdrs(struct dl_phdr_info *i, size_t n, void *p) {
	(void)n; (void)p;
	int t;
	if (i->dlpi_name && i->dlpi_name[0] == 0) SAY("AT_PHDR is dlpi_phdr: %d, AT_PHNUM: %d", (long)i->dlpi_phdr == aux(AT_PHDR, &t), i->dlpi_phnum == aux(AT_PHNUM, &t));
	return 1;
}

int main(int argc, char **argv) {
	atexit(at_exit);
	SHOW(argc);
	for (int i = 1; i < argc; i++) SAY("argv[%d] = \"%s\"", i, argv[i]);
	SHOW(argv[argc] == NULL);
	SHOW(argv[0][0] == '/');
	SHOW(getenv("PATH") != NULL);
	SHOW(getenv("NO_SUCH_VARIABLE") == NULL);
	SHOW((char *)environ > (char *)&argv[argc]);
	int t;
#define HAS(x) do { aux(x, &t); SAY("%s there: %d", #x, t); } while (0)
	HAS(AT_SYSINFO_EHDR); HAS(AT_HWCAP); HAS(AT_HWCAP2); HAS(AT_PHDR); HAS(AT_BASE); HAS(AT_RANDOM); HAS(AT_MINSIGSTKSZ);
	SHOW(aux(AT_PAGESZ, &t));
	SHOW(aux(AT_CLKTCK, &t));
	SHOW(aux(AT_PHENT, &t) == sizeof(ElfW(Phdr)));
	SHOW(aux(AT_FLAGS, &t));
	SHOW(aux(AT_SECURE, &t));
	SHOW(aux(AT_UID, &t) == getuid());
	SHOW(aux(AT_EUID, &t) == geteuid());
	SHOW(aux(AT_GID, &t) == getgid());
	SHOW(aux(AT_EGID, &t) == getegid());
	SHOW(aux(AT_ENTRY, &t) == (long)_start);
	SHOW(aux(AT_MINSIGSTKSZ, &t) >= 1024);
	STR(aux(AT_PLATFORM, &t));
	SHOW(strcmp((char *)aux(AT_EXECFN, &t), argv[0]));
	unsigned char *rnd = (void *)aux(AT_RANDOM, &t), any = 0;
	for (int i = 0; i < 16; i++) any |= rnd[i];
	SHOW(any != 0);
	Elf64_Ehdr *vdso = (void *)aux(AT_SYSINFO_EHDR, &t);
	SHOW(vdso && memcmp(vdso->e_ident, ELFMAG, 4) == 0);
	SHOW(vdso && vdso->e_machine == EM_X86_64);
	dl_iterate_phdr(phdrs, NULL);
	// The kernel's word: argc lies below argv, at a multiple of 16.
	SHOW(((uintptr_t)argv - 8) % 16);
	SHOW(((long *)argv)[-1]);
	SHOW((uintptr_t)__builtin_frame_address(0) % 16);
	SHOW((uintptr_t)tls_aligned % 64);
	SHOW(tls_data); SHOW(tls_zero); SHOW(tls_aligned[63]);
	SHOW(first); SHOW(second); SHOW(third > second);
	char big[512 * 1024];
	memset(big, 7, sizeof big); // the stack grows on demand
	SHOW(big[sizeof big - 1] + big[0]);
	unsigned mxcsr; unsigned short fcw;
	__asm__ volatile("stmxcsr %0; fnstcw %1" : "=m"(mxcsr), "=m"(fcw));
	HEX(mxcsr); HEX(fcw);
	unsigned short cs, ss, ds, es;
	__asm__ volatile("mov %%cs,%0; mov %%ss,%1; mov %%ds,%2; mov %%es,%3" : "=r"(cs), "=r"(ss), "=r"(ds), "=r"(es));
	HEX(cs); HEX(ss); HEX(ds); HEX(es);
	SHOW(getpid() == getppid());
	SHOW(gettid() == getpid());
	return 3;
}
