// FP, SSE and AVX registers belong to a thread: several threads compute at once, preempted at any point.
#include "check.h"

static int bad;
static void *work(void *p) {
	long me = (long)p;
	double vals[16];
	for (int i = 0; i < 16; i++) vals[i] = me * 100 + i;
	int avx = __builtin_cpu_supports("avx");
	long long end = now_ns(CLOCK_MONOTONIC) + 300000000;
	while (now_ns(CLOCK_MONOTONIC) < end) {
		double a[4] = { me, me + 1, me + 2, me + 3 }, b[4];
		long spin = 20000;
		if (avx) __asm__ volatile("vmovupd %2, %%ymm8; 1: dec %1; jnz 1b; vmovupd %%ymm8, %0; vzeroupper" : "=m"(b), "+r"(spin) : "m"(a) : "xmm8", "cc");
		else { __asm__ volatile("movupd %2, %%xmm8; 1: dec %1; jnz 1b; movupd %%xmm8, %0" : "=m"(b), "+r"(spin) : "m"(a) : "xmm8", "cc"); b[3] = a[3]; }
		double x = me * 1.5, y;
		spin = 20000;
		__asm__ volatile("fldl %2; 1: dec %1; jnz 1b; fstpl %0" : "=m"(y), "+r"(spin) : "m"(x) : "cc");
		if (b[0] != me || (avx && b[3] != me + 3) || y != x) __atomic_fetch_add(&bad, 1, __ATOMIC_SEQ_CST);
		unsigned csr = me % 2 ? 0x1f80 : 0x7f80, got;
		spin = 20000;
		__asm__ volatile("ldmxcsr %2; 1: dec %1; jnz 1b; stmxcsr %0" : "=m"(got), "+r"(spin) : "m"(csr) : "cc");
		if ((got & 0xffc0) != csr) __atomic_fetch_add(&bad, 1, __ATOMIC_SEQ_CST);
		csr = 0x1f80;
		__asm__ volatile("ldmxcsr %0" :: "m"(csr));
		if (me == 0) sched_yield();
	}
	for (int i = 0; i < 16; i++) if (vals[i] != me * 100 + i) bad++;
	return NULL;
}

int main(void) {
	pthread_t t[6];
	for (long i = 0; i < 6; i++) pthread_create(&t[i], NULL, work, (void *)i);
	for (int i = 0; i < 6; i++) pthread_join(t[i], NULL);
	SHOW(bad);
	return 0;
}
