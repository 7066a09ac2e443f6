/* Entry and output of a static program without a C library. */
#include <host.h>

static long call(long nr, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return result;
}

void put(const char *text)
{
	long length = 0;

	while (text[length])
		length++;
	call(1, 1, (long)text, length);
}

int __attribute__((weak)) main(void)
{
	put("weak main\n");
	return 0;
}

__attribute__((used)) void start_c(void)
{
	call(231, main(), 0, 0);
}

__asm__(".globl _start\n.section .text._start,\"ax\"\n_start:\n\txor %ebp,%ebp\n\tand $-16,%rsp\n\tcall start_c\n");
