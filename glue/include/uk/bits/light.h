/* The calls of the kernel that only read or write a word of it: they take a third of the time of the others and never sleep. */
#ifndef __UK_BITS_LIGHT_H__
#define __UK_BITS_LIGHT_H__

#ifdef __cplusplus
extern "C" {
#endif

long uk_light_getpid(void);
long uk_light_gettid(void);
long uk_light_getppid(void);
long uk_light_clock_gettime(long clock, long timespec);
long uk_light_gettimeofday(long timeval, long timezone);
long uk_light_time(long result);
long uk_light_getcpu(long cpu, long node, long unused);

#ifdef __cplusplus
}
#endif

#endif /* __UK_BITS_LIGHT_H__ */
