// Exceptions that the processor raises and QEMU's TCG does not: unmasked SSE exceptions, alignment of movaps, a non-canonical stack.
#include "check.h"

int main(void) {
	fault_init();
	static char bytes[64] __attribute__((aligned(64)));
	unsigned csr = 0x1f80 & ~0x200u, old = 0x1f80;
	volatile float one = 1, nil = 0;
	FAULT(__asm__ volatile("ldmxcsr %0; divss %2, %1; ldmxcsr %3" :: "m"(csr), "x"(one), "x"(nil), "m"(old)));
	__asm__ volatile("ldmxcsr %0" :: "m"(old));
	csr = 0x1f80 & ~0x80u;
	FAULT(__asm__ volatile("ldmxcsr %0; divss %1, %1; ldmxcsr %2" :: "m"(csr), "x"(nil), "m"(old)));
	__asm__ volatile("ldmxcsr %0" :: "m"(old));
	csr = 0xffff0000;
	FAULT(__asm__ volatile("ldmxcsr %0" :: "m"(csr)));
	FAULT(__asm__ volatile("movaps (%0), %%xmm0" :: "r"(bytes + 1) : "xmm0"));
	FAULT(__asm__ volatile("mov %%rsp, %%rbx; mov $0x8000000000000000, %%rsp; push %%rax; mov %%rbx, %%rsp" ::: "rbx", "memory"));
	return 0;
}
