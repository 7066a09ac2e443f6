// A million random system calls with nasty arguments: the machine survives. Seeded, so that a failure comes back.
//
// Left out are the calls that end or replace the program by design (exit, exec, fork, kill of itself, a seccomp filter, its own
// signal set-up); memory calls that could take away the program's own text and stacks are held inside an arena. What blocks is woken
// by a signal; a worker that stays stuck is given up and replaced.
// unox-test: only=unox timeout=300 why="needs a machine that may be broken"
// unox-case: seed1 args="1 350000"
// unox-case: seed2 args="2 350000"
// unox-case: seed3 args="3 350000"
#include "check.h"
#include <asm/prctl.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

enum { WORKERS = 3, ARENA_PAGES = 256, SLOTS = 40, LOST_MAX = 30 };
static char *arena;
static char *holes; // page: read-only, none, beyond a file's end
static const char *paths[] = { "f", "d", "d/x", "", "/", ".", "..", "nope/x", "loop", "link", "fifo", "/proc/self/maps", "/proc/self/fd/5", "/proc/self/status", "/proc/self/mem", "/proc/cpuinfo", "/proc", "/sys", "/dev/zero", "/dev/null", "/dev/full", "/dev/tty", "/dev/ptmx", "/dev/shm", "/etc/passwd", "d/../f", "f/", "//./f" };
static char *longpath; // 5000 bytes without an end; calls may write there too, so it has pages of its own
static volatile long done_calls, last_nr[WORKERS + LOST_MAX], beats[WORKERS + LOST_MAX];
static volatile int tids[WORKERS + LOST_MAX], late_phase;
static long goal;
static uint64_t seed;
static __thread sigjmp_buf back;
static __thread volatile int armed;
static __thread uint64_t rng;

static uint64_t rnd(void) { rng ^= rng << 13; rng ^= rng >> 7; rng ^= rng << 17; return rng * 0x2545f4914f6cdd1dULL >> 7; }
static void caught(int s) {
	if (s != SIGSEGV && s != SIGBUS) return;
	if (armed) siglongjmp(back, 1);
	_exit(98); // not a worker: the program itself is broken
}

static uint64_t nasty(void) {
	static const uint64_t odd[] = { 0, 1, 2, 3, 4, 7, 8, 9, 16, 63, 64, 255, 4095, 4096, 4097, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, -1, -2, -4096, -100, 0x7ffffffff000, 0x800000000000, 0xffff800000000000, 0xffffffff80000000, 0xffffffffff600000, 1UL << 40 };
	uint64_t r = rnd();
	switch (r % 6) {
	case 0: return 1UL << (r >> 8) % 64;
	case 1: return (r >> 8) % 100;
	case 2: return r;
	default: return odd[(r >> 8) % COUNT(odd)];
	}
}

static uint64_t pointer(void) {
	uint64_t r = rnd();
	char *p = arena + (r >> 20) % (ARENA_PAGES * PAGE - 65536);
	switch (r % 16) {
	case 0: return nasty();
	case 1: return (uint64_t)holes + (r >> 20) % (3 * PAGE); // unreadable in one way or another
	case 2: return (uint64_t)arena + ARENA_PAGES * PAGE - 1 - (r >> 20) % 40; // ends in the guard
	case 3: p = (char *)((uint64_t)p | 1); break;
	default: p = (char *)((uint64_t)p & ~15UL);
	}
	for (int i = 0; i < 12; i++) ((volatile uint64_t *)p)[i] = i % 3 == 0 && r & 0x10000 ? (uint64_t)arena + (rnd() % 60000) : nasty();
	return (uint64_t)p;
}

static uint64_t path(void) {
	uint64_t r = rnd();
	if (r % 12 == 0) return pointer();
	if (r % 12 == 1) return (uint64_t)longpath;
	if (r % 12 == 2) return (uint64_t)arena + ARENA_PAGES * PAGE - 3;
	return (uint64_t)paths[(r >> 8) % COUNT(paths)];
}

static uint64_t fd(void) { uint64_t r = rnd(); return r % 16 == 0 ? (uint64_t)-100 : r % 16 == 1 ? (nasty() | 3) : 3 + (r >> 8) % (SLOTS + 10); }

static uint64_t any(void) {
	switch (rnd() % 8) {
	case 0: case 1: return fd();
	case 2: case 3: return pointer();
	case 4: return path();
	default: return nasty();
	}
}

