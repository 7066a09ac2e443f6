/* Clocks. */
#ifndef __UK_PLAT_TIME_H__
#define __UK_PLAT_TIME_H__

#include <uk/arch/time.h>
#include <uk/bits/light.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Length of the scheduler's tick, nanoseconds. */
#define UKPLAT_TIME_TICK_NSEC (UKARCH_NSEC_PER_SEC / 100)
#define UKPLAT_TIME_TICK_MSEC ukarch_time_nsec_to_msec(UKPLAT_TIME_TICK_NSEC)

static inline __nsec __ukplat_clock(long clock)
{
	struct {
		int64_t sec;
		int64_t nsec;
	} now = {0, 0};
	uk_light_clock_gettime(clock, (long)&now);
	return (__nsec)now.sec * UKARCH_NSEC_PER_SEC + (__nsec)now.nsec;
}
/** Nanoseconds since boot; never goes back. */
static inline __nsec ukplat_monotonic_clock(void)
{
	return __ukplat_clock(1);
}
/** Nanoseconds since 1970-01-01 00:00:00 UTC. */
static inline __nsec ukplat_wall_clock(void)
{
	return __ukplat_clock(0);
}

#ifdef __cplusplus
}
#endif

#endif /* __UK_PLAT_TIME_H__ */
