// What a process knows and may change of itself: prctl, limits, names, groups of processes, personality, capabilities, odd calls.
// unox-test: root=yes
#include "check.h"
#include <linux/capability.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/utsname.h>


static void show_limit(int r, const char *n) { struct rlimit l; if (getrlimit(r, &l)) SAY("%s %s", n, errname(errno)); else SAY("%s %s", n, l.rlim_cur == RLIM_INFINITY ? "infinite" : l.rlim_cur > 0 ? "some" : "0"); }

int main(void) {
	char name[17] = { 0 };
	ERR(prctl(PR_SET_NAME, "short")); ERR(prctl(PR_GET_NAME, name)); STR(name); ERR(prctl(PR_SET_NAME, 8)); ERR(prctl(PR_GET_DUMPABLE));
	ERR(prctl(PR_SET_DUMPABLE, 0)); ERR(prctl(PR_GET_DUMPABLE)); ERR(prctl(PR_SET_DUMPABLE, 2)); ERR(prctl(PR_SET_DUMPABLE, 1));
	int sig = 9; ERR(prctl(PR_SET_PDEATHSIG, SIGTERM)); ERR(prctl(PR_GET_PDEATHSIG, &sig)); SHOW(sig); ERR(prctl(PR_SET_PDEATHSIG, 99));
	ERR(prctl(PR_SET_PDEATHSIG, 0));
	ERR(prctl(PR_GET_KEEPCAPS)); ERR(prctl(PR_SET_KEEPCAPS, 1)); ERR(prctl(PR_GET_KEEPCAPS)); ERR(prctl(PR_SET_KEEPCAPS, 5));
	ERR(prctl(PR_CAPBSET_READ, 0)); ERR(prctl(PR_CAPBSET_READ, 999)); ERR(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	ERR(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0)); ERR(prctl(PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0)); ERR(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	ERR(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)); ERR(prctl(PR_GET_SECCOMP)); ERR(prctl(PR_SET_TIMERSLACK, 60000));
	ERR(prctl(PR_GET_TIMERSLACK)); ERR(prctl(PR_SET_CHILD_SUBREAPER, 1)); int sub = 0; ERR(prctl(PR_GET_CHILD_SUBREAPER, &sub)); SHOW(sub);
	ERR(prctl(12345)); ERR(prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, 1, 2, 3)); ERR(prctl(PR_GET_TSC, &sub)); SHOW(sub);
	ERR(prctl(PR_MCE_KILL, 99, 0, 0, 0));
	struct rlimit l; const struct { int r; const char *n; }
	lim[] = { { RLIMIT_CPU, "CPU" }, { RLIMIT_FSIZE, "FSIZE" }, { RLIMIT_DATA, "DATA" }, { RLIMIT_STACK, "STACK" }, { RLIMIT_NOFILE, "NOFILE" }, { RLIMIT_AS, "AS" } };
	for (size_t i = 0; i < COUNT(lim); i++) show_limit(lim[i].r, lim[i].n);
	ERR(getrlimit(99, &l)); ERR(getrlimit(RLIMIT_CPU, (void *)8)); l = (struct rlimit){ 100, 50 }; ERR(setrlimit(RLIMIT_NOFILE, &l));
	l = (struct rlimit){ 100, 200 }; ERR(setrlimit(RLIMIT_NOFILE, &l)); ERR(prlimit(0, RLIMIT_NOFILE, NULL, &l));
	SAY("%ld %ld", (long)l.rlim_cur, (long)l.rlim_max); SHOW(sysconf(_SC_OPEN_MAX));
	ERR(prlimit(getpid(), RLIMIT_NOFILE, &(struct rlimit){ 64, 200 }, &l)); SAY("%ld", (long)l.rlim_cur);
	ERR(prlimit(99999999, RLIMIT_NOFILE, NULL, &l)); getrlimit(RLIMIT_AS, &l); l.rlim_cur = 1 << 26; ERR(setrlimit(RLIMIT_AS, &l));
	OK(mmap(NULL, 1 << 27, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	OK(mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)); l.rlim_cur = l.rlim_max; ERR(setrlimit(RLIMIT_AS, &l));
	struct utsname u; ERR(uname(&u)); STR(u.sysname); STR(u.machine); int major = 0; sscanf(u.release, "%d.", &major); SHOW(major >= 4);
	char host[65]; ERR(gethostname(host, 65)); SHOW(strcmp(host, u.nodename)); ERR(uname((void *)8));
	ERR(syscall(SYS_sethostname, "x", -1)); ERR(syscall(SYS_sethostname, "x", 65)); ERR(syscall(SYS_sethostname, 8, 5));
	SHOW(getpgid(0) == getpgrp()); ERR(getpgid(99999999)); ERR(getsid(99999999)); SHOW(getsid(0) == getsid(getpid()));
	ERR(setpgid(99999999, 0)); ERR(setpgid(0, -1)); ERR(wait4(-1, NULL, 0, NULL)); ERR(waitid(P_ALL, 0, NULL, WEXITED));
	ERR(waitpid(99999999, NULL, 0)); ERR(waitpid(-1, NULL, 0x80000)); ERR(waitid(99, 0, NULL, WEXITED)); ERR(waitid(P_ALL, 0, NULL, 0));
	HEX(personality(0xffffffff)); ERR(personality(0x0040000)); HEX(personality(0xffffffff)); ERR(personality(0));
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 }; struct __user_cap_data_struct d[2];
	ERR(syscall(SYS_capget, &h, d)); SHOW(d[0].effective != 0); h.version = 1; ERR(syscall(SYS_capget, &h, NULL));
	SHOW(h.version == _LINUX_CAPABILITY_VERSION_3); h.pid = 99999999; ERR(syscall(SYS_capget, &h, d)); h.pid = -1;
	ERR(syscall(SYS_capget, &h, d)); ERR(syscall(SYS_capget, 8, d));
	h = (struct __user_cap_header_struct){ _LINUX_CAPABILITY_VERSION_3, 0 }; syscall(SYS_capget, &h, d);
	d[0].effective &= ~(1U << CAP_SYS_CHROOT); ERR(syscall(SYS_capset, &h, d)); ERR(chroot("/"));
	// Calls that do not exist.
	ERR(syscall(9999)); ERR(syscall(-1)); ERR(syscall(1L << 40, -1, 0, 0)); // the upper half is not looked at: read
	 ERR(syscall(SYS_tuxcall)); ERR(syscall(SYS_vserver)); ERR(syscall(SYS__sysctl)); ERR(syscall(SYS_create_module)); ERR(syscall(SYS_uselib, "x"));
	ERR(syscall(SYS_rseq, 8, 32, 0, 0) < 0); ERR(syscall(SYS_sched_yield, 1, 2, 3));
	sync();
	return 0;
}
