// Clocks and sleeping: relative, absolute, interrupted, refused; CPU clocks; the vDSO agrees with the system calls.
#include "check.h"
#include <sys/times.h>
#include <sys/timex.h>

static volatile int hits;
static void on_alarm(int s) { (void)s; hits++; }
static void burn(long ms) { for (long long end = now_ns(CLOCK_THREAD_CPUTIME_ID) + ms * 1000000LL; now_ns(CLOCK_THREAD_CPUTIME_ID) < end;) {} }
static clockid_t thread_clock;
static volatile int stop;
static void *burner(void *p) { (void)p; while (!stop) {} return NULL; }
static long long raw(clockid_t c) { struct timespec t; syscall(SYS_clock_gettime, c, &t); return t.tv_sec * 1000000000LL + t.tv_nsec; }

int main(void) {
	struct timespec t, rem;
	const clockid_t ids[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW,
		CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI, 10, 12, 99, -1 };
	for (size_t i = 0; i < COUNT(ids); i++) {
		errno = 0;
		int r = clock_gettime(ids[i], &t);
		SAY("gettime %d: %d %s, sane %d", ids[i], r, errname(r ? errno : 0), r || (t.tv_nsec >= 0 && t.tv_nsec < 1000000000));
		errno = 0;
		r = clock_getres(ids[i], &t);
		int coarse = ids[i] == CLOCK_REALTIME_COARSE || ids[i] == CLOCK_MONOTONIC_COARSE;
		SAY("getres: %d %s, 1 ns %d", r, errname(r ? errno : 0), r || coarse ? -1 : t.tv_nsec == 1);
	}
	ERR(syscall(SYS_clock_gettime, CLOCK_REALTIME, 8));
	ERR(clock_getres(CLOCK_REALTIME, NULL));
	SHOW(time(NULL) > 1600000000);
	struct timeval tv;
	struct timezone tz;
	ERR(gettimeofday(&tv, &tz));
	long long d = tv.tv_sec * 1000000LL + tv.tv_usec - raw(CLOCK_REALTIME) / 1000;
	SHOW(d > -1000000 && d <= 0);
	const clockid_t vdso[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME };
	for (size_t i = 0; i < COUNT(vdso); i++) {
		int order = 1;
		for (int k = 0; k < 1000; k++) {
			long long a = raw(vdso[i]), b = now_ns(vdso[i]), c = raw(vdso[i]);
			if (a > b || b > c) order = 0;
		}
		SAY("clock %d: vDSO between system calls: %d", vdso[i], order);
	}
	long long a = now_ns(CLOCK_MONOTONIC_COARSE), b = now_ns(CLOCK_MONOTONIC);
	SHOW(a <= b && b - a < 1000000000);

	long long start = now_ns(CLOCK_MONOTONIC);
	t = (struct timespec){ 0, 20000000 };
	ERR(nanosleep(&t, NULL));
	SHOW(now_ns(CLOCK_MONOTONIC) - start >= 20000000);
	t.tv_nsec = 1000000000;
	ERR(nanosleep(&t, NULL));
	t = (struct timespec){ -1, 0 };
	ERR(nanosleep(&t, NULL));
	ERR(syscall(SYS_nanosleep, NULL, NULL));
	t = (struct timespec){ 0, 0 };
	ERR(nanosleep(&t, NULL));
	start = now_ns(CLOCK_MONOTONIC) + 15000000;
	t = (struct timespec){ start / 1000000000, start % 1000000000 };
	RET(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
	SHOW(now_ns(CLOCK_MONOTONIC) >= start);
	RET(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL)); // in the past
	start = now_ns(CLOCK_REALTIME) + 15000000;
	t = (struct timespec){ start / 1000000000, start % 1000000000 };
	RET(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL));
	SHOW(now_ns(CLOCK_REALTIME) >= start);
	t = (struct timespec){ 0, 1000000 };
	RET(clock_nanosleep(CLOCK_BOOTTIME, 0, &t, NULL));
	RET(clock_nanosleep(CLOCK_TAI, 0, &t, NULL));
	RET(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &t, NULL));
	RET(clock_nanosleep(CLOCK_MONOTONIC_RAW, 0, &t, NULL));
	RET(clock_nanosleep(99, 0, &t, NULL));
	// Interrupted: the rest is told.
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	MUST(sigaction(SIGALRM, &sa, NULL));
	struct itimerval it = { .it_value = { 0, 30000 } };
	MUST(setitimer(ITIMER_REAL, &it, NULL));
	t = (struct timespec){ 5, 0 };
	rem = (struct timespec){ 0, 0 };
	ERR(nanosleep(&t, &rem)); // never restarted after a handler
	SHOW(hits); SHOW(rem.tv_sec == 4 || rem.tv_sec == 3);
	MUST(setitimer(ITIMER_REAL, &it, NULL));
	RET(clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &rem));
	start = now_ns(CLOCK_MONOTONIC) + 5000000000;
	t = (struct timespec){ start / 1000000000, start % 1000000000 };
	rem = (struct timespec){ 77, 77 };
	MUST(setitimer(ITIMER_REAL, &it, NULL));
	RET(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, &rem));
	SHOW(rem.tv_sec); // untouched with an absolute time
	// CPU time runs when the thread does, not when it sleeps.
	long long c0 = now_ns(CLOCK_THREAD_CPUTIME_ID), p0 = now_ns(CLOCK_PROCESS_CPUTIME_ID);
	sleep_ms(60);
	SHOW(now_ns(CLOCK_THREAD_CPUTIME_ID) - c0 < 50000000);
	burn(30);
	SHOW(now_ns(CLOCK_THREAD_CPUTIME_ID) - c0 >= 30000000);
	SHOW(now_ns(CLOCK_PROCESS_CPUTIME_ID) - p0 >= 30000000);
	pthread_t th;
	pthread_create(&th, NULL, burner, NULL);
	RET(pthread_getcpuclockid(th, &thread_clock));
	sleep_ms(60);
	SHOW(now_ns(thread_clock) > 0);
	stop = 1;
	pthread_join(th, NULL);
	clockid_t own;
	RET(clock_getcpuclockid(0, &own));
	SHOW(now_ns(own) >= 30000000);
	SHOW(clock_getcpuclockid(99999999, &own) != 0);
	struct rusage ru, ru2;
	ERR(getrusage(RUSAGE_SELF, &ru));
	ERR(getrusage(RUSAGE_THREAD, &ru2));
	ERR(getrusage(RUSAGE_CHILDREN, &ru2));
	SHOW(ru2.ru_utime.tv_sec + ru2.ru_utime.tv_usec);
	ERR(getrusage(99, &ru2));
	SHOW(ru.ru_maxrss > 100); SHOW(ru.ru_minflt > 0);
	struct tms tm;
	SHOW(times(&tm) != -1);
	SHOW(tm.tms_cutime + tm.tms_cstime);
	struct timex tx = { 0 };
	SHOW(adjtimex(&tx) >= 0);
	return 0;
}
