// Signals and threads: directed ones, process-wide ones find a thread that lets them in, masks are inherited, alternate stacks are not.
#include "check.h"

static pthread_t main_thread, worker_thread;
static volatile int go, got_main, got_worker, quit;
static void on(int s) { (void)s; if (pthread_equal(pthread_self(), main_thread)) got_main++; else got_worker++; }
static void *worker(void *p) {
	(void)p;
	sigset_t m;
	stack_t ss;
	pthread_sigmask(SIG_SETMASK, NULL, &m);
	sigaltstack(NULL, &ss);
	SAY("inherited mask: USR1 %d USR2 %d; altstack disabled %d", sigismember(&m, SIGUSR1), sigismember(&m, SIGUSR2), ss.ss_flags == SS_DISABLE);
	sigemptyset(&m); sigaddset(&m, SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &m, NULL);
	go = 1;
	while (!quit) sleep_ms(5);
	return NULL;
}
static void *waits_usr2(void *p) { sigset_t m; sigemptyset(&m); sigaddset(&m, SIGUSR2); int s = 0; (void)p; sigwait(&m, &s); return (void *)(long)s; }
static void *counts(void *p) { (void)p; while (!quit) {} return NULL; }

int main(void) {
	static char alt[32768];
	stack_t ss = { .ss_sp = alt, .ss_size = sizeof alt };
	sigaltstack(&ss, NULL);
	main_thread = pthread_self();
	struct sigaction sa = { .sa_handler = on };
	sigaction(SIGUSR1, &sa, NULL);
	sigset_t m;
	sigemptyset(&m); sigaddset(&m, SIGUSR1); sigaddset(&m, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &m, NULL);
	pthread_create(&worker_thread, NULL, worker, NULL);
	while (!go) sched_yield();
	kill(getpid(), SIGUSR1); // only the worker lets it in
	for (int i = 0; i < 1000 && !got_worker; i++) sleep_ms(2);
	SHOW(got_main); SHOW(got_worker);
	pthread_kill(main_thread, SIGUSR1); // stays pending here
	sigset_t p;
	sigpending(&p);
	SHOW(sigismember(&p, SIGUSR1));
	sleep_ms(20);
	SHOW(got_worker);
	sigset_t only;
	sigemptyset(&only); sigaddset(&only, SIGUSR1);
	pthread_sigmask(SIG_UNBLOCK, &only, NULL);
	SHOW(got_main);
	pthread_kill(worker_thread, SIGUSR1);
	for (int i = 0; i < 1000 && got_worker < 2; i++) sleep_ms(2);
	SHOW(got_worker);
	pthread_t w;
	pthread_create(&w, NULL, waits_usr2, NULL);
	sleep_ms(20);
	kill(getpid(), SIGUSR2);
	void *r;
	pthread_join(w, &r);
	SAY("sigwait: %s", signame((long)r));
	quit = 1;
	pthread_join(worker_thread, NULL);
	// A thread that never makes a system call still gets its signals.
	quit = 0;
	got_worker = 0;
	pthread_create(&w, NULL, counts, NULL);
	sleep_ms(10);
	pthread_kill(w, SIGUSR1);
	for (int i = 0; i < 1000 && !got_worker; i++) sleep_ms(2);
	SHOW(got_worker);
	quit = 1;
	pthread_join(w, NULL);
	// 1000 signals between two threads.
	got_worker = got_main = 0; quit = 0; go = 0;
	pthread_create(&w, NULL, counts, NULL);
	for (int i = 0; i < 1000; i++) {
		int before = got_worker;
		long long end = now_ns(CLOCK_MONOTONIC) + 5000000000;
		pthread_kill(w, SIGUSR1);
		while (got_worker == before && now_ns(CLOCK_MONOTONIC) < end) sched_yield();
	}
	SHOW(got_worker);
	quit = 1;
	pthread_join(w, NULL);
	return 0;
}
