/* What Kconfig says and the kernel must know at boot, as one constant: a changed number recompiles this file and no crate. */
#include <uk/config.h>
#include <stddef.h>

struct uk_boot_config {
	const char *name;
	const char *banner;
	unsigned int loglevel;
	const char *const *args;
};

#ifndef CONFIG_UK_NAME
#define CONFIG_UK_NAME "unikernel"
#endif
#ifndef UK_FULLVERSION
#define UK_FULLVERSION "0.1.0"
#endif
#ifndef UK_CODENAME
#define UK_CODENAME "Alpha"
#endif

/* A banner that is not wanted is not in the image. */
#define VERSION UK_CODENAME " " UK_FULLVERSION "\n"
#if CONFIG_LIBUKBOOT_BANNER_POWEREDBY
#define BANNER \
	"Powered by\n" \
	" _   _ _ __   _____  __\n" \
	"| | | | '_ \\ / _ \\ \\/ /\n" \
	"| |_| | | | | (_) >  <\n" \
	" \\__,_|_| |_|\\___/_/\\_\\\n" \
	"                  " VERSION
#elif CONFIG_LIBUKBOOT_BANNER_MINIMAL
#define BANNER "Powered by unox " VERSION
#else
#define BANNER NULL
#endif

const struct uk_boot_config uk_boot_config = {
	.name = CONFIG_UK_NAME,
	.banner = BANNER,
#if CONFIG_LIBUKDEBUG_PRINTK_DEBUG
	.loglevel = 4,
#elif CONFIG_LIBUKDEBUG_PRINTK_INFO
	.loglevel = 3,
#elif CONFIG_LIBUKDEBUG_PRINTK_WARN
	.loglevel = 2,
#elif CONFIG_LIBUKDEBUG_PRINTK_ERR
	.loglevel = 1,
#else
	.loglevel = 0,
#endif
	.args = NULL,
};