/// An address for the calls that change mappings: inside the arena's changeable half, or plainly wrong.
static uint64_t place(void) {
	static const uint64_t wrong[] = { 0, 1, 4096, 0x7ffffffff000, 0x800000000000, 0xffffffff80000000, -4096, -1, 0x1234567812345678 };
	uint64_t r = rnd();
	return r % 8 == 0 ? wrong[(r >> 8) % COUNT(wrong)] : (uint64_t)holes + 16 * PAGE + (r >> 8) % 64 * PAGE + (r % 8 == 1 ? 5 : 0);
}
static uint64_t span(void) { static const uint64_t odd[] = { 0, 1, -1, -4096, 1UL << 47, 1UL << 63 }; uint64_t r = rnd(); return r % 8 == 0 ? odd[(r >> 8) % COUNT(odd)] : (r >> 8) % 64 * PAGE + (r % 8 == 1 ? 3 : 0); }

static int refused(long nr) {
	switch (nr) {
	case SYS_exit: case SYS_exit_group: case SYS_execve: case SYS_execveat: case SYS_fork: case SYS_vfork: case SYS_clone: case SYS_clone3:
	case SYS_rt_sigreturn: case SYS_kill: case SYS_tkill: case SYS_tgkill: case SYS_rt_sigqueueinfo: case SYS_rt_tgsigqueueinfo: case SYS_pidfd_send_signal:
	case SYS_seccomp: case SYS_reboot: case SYS_ptrace: case SYS_timer_create: case SYS_kexec_load: case SYS_vhangup: return 1;
	case SYS_setuid: case SYS_setgid: case SYS_setreuid: case SYS_setregid: case SYS_setresuid: case SYS_setresgid: case SYS_setfsuid: case SYS_setfsgid: case SYS_setgroups: case SYS_capset:
	case SYS_setrlimit: case SYS_prlimit64: case SYS_chroot: case SYS_pivot_root: case SYS_umount2: case SYS_mount: case SYS_personality: case SYS_unshare: case SYS_setns: return !late_phase;
	}
	return nr >= 462; // mseal and later
}

static void choose(long *nr, uint64_t a[6]) {
	do *nr = rnd() % 500 == 0 ? (long)nasty() : (long)(rnd() % 462); while (refused((uint32_t)*nr));
	for (int i = 0; i < 6; i++) a[i] = any();
	switch (*nr = (uint32_t)*nr) {
	case SYS_read: case SYS_write: case SYS_fstat: case SYS_lseek: case SYS_ioctl: case SYS_pread64: case SYS_pwrite64: case SYS_readv: case SYS_writev: case SYS_fsync: case SYS_ftruncate: case SYS_getdents64: case SYS_fchmod: case SYS_epoll_ctl: case SYS_epoll_wait: case SYS_dup: case SYS_flock: case SYS_sendmsg: case SYS_recvmsg: case SYS_sendto: case SYS_recvfrom: case SYS_preadv: case SYS_pwritev: case SYS_fchdir:
		a[0] = fd(); if (rnd() % 2) a[1] = pointer(); break;
	case SYS_close: a[0] = fd(); break;
	case SYS_open: case SYS_stat: case SYS_lstat: case SYS_access: case SYS_truncate: case SYS_chdir: case SYS_rename: case SYS_mkdir: case SYS_rmdir: case SYS_creat: case SYS_link: case SYS_unlink: case SYS_symlink: case SYS_readlink: case SYS_chmod: case SYS_chown: case SYS_statfs: case SYS_mknod: a[0] = path();
	if (rnd() % 2) a[1] = path(); break;
	case SYS_openat: case SYS_mkdirat: case SYS_newfstatat: case SYS_unlinkat: case SYS_renameat2: case SYS_linkat: case SYS_symlinkat: case SYS_readlinkat: case SYS_fchmodat: case SYS_faccessat: case SYS_faccessat2: case SYS_utimensat: case SYS_statx: case SYS_name_to_handle_at: case SYS_fchownat: a[0] = rnd() % 2 ? (uint64_t)-100 : fd();
	a[1] = path(); if (*nr == SYS_renameat2 || *nr == SYS_linkat) a[3] = path(); break;
	case SYS_dup2: case SYS_dup3: a[0] = fd(); a[1] = 3 + rnd() % SLOTS; break;
	case SYS_close_range: a[0] = 3 + rnd() % SLOTS; break;
	case SYS_fcntl: a[0] = fd(); if ((uint32_t)a[1] == F_SETSIG) a[1] = 0; break;
	case SYS_mmap: a[0] = place(); a[1] = span(); a[3] = rnd() & 0x7fffff & ~MAP_POPULATE & ~MAP_LOCKED; a[4] = fd(); break;
	case SYS_munmap: case SYS_mprotect: case SYS_madvise: case SYS_pkey_mprotect: case SYS_mlock: case SYS_mlock2: case SYS_munlock: case SYS_msync: case SYS_mincore: case SYS_remap_file_pages: case SYS_mbind: a[0] = place();
	a[1] = span(); // Pages are given up wherever there are any in the range, holes or not: one that begins below and ends above everything
	// would take the program's own data away (as it does on Linux).
	if (*nr == SYS_madvise && a[1] >= 1UL << 47 && a[0] + a[1] > a[0]) a[1] = 64 * PAGE;
	break;
	case SYS_mremap: a[0] = place(); a[1] = span(); a[2] = span(); a[3] = rnd() % 9; a[4] = place(); break;
	case SYS_shmat: a[1] = place(); break;
	case SYS_brk: a[0] = rnd() % 2 ? 0 : nasty(); if (a[0] > 1UL << 22 && a[0] < 1UL << 46) a[0] = 0; break;
	case SYS_arch_prctl: if ((uint32_t)a[0] == ARCH_SET_FS || rnd() % 2) { a[0] = rnd() % 2 ? ARCH_SET_GS : ARCH_SET_FS; a[1] = a[0] == ARCH_SET_FS ? 0x8000000000000000 | nasty() : nasty(); }
	break;
	case SYS_rt_sigaction: a[1] = rnd() % 2 ? 0 : (uint64_t)holes + PAGE; break;
	case SYS_rt_sigprocmask: a[1] = rnd() % 2 ? 0 : (uint64_t)holes + PAGE; break;
	case SYS_sigaltstack: a[0] = rnd() % 2 ? 0 : (uint64_t)holes + PAGE; break;
	case SYS_rseq: a[0] = (uint64_t)holes + PAGE; break;
	case SYS_prctl: { static const int some[] = { 1, 2, 3, 4, 7, 8, 15, 16, 23, 24, 29, 30, 36, 37, 38, 39, 40, 41, 1000, -1 }; a[0] = some[rnd() % COUNT(some)]; break; }
	case SYS_futex: a[0] = pointer(); a[1] = rnd() % 14 | (rnd() % 2 ? 128 : 0); break;
	case SYS_sched_setscheduler: case SYS_sched_setattr: case SYS_sched_setparam: a[0] = nasty() | 1 << 25;
	break; // not us: a worker above all others would starve the watch
	// Lengths that would only fill the memory, as they would on Linux.
	case SYS_fallocate: a[0] = fd(); a[2] %= 1 << 20; a[3] %= 1 << 20; break;
	case SYS_sendfile: a[0] = fd(); a[1] = fd(); a[3] %= 1 << 16; break;
	case SYS_copy_file_range: a[0] = fd(); a[2] = fd(); a[4] %= 1 << 16; break;
	case SYS_splice: a[0] = fd(); a[2] = fd(); a[4] %= 1 << 20; break;
	case SYS_mlockall: a[0] |= 8; break;
	case SYS_inotify_add_watch: case SYS_inotify_rm_watch: a[0] = fd(); a[1] = path(); break;
	}
}

