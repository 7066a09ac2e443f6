// What a signal does to a program that does not handle it: the exit status says it. One case per signal.
// unox-case: abort args=6
// unox-case: hup args=1
// unox-case: int args=2
// unox-case: quit args=3
// unox-case: term args=15
// unox-case: kill args=9
// unox-case: usr1 args=10
// unox-case: pipe args=13
// unox-case: alrm args=14
// unox-case: rt args=40
// unox-case: chld args=17
// unox-case: segv args=segv
// unox-case: jump args=jump
// unox-case: bus args=bus
// unox-case: fpe args=fpe
// unox-case: ill args=ill
// unox-case: trap args=trap
// unox-case: broken-pipe args=sigpipe
// unox-case: thread-segv args=thread
// unox-case: overflow args=overflow
// unox-case: blocked-segv args=blocked
// unox-case: ignored-segv args=ignored
// unox-case: no-altstack args=noaltstack
// unox-case: exit args=exit
// unox-case: thread-exit args=threadexit
// unox-case: main-gone args=maingone
// unox-case: fsize args=fsize
#include "check.h"
#include <sys/prctl.h>

#pragma GCC diagnostic ignored "-Winfinite-recursion"
static __attribute__((noinline)) int endless(int n) { volatile char f[4096]; f[n & 4095] = 1; return endless(n + 1) + f[3]; }
static void handler(int s) { (void)s; printf("handler\n"); }
static void *bad(void *p) { (void)p; PEEK((char *)8); return NULL; }
static void *leave(void *p) { (void)p; exit(44); }
static void *last(void *p) { (void)p; sleep_ms(30); printf("last one\n"); return NULL; }

int main(int argc, char **argv) {
	(void)argc;
	const char *what = argv[1];
	prctl(PR_SET_DUMPABLE, 0); // no core file on the host
	printf("before %s\n", what);
	pthread_t t;
	if (atoi(what)) raise(atoi(what));
	else if (!strcmp(what, "segv")) PEEK((char *)0x1234);
	else if (!strcmp(what, "jump")) ((void (*)(void))0x1000)();
	else if (!strcmp(what, "fpe")) __asm__ volatile("cltd; idivl %0" :: "r"(0), "a"(1) : "rdx");
	else if (!strcmp(what, "ill")) __asm__ volatile("ud2");
	else if (!strcmp(what, "trap")) __asm__ volatile("int3");
	else if (!strcmp(what, "bus")) PEEK((char *)mmap(NULL, PAGE, PROT_READ, MAP_SHARED, memfd_create("m", 0), 0));
	else if (!strcmp(what, "sigpipe")) { int p[2]; MUST(pipe(p)); close(p[0]); MUST(write(p[1], "x", 1)); }
	else if (!strcmp(what, "thread")) { pthread_create(&t, NULL, bad, NULL); pthread_join(t, NULL); }
	else if (!strcmp(what, "overflow")) endless(0);
	else if (!strcmp(what, "blocked")) {
		signal(SIGSEGV, handler); // blocked: it kills in spite of the handler
		sigset_t m; sigemptyset(&m); sigaddset(&m, SIGSEGV); sigprocmask(SIG_BLOCK, &m, NULL);
		PEEK((char *)8);
	} else if (!strcmp(what, "ignored")) { signal(SIGSEGV, SIG_IGN); PEEK((char *)8); }
	else if (!strcmp(what, "noaltstack")) { signal(SIGSEGV, handler); endless(0); } // no room for the frame
	else if (!strcmp(what, "exit")) exit(0x1234);
	else if (!strcmp(what, "threadexit")) { pthread_create(&t, NULL, leave, NULL); pause(); }
	else if (!strcmp(what, "maingone")) { pthread_create(&t, NULL, last, NULL); pthread_exit(NULL); }
	else if (!strcmp(what, "fsize")) {
		workdir();
		struct rlimit r = { 1000, 1000 };
		MUST(setrlimit(RLIMIT_FSIZE, &r));
		int fd = MUST(open("f", O_WRONLY | O_CREAT, 0644));
		static char b[2000];
		ERR(write(fd, b, 900)); ERR(write(fd, b, 900)); ERR(write(fd, b, 900));
	}
	printf("after\n");
	return 5;
}
