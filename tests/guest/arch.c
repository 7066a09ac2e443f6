// x86-64: fs and gs bases, arch_prctl, the vDSO's functions, vsyscall entries, flags over system calls, registers that must survive.
#include "check.h"
#include <asm/prctl.h>
#include <cpuid.h>
#include <elf.h>
#include <sys/auxv.h>

static unsigned long gs_word[4] = { 0x1111, 0x2222, 0x3333, 0x4444 };
static void *thread_gs(void *p) { unsigned long base = 9, want = (unsigned long)p, x; syscall(SYS_arch_prctl, ARCH_GET_GS, &base); int inherited = base == 0; syscall(SYS_arch_prctl, ARCH_SET_GS, want); for (int i = 0; i < 50; i++) { sched_yield(); __asm__ volatile("mov %%gs:0, %0" : "=r"(x)); if (x != *(unsigned long *)want) return (void *)-1L; } return (void *)(long)inherited; }

static void *symbol(const char *name) {
	Elf64_Ehdr *e = (void *)getauxval(AT_SYSINFO_EHDR);
	if (!e) return NULL;
	Elf64_Phdr *ph = (void *)((char *)e + e->e_phoff); Elf64_Dyn *dyn = NULL; char *base = NULL;
	for (int i = 0; i < e->e_phnum; i++) { if (ph[i].p_type == PT_LOAD && !base) base = (char *)e + ph[i].p_offset - ph[i].p_vaddr; if (ph[i].p_type == PT_DYNAMIC) dyn = (void *)((char *)e + ph[i].p_offset); }
	Elf64_Sym *sym = NULL; char *str = NULL; uint32_t *hash = NULL, *gnu = NULL;
	for (; dyn && dyn->d_tag; dyn++) { void *p = base + dyn->d_un.d_ptr; if (dyn->d_tag == DT_SYMTAB) sym = p; if (dyn->d_tag == DT_STRTAB) str = p; if (dyn->d_tag == DT_HASH) hash = p; if (dyn->d_tag == DT_GNU_HASH) gnu = p; }
	unsigned n = hash ? hash[1] : 0;
	if (!n && gnu) n = 64; // enough for every vDSO
	for (unsigned i = 0; sym && i < n; i++) { const char *s = str + sym[i].st_name; if (sym[i].st_shndx && !strcmp(s, name)) return base + sym[i].st_value; }
	return NULL;
}

int main(void) {
	fault_init();
	unsigned long base = 0, x;
	ERR(syscall(SYS_arch_prctl, ARCH_GET_FS, &base)); __asm__("mov %%fs:0, %0" : "=r"(x)); SHOW(base == x);
	ERR(syscall(SYS_arch_prctl, ARCH_GET_GS, &base)); SHOW(base); ERR(syscall(SYS_arch_prctl, ARCH_SET_GS, gs_word));
	__asm__ volatile("mov %%gs:8, %0" : "=r"(x)); HEX(x); sched_yield(); sleep_ms(5); __asm__ volatile("mov %%gs:16, %0" : "=r"(x)); HEX(x);
	ERR(syscall(SYS_arch_prctl, ARCH_GET_GS, &base)); SHOW(base == (unsigned long)gs_word);
	ERR(syscall(SYS_arch_prctl, ARCH_SET_GS, 1UL << 63)); ERR(syscall(SYS_arch_prctl, ARCH_SET_FS, -1L));
	ERR(syscall(SYS_arch_prctl, ARCH_GET_FS, 8)); ERR(syscall(SYS_arch_prctl, 0x9999, 0));
	__asm__ volatile("mov %%gs:24, %0" : "=r"(x)); HEX(x); // unchanged by the errors
	if (getauxval(AT_HWCAP2) & 2) { unsigned long save; __asm__ volatile("rdgsbase %0; wrgsbase %2; mov %%gs:0, %1; wrgsbase %0" : "=&r"(save), "=&r"(x) : "r"(gs_word + 2)); SAY("fsgsbase %#lx", x); } else SAY("fsgsbase 0x3333");
	static unsigned long a[4] = { 5 }, b[4] = { 6 }; pthread_t t, u; void *r, *s; syscall(SYS_arch_prctl, ARCH_SET_GS, 0);
	pthread_create(&t, NULL, thread_gs, a); pthread_create(&u, NULL, thread_gs, b); pthread_join(t, &r); pthread_join(u, &s);
	SAY("threads' gs: %ld %ld", (long)r, (long)s); FAULT(__asm__ volatile("mov %%gs:0, %0" : "=r"(x)));
	// Registers over a system call: all but rax, rcx, r11 stay; rcx is the return address, r11 the flags.
	unsigned long rcx, r11, ok, here;
	__asm__ volatile("mov $0x1234, %%rbx; mov $0x5678, %%r12; mov $0x9abc, %%r15; mov $0xdef0, %%r8; mov $0x77, %%rdx; mov $39, %%eax; lea 1f(%%rip), %%r13; stc; syscall; 1: pushf; pop %%r14; xor %%eax, %%eax; cmp $0x1234, %%rbx; jne 2f; cmp $0x5678, %%r12; jne 2f; cmp $0x9abc, %%r15; jne 2f; cmp $0xdef0, %%r8; jne 2f; cmp $0x77, %%rdx; jne 2f; cmp %%rcx, %%r13; jne 2f; test $1, %%r14; jz 2f; inc %%eax; 2:" : "=a"(ok), "=c"(rcx), "=&d"(here) : : "rbx", "r8", "r11", "r12", "r13", "r14", "r15", "memory", "cc");
	(void)rcx; (void)r11; SHOW(ok);
	// The vDSO.
	const char *names[] = { "__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time", "__vdso_getcpu", "__vdso_clock_getres" };
	for (size_t i = 0; i < COUNT(names); i++) SAY("%s %d", names[i], symbol(names[i]) != NULL);
	int (*gettime)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))symbol("__vdso_clock_gettime");
	time_t (*vtime)(time_t *) = (time_t (*)(time_t *))symbol("__vdso_time");
	int (*res)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))symbol("__vdso_clock_getres"); struct timespec ts;
	if (gettime) { SAY("%d %d %d", gettime(CLOCK_MONOTONIC, &ts), gettime(CLOCK_REALTIME, &ts), gettime(99, &ts)); long long last = 0; int back = 0; for (int i = 0; i < 100000; i++) { gettime(CLOCK_MONOTONIC, &ts); long long n = ts.tv_sec * 1000000000LL + ts.tv_nsec; back += n < last; last = n; } SHOW(back); }
	if (vtime) { time_t v = 0, d = vtime(&v) - time(NULL); SHOW(d >= -1 && d <= 1); SHOW(v > 1600000000); }
	if (res) { SHOW(res(CLOCK_MONOTONIC, &ts)); SHOW(ts.tv_nsec); }
	// vsyscall: three old entries at a fixed address, by call only.
	struct timeval tv = { 0 }; static time_t now; FAULT(now = ((time_t (*)(time_t *))0xffffffffff600400)(NULL));
	SHOW(now == 0 || llabs(now - time(NULL)) < 3); FAULT(((int (*)(struct timeval *, void *))0xffffffffff600000)(&tv, NULL));
	SHOW(tv.tv_sec > 1600000000); FAULT(((int (*)(void *, void *, void *))0xffffffffff600800)(NULL, NULL, NULL));
	unsigned ax, bx, cx, dx; __cpuid(0, ax, bx, cx, dx); SHOW(ax > 1); SHOW(__builtin_cpu_supports("sse2") != 0);
	FAULT(__asm__ volatile("rdtsc" ::: "rax", "rdx"));
	return 0;
}