static void make(int slot) {
	int p[2] = { -1, -1 }, f = -1;
	sigset_t m;
	sigemptyset(&m); sigaddset(&m, SIGRTMIN + 3);
	switch (slot % 20) {
	case 0: f = open("f", O_RDWR | O_CREAT, 0644); break;
	case 1: f = open(".", O_RDONLY); break;
	case 2: case 3: if (pipe2(p, O_NONBLOCK)) return; f = p[slot % 2]; close(p[!(slot % 2)]); break;
	case 4: f = eventfd(1, EFD_NONBLOCK); break;
	case 5: f = epoll_create1(0); break;
	case 6: case 7: if (socketpair(AF_UNIX, (slot % 3 == 0 ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK, 0, p)) return; f = p[0];
	close(p[1]); break;
	case 8: f = memfd_create("m", MFD_ALLOW_SEALING); break;
	case 9: f = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK); break;
	case 10: f = signalfd(-1, &m, SFD_NONBLOCK); break;
	case 11: f = inotify_init1(IN_NONBLOCK); break;
	case 12: f = open("/dev/zero", O_RDWR); break;
	case 13: f = open("/proc/self/maps", O_RDONLY); break;
	case 14: f = open("f", O_PATH); break;
	case 15: f = open("/dev/null", O_RDWR); break;
	case 16: f = open("/etc/passwd", O_RDONLY); break;
	case 17: f = open("/proc", O_RDONLY); break;
	case 18: if (pipe(p)) return; dup2(p[0], 3 + slot); dup2(p[1], 3 + (slot + 1) % SLOTS); close(p[0]); close(p[1]); return;
	case 19: return;
	}
	if (f >= 0 && f != 3 + slot) { dup2(f, 3 + slot); close(f); }
}
static void refill(void) {
	for (int i = 3 + SLOTS + 10; i < 200; i++) syscall(SYS_close, i);
	for (int i = 0; i < SLOTS; i++) if (fcntl(3 + i, F_GETFD) < 0) make(i); else (void)!ftruncate(3 + i, 1000);
	(void)!mkdir("d", 0755); (void)!symlink("loop", "loop"); (void)!symlink("f", "link"); (void)!mkfifo("fifo", 0644);
	if (truncate("f", 10000)) close(open("f", O_CREAT | O_RDWR, 0644));
}

