/* Waiting by a clock of the caller's choice (POSIX.1-2024). */
#define _GNU_SOURCE
#include <pthread.h>
#include <time.h>

/* The same time by CLOCK_REALTIME, which musl's functions take. */
static struct timespec by_realtime(clockid_t clock, const struct timespec *at)
{
	struct timespec theirs, ours, result = *at;
	if (clock == CLOCK_REALTIME)
		return result;
	clock_gettime(clock, &theirs);
	clock_gettime(CLOCK_REALTIME, &ours);
	result.tv_sec += ours.tv_sec - theirs.tv_sec;
	result.tv_nsec += ours.tv_nsec - theirs.tv_nsec;
	while (result.tv_nsec >= 1000000000) {
		result.tv_nsec -= 1000000000;
		result.tv_sec++;
	}
	while (result.tv_nsec < 0) {
		result.tv_nsec += 1000000000;
		result.tv_sec--;
	}
	return result;
}

int pthread_cond_clockwait(pthread_cond_t *cond, pthread_mutex_t *mutex, clockid_t clock, const struct timespec *at)
{
	struct timespec until = by_realtime(clock, at);
	return pthread_cond_timedwait(cond, mutex, &until);
}

int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *at)
{
	struct timespec until = by_realtime(clock, at);
	return pthread_mutex_timedlock(mutex, &until);
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *at)
{
	struct timespec until = by_realtime(clock, at);
	return pthread_rwlock_timedrdlock(lock, &until);
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock, const struct timespec *at)
{
	struct timespec until = by_realtime(clock, at);
	return pthread_rwlock_timedwrlock(lock, &until);
}
