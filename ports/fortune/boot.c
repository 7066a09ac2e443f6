/* A fortune during boot, at the level that Kconfig says. */
#include <stdio.h>
#include <fortune.h>
#include <uk/config.h>
#include <uk/init.h>

static int show_fortune(void)
{
	fortune_t *fortune = rand_fortune();

	printf("\"%s\"\n-- %s\n", fortune->quote, fortune->author);
	/* Initcalls share standard output with the kernel's banner, which is not buffered. */
	fflush(stdout);
	return 0;
}

#if CONFIG_LIBFORTUNE_BOOT_CTOR
static void first_fortune(void)
{
	show_fortune();
}
#define REGISTER(fn, prio) UK_CTOR_PRIO(fn, prio)
REGISTER(first_fortune, CONFIG_LIBFORTUNE_BOOT_PRIO);
#elif CONFIG_LIBFORTUNE_BOOT_MAIN
__attribute__((constructor)) static void last_fortune(void)
{
	show_fortune();
}
#else
uk_initcall_class_prio(show_fortune, 0, CONFIG_LIBFORTUNE_BOOT_LEVEL, CONFIG_LIBFORTUNE_BOOT_PRIO);
#endif
