// sched_* calls, nice, affinity, clone's errors, ids of threads.
// unox-test: root=yes
#include "check.h"
#include <linux/sched.h>

static int child(void *p) { (void)p; return 0; }
static volatile int tid_of_thread;
static void *tell(void *p) { (void)p; tid_of_thread = gettid(); return (void *)(long)(getpid() == *(int *)p); }

int main(void) {
	struct sched_param sp = { 0 };
	SHOW(sched_getscheduler(0));
	ERR(sched_getparam(0, &sp));
	SHOW(sp.sched_priority);
	SHOW(sched_get_priority_min(SCHED_FIFO)); SHOW(sched_get_priority_max(SCHED_FIFO));
	SHOW(sched_get_priority_min(SCHED_RR)); SHOW(sched_get_priority_max(SCHED_RR));
	SHOW(sched_get_priority_min(SCHED_OTHER)); SHOW(sched_get_priority_max(SCHED_BATCH));
	ERR(sched_get_priority_max(77));
	sp.sched_priority = 1;
	ERR(sched_setscheduler(0, SCHED_OTHER, &sp));
	sp.sched_priority = 0;
	ERR(sched_setscheduler(0, SCHED_FIFO, &sp));
	ERR(sched_setscheduler(0, SCHED_BATCH, &sp));
	SHOW(sched_getscheduler(0));
	ERR(sched_setscheduler(0, SCHED_IDLE, &sp));
	SHOW(sched_getscheduler(0));
	ERR(sched_setscheduler(0, SCHED_OTHER, &sp));
	ERR(sched_setscheduler(0, 99, &sp));
	ERR(sched_setscheduler(-1, SCHED_OTHER, &sp));
	ERR(sched_setscheduler(99999999, SCHED_OTHER, &sp));
	ERR(sched_setscheduler(0, SCHED_OTHER, NULL));
	ERR(sched_getparam(0, NULL));
	ERR(sched_getscheduler(99999999));
	struct timespec ts;
	ERR(sched_rr_get_interval(0, &ts));
	ERR(sched_rr_get_interval(-1, &ts));
	ERR(sched_yield());
	errno = 0;
	SHOW(getpriority(PRIO_PROCESS, 0));
	ERR(setpriority(PRIO_PROCESS, 0, 5));
	SHOW(getpriority(PRIO_PROCESS, 0));
	ERR(setpriority(PRIO_PROCESS, 0, 100));
	SHOW(getpriority(PRIO_PROCESS, 0));
	ERR(nice(-3));
	ERR(setpriority(9, 0, 5));
	ERR(setpriority(PRIO_PROCESS, 99999999, 5));
	ERR(getpriority(9, 0));
	ERR(setpriority(PRIO_PROCESS, 0, 0));
	cpu_set_t set;
	CPU_ZERO(&set);
	ERR(sched_setaffinity(0, sizeof set, &set)); // no CPU at all
	CPU_SET(0, &set);
	ERR(sched_setaffinity(0, sizeof set, &set));
	CPU_ZERO(&set);
	ERR(sched_getaffinity(0, sizeof set, &set));
	SHOW(CPU_COUNT(&set)); SHOW(CPU_ISSET(0, &set));
	SHOW(syscall(SYS_sched_getaffinity, 0, sizeof set, &set) >= 8);
	ERR(syscall(SYS_sched_getaffinity, 0, 3, &set));
	ERR(syscall(SYS_sched_getaffinity, 0, 0, &set));
	ERR(syscall(SYS_sched_getaffinity, 99999999, sizeof set, &set));
	ERR(syscall(SYS_sched_setaffinity, 0, 8, NULL));
	unsigned cpu = 9, node = 9;
	ERR(syscall(SYS_getcpu, &cpu, &node, NULL));
	SHOW(cpu); SHOW(node); SHOW(sched_getcpu());
	ERR(syscall(SYS_getcpu, NULL, NULL, NULL));
	ERR(syscall(SYS_getcpu, 8, NULL, NULL));

	static char stack[65536] __attribute__((aligned(16)));
	char *top = stack + sizeof stack;
	ERR(clone(child, top, CLONE_THREAD, NULL)); // THREAD needs SIGHAND
	ERR(clone(child, top, CLONE_SIGHAND, NULL)); // SIGHAND needs VM
	ERR(clone(child, top, CLONE_THREAD | CLONE_SIGHAND, NULL));
	ERR(clone(child, top, CLONE_FS | CLONE_NEWNS, NULL));
	struct clone_args ca = { 0 };
	ERR(syscall(SYS_clone3, &ca, 8)); // too small
	ERR(syscall(SYS_clone3, NULL, sizeof ca));
	ERR(syscall(SYS_clone3, &ca, 1 << 20));
	ca.flags = CLONE_THREAD;
	ERR(syscall(SYS_clone3, &ca, sizeof ca));
	ca.flags = 1ULL << 60;
	ERR(syscall(SYS_clone3, &ca, sizeof ca));
	ca.flags = CLONE_VM; ca.stack = 0; ca.stack_size = 4096;
	ERR(syscall(SYS_clone3, &ca, sizeof ca));
	ca.stack = (uintptr_t)stack; ca.stack_size = 0;
	ERR(syscall(SYS_clone3, &ca, sizeof ca));
	ca.stack_size = 4096; ca.exit_signal = 1000;
	ERR(syscall(SYS_clone3, &ca, sizeof ca));
	int pid = getpid(), other = 0;
	SHOW(syscall(SYS_set_tid_address, &other) == gettid());
	pthread_t t;
	void *r;
	pthread_create(&t, NULL, tell, &pid);
	pthread_join(t, &r);
	SHOW((long)r); SHOW(tid_of_thread != pid);
	ERR(syscall(SYS_tgkill, pid, tid_of_thread, 0)); // it is gone
	ERR(syscall(SYS_tgkill, pid, gettid(), 0));
	ERR(syscall(SYS_tgkill, pid, 0, 0));
	ERR(syscall(SYS_tgkill, -1, gettid(), 0));
	ERR(syscall(SYS_tgkill, pid, gettid(), 99));
	ERR(syscall(SYS_membarrier, 0, 0, 0) > 0);
	ERR(syscall(SYS_membarrier, 999, 0, 0));
	return 0;
}
