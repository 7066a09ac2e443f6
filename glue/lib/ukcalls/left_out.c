/* Calls of the families that the configuration leaves out (Config.uk): they take the place of the kernel's own, whose names are weak, and the linker
 * drops those with all that only they use. An application that makes one gets ENOSYS, and the kernel says once which option brings it. */
#include <uk/config.h>

long uk_call_left_out(const char *name, const char *option);

#define LEFT_OUT(option, name) \
	long uk_syscall_##name(void); \
	long uk_syscall_##name(void) { return uk_call_left_out(#name, option); }

#if !CONFIG_LIBPOSIX_PROCESS
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_PROCESS", name)
P(clone) P(clone3) P(fork) P(vfork) P(wait4) P(waitid) P(setsid) P(setpgid) P(getsid) P(getpgid) P(ptrace) P(kcmp) P(unshare)
P(pidfd_open) P(pidfd_send_signal) P(membarrier) P(set_robust_list) P(get_robust_list)
#undef P
#endif

#if !CONFIG_LIBPOSIX_FUTEX
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_FUTEX", name)
P(futex) P(futex_waitv)
long uk_call_futex_wait(void);
long uk_call_futex_wait(void) { return uk_call_left_out("futex", "CONFIG_LIBPOSIX_FUTEX"); }
long uk_call_futex_wake(void);
long uk_call_futex_wake(void) { return 0; /* nobody waits */ }
#undef P
#endif

#if !CONFIG_LIBUKSIGNAL
#define P(name) LEFT_OUT("CONFIG_LIBUKSIGNAL", name)
P(rt_sigaction) P(rt_sigprocmask) P(rt_sigreturn) P(rt_sigpending) P(rt_sigtimedwait) P(rt_sigqueueinfo) P(rt_sigsuspend)
P(rt_tgsigqueueinfo) P(sigaltstack) P(pause) P(kill) P(tkill) P(tgkill)
#undef P
#endif

#if !CONFIG_LIBPOSIX_SCHED
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_SCHED", name)
P(getpriority) P(setpriority) P(sched_setparam) P(sched_getparam) P(sched_setscheduler) P(sched_getscheduler)
P(sched_get_priority_max) P(sched_get_priority_min) P(sched_rr_get_interval) P(sched_setaffinity) P(sched_getaffinity)
P(sched_setattr) P(sched_getattr) P(ioprio_set) P(ioprio_get)
#undef P
#endif

#if !CONFIG_LIBPOSIX_USER
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_USER", name)
P(setuid) P(setgid) P(setreuid) P(setregid) P(getgroups) P(setgroups) P(setresuid) P(getresuid) P(setresgid) P(getresgid)
P(setfsuid) P(setfsgid) P(capget) P(capset)
#undef P
#endif

#if !CONFIG_LIBPOSIX_SYSINFO
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_SYSINFO", name)
P(sysinfo) P(syslog) P(getrusage) P(times) P(getrlimit) P(setrlimit) P(prlimit64)
#undef P
#endif

#if !CONFIG_LIBPOSIX_TIMER
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_TIMER", name)
P(getitimer) P(setitimer) P(alarm) P(timer_create) P(timer_settime) P(timer_gettime) P(timer_getoverrun) P(timer_delete)
#undef P
#endif

#if !CONFIG_LIBPOSIX_PIPE
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_PIPE", name)
P(pipe) P(pipe2) P(splice) P(tee) P(vmsplice)
#undef P
#endif

#if !CONFIG_LIBPOSIX_SOCKET
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_SOCKET", name)
P(socket) P(connect) P(accept) P(accept4) P(sendto) P(recvfrom) P(sendmsg) P(recvmsg) P(shutdown) P(bind) P(listen) P(getsockname)
P(getpeername) P(socketpair) P(setsockopt) P(getsockopt) P(recvmmsg) P(sendmmsg)
#undef P
#endif

#if !CONFIG_LIBPOSIX_POLL
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_POLL", name)
P(poll) P(ppoll) P(select) P(pselect6)
#undef P
#endif

#if !CONFIG_LIBPOSIX_EVENT
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_EVENT", name)
P(epoll_create) P(epoll_create1) P(epoll_ctl) P(epoll_wait) P(epoll_pwait) P(epoll_pwait2)
#undef P
#endif

#if !CONFIG_LIBPOSIX_EVENTFD
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_EVENTFD", name)
P(eventfd) P(eventfd2)
#undef P
#endif

#if !CONFIG_LIBPOSIX_TIMERFD
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_TIMERFD", name)
P(timerfd_create) P(timerfd_settime) P(timerfd_gettime)
#undef P
#endif

#if !CONFIG_LIBPOSIX_SIGNALFD
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_SIGNALFD", name)
P(signalfd) P(signalfd4)
#undef P
#endif

#if !CONFIG_LIBPOSIX_INOTIFY
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_INOTIFY", name)
P(inotify_init) P(inotify_init1) P(inotify_add_watch) P(inotify_rm_watch)
#undef P
#endif

#if !CONFIG_LIBPOSIX_MOUNT
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_MOUNT", name)
P(mount) P(umount2) P(pivot_root) P(chroot) P(name_to_handle_at) P(open_by_handle_at)
#undef P
#endif

#if !CONFIG_LIBPOSIX_XATTR
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_XATTR", name)
P(setxattr) P(lsetxattr) P(fsetxattr) P(getxattr) P(lgetxattr) P(fgetxattr) P(listxattr) P(llistxattr) P(flistxattr)
P(removexattr) P(lremovexattr) P(fremovexattr)
#undef P
#endif

#if !CONFIG_LIBPOSIX_MEMORY
#define P(name) LEFT_OUT("CONFIG_LIBPOSIX_MEMORY", name)
P(mlock) P(munlock) P(mlockall) P(munlockall) P(mlock2) P(madvise) P(mincore) P(msync) P(mbind) P(set_mempolicy) P(get_mempolicy)
P(pkey_mprotect) P(pkey_alloc) P(pkey_free)
#undef P
#endif
