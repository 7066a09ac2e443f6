/* What libstdc++ takes from glibc and musl does not have. */
#include <stdint.h>
#include <uk/random.h>

/* glibc says here that there never was a second thread; nobody does so here. */
char __libc_single_threaded = 0;

uint32_t arc4random(void);
uint32_t arc4random(void)
{
	return uk_random_u32();
}
