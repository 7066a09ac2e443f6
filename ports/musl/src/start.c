/* Where the kernel hands over to the C library, and what is different from a program that Linux starts: constructors of C and C++ run late, after the
 * boot sequence (constructors of the kernel's kind, initcalls, banner) and right before main, so the library's own start runs none. */
#include <stdint.h>

typedef int main_function(int, char **, char **);

int __libc_start_main(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void));

/* Overrides musl's weak one. */
__attribute__((__visibility__("hidden"))) void __libc_start_init(void)
{
}

/* What constructors are given, as by glibc: Rust's std takes the arguments from there. */
static int argument_count;
static char **arguments;

/* `sp` is the first stack as the ABI lays it out: argc, argv, envp, auxv. Calls exit(2) with what `main` returns. */
void __uk_libc_start(long *sp, main_function *main)
{
	argument_count = (int)sp[0];
	arguments = (char **)(sp + 1);
	__libc_start_main(main, (int)sp[0], (char **)(sp + 1), 0, 0, 0);
}

typedef void constructor(int, char **, char **);
extern __attribute__((__weak__, __visibility__("hidden")))
constructor *const __preinit_array_start[], *const __preinit_array_end[], *const __init_array_start[], *const __init_array_end[];
extern char **__environ;

static void run(constructor *const *at, constructor *const *end)
{
	for (; (uintptr_t)at < (uintptr_t)end; at++)
		(*at)(argument_count, arguments, __environ);
}

/* Called by the boot sequence, once. */
void __uk_run_init_array(void)
{
	run(__preinit_array_start, __preinit_array_end);
	run(__init_array_start, __init_array_end);
}