static void *worker(void *arg) {
	static char stacks[WORKERS + LOST_MAX][32768];
	long me = (long)arg;
	stack_t ss = { .ss_sp = stacks[me], .ss_size = sizeof stacks[me] };
	sigaltstack(&ss, NULL);
	rng = (me + 1) * 0x9e3779b97f4a7c15ULL ^ seed;
	tids[me] = gettid();
	sigset_t none;
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	while (done_calls < goal) {
		if (sigsetjmp(back, 1)) pthread_sigmask(SIG_SETMASK, &none, NULL);
		armed = 1;
		long nr;
		uint64_t a[6];
		choose(&nr, a);
		last_nr[me] = nr;
		beats[me]++;
		long r = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
		if (nr == SYS_mmap && r > 0 && a[1] && a[1] < 1UL << 47 && ((uint64_t)r < (uint64_t)holes || (uint64_t)r > (uint64_t)holes + 256 * PAGE)) syscall(SYS_munmap, r, a[1]);
		if (__atomic_fetch_add(&done_calls, 1, __ATOMIC_RELAXED) % 3000 == 0) refill();
	}
	return NULL;
}

int main(int argc, char **argv) {
	only_on_unox();
	goal = argc > 2 ? atol(argv[2]) : 100000;
	workdir();
	rng = 88172645463325252ULL * (argc > 1 ? atoi(argv[1]) : 1);
	seed = rng;
	arena = MUST((long)mmap(NULL, (ARENA_PAGES + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) + (char *)0;
	MUST(mprotect(arena + ARENA_PAGES * PAGE, PAGE, PROT_NONE));
	holes = mmap(NULL, 1024 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	MUST(mprotect(holes, PAGE, PROT_READ));
	int empty = memfd_create("empty", 0);
	MUST((long)mmap(holes + 2 * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, empty, 0));
	close(empty);
	longpath = holes + 8 * PAGE;
	MUST(mprotect(longpath, 2 * PAGE, PROT_READ | PROT_WRITE));
	memset(longpath, 'p', 5000);
	memset(arena, 'a', ARENA_PAGES * PAGE);
	struct sigaction sa = { .sa_handler = caught, .sa_flags = SA_ONSTACK };
	for (int s = 1; s < 65; s++) if (s != SIGKILL && s != SIGSTOP) syscall(SYS_rt_sigaction, s, NULL, NULL, 8), sigaction(s, &sa, NULL);
	struct rlimit rl = { 256, 256 };
	setrlimit(RLIMIT_NOFILE, &rl);
	rl = (struct rlimit){ 4 << 20, 4 << 20 };
	setrlimit(RLIMIT_FSIZE, &rl); // what is written stays in memory
	refill();
	pthread_t t;
	int n = 0, lost = 0, told = 1, stuck[WORKERS + LOST_MAX] = { 0 }, gone[WORKERS + LOST_MAX] = { 0 };
	long seen[WORKERS + LOST_MAX] = { 0 };
	for (; n < WORKERS; n++) pthread_create(&t, NULL, worker, (void *)(long)n);
	// The watch takes no signals, and ends the timers that leave the others no time for anything but their signals.
	sigset_t every;
	sigfillset(&every);
	pthread_sigmask(SIG_SETMASK, &every, NULL);
	while (done_calls < goal) {
		usleep(4000);
		for (int i = 0; i < 3; i++) setitimer(i, &(struct itimerval){ 0 }, NULL);
		if (done_calls > goal * 9 / 10) late_phase = 1;
		if (done_calls > goal / 10 * told) fprintf(stderr, "%d0 %%\n", told++);
		for (int i = 0; i < n; i++) {
			if (gone[i]) continue;
			if (beats[i] != seen[i]) { seen[i] = beats[i]; stuck[i] = 0; continue; }
			if (tids[i]) syscall(SYS_tgkill, getpid(), tids[i], SIGUSR1);
			if (++stuck[i] < 300) continue;
			fprintf(stderr, "given up: a worker in call %ld\n", last_nr[i]);
			gone[i] = 1;
			if (++lost >= LOST_MAX) { SAY("too many workers stuck"); fflush(stdout); _exit(1); }
			pthread_create(&t, NULL, worker, (void *)(long)n++);
		}
	}
	SAY("survived %ld calls", done_calls >= goal ? goal : 0);
	fflush(stdout);
	_exit(0);
}
