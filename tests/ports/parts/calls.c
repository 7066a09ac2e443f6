/* A call of each family of glue/lib/ukcalls. */
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <uk/syscall.h>
#include "parts.h"

/* A descriptor, or an error other than that there is no such call. */
static int known(long result)
{
	return result < 0 && errno == ENOSYS ? -1 : 0;
}

static void *thread(void *arg)
{
	return arg;
}

static int process(void)
{
	pthread_t t;
	int error = pthread_create(&t, NULL, thread, NULL);

	if (error == 0)
		return pthread_join(t, NULL);
	/* pthread_create(3) says EAGAIN of all that clone(2) says. */
	return known(waitpid(-1, NULL, WNOHANG));
}

static int futex(void)
{
	static pthread_barrier_t barrier;
	static int word;

	pthread_barrier_init(&barrier, NULL, 1);
	pthread_barrier_wait(&barrier);
	/* syscall(2) would bring every call there is. */
	return known(uk_syscall_e_futex((long)&word, 1 /* FUTEX_WAKE */, 1, 0, 0, 0));
}

static void handler(int signal)
{
	(void)signal;
}

static int signals(void)
{
	struct sigaction action = { .sa_handler = handler };
	sigset_t set;

	sigemptyset(&set);
	return known(sigaction(SIGUSR1, &action, NULL)) | known(raise(SIGUSR1)) | known(sigpending(&set));
}

static int policies(void)
{
	return known(getpriority(PRIO_PROCESS, 0)) | known(sched_get_priority_max(SCHED_FIFO)) | known(sched_yield());
}

static int user(void)
{
	gid_t groups[4];

	return known(getgroups(4, groups)) | known(setuid(0));
}

static int figures(void)
{
	struct sysinfo info;
	struct rusage usage;

	return known(sysinfo(&info)) | known(getrusage(RUSAGE_SELF, &usage));
}

static int timers(void)
{
	struct itimerval off = { 0 };
	timer_t timer;
	struct sigevent none = { .sigev_notify = SIGEV_NONE };

	return known(setitimer(ITIMER_REAL, &off, NULL)) | known(timer_create(CLOCK_MONOTONIC, &none, &timer));
}

static int pipes(void)
{
	int fds[2];

	return known(pipe(fds)) | known(splice(-1, NULL, -1, NULL, 1, 0));
}

static int sockets(void)
{
	int fds[2];

	/* Not by the C library, whose part for networks may be left out. */
	return known(uk_syscall_e_socketpair(AF_UNIX, SOCK_STREAM, 0, (long)fds)) | known(uk_syscall_e_sendto(fds[0], (long)"x", 1, MSG_DONTWAIT, 0, 0));
}

static int polls(void)
{
	struct pollfd fd = { .fd = 1, .events = POLLOUT };
	struct timeval now = { 0 };

	return known(poll(&fd, 1, 0)) | known(select(0, NULL, NULL, NULL, &now));
}

static int epolls(void)
{
	int fd = epoll_create1(0);
	struct epoll_event event = { .events = EPOLLOUT };

	return known(fd) | known(epoll_ctl(fd, EPOLL_CTL_ADD, 1, &event)) | known(epoll_wait(fd, &event, 1, 0));
}

static int eventfds(void)
{
	return known(eventfd(0, 0));
}

static int timerfds(void)
{
	return known(timerfd_create(CLOCK_MONOTONIC, 0));
}

static int signalfds(void)
{
	sigset_t set;

	sigemptyset(&set);
	return known(signalfd(-1, &set, 0));
}

static int inotifies(void)
{
	return known(inotify_add_watch(inotify_init1(0), "/", IN_CREATE));
}

static int mounts(void)
{
	return known(mount("none", "/nowhere", "tmpfs", 0, NULL)) | known(umount("/nowhere"));
}

static int attributes(void)
{
	char value[8];

	return known(getxattr("/", "user.none", value, sizeof value)) | known(setxattr("/", "user.none", "", 0, XATTR_REPLACE));
}

static int memory(void)
{
	static char pages[8192];

	return known(mlock(pages, 1)) | known(madvise(NULL, 0, MADV_NORMAL));
}

/* What no family takes away: files and the tools of a terminal. */
static int files(void)
{
	int fd = open("/tmp/parts", O_CREAT | O_RDWR, 0644);

	return known(fd) | known(isatty(fd)) | known(posix_openpt(O_RDWR));
}

const struct part calls[] = {
	{ "process", process },	  { "futex", futex },	      { "signal", signals },	{ "sched", policies },	   { "user", user },
	{ "sysinfo", figures },	  { "timer", timers },	      { "pipe", pipes },	{ "socket", sockets },	   { "poll", polls },
	{ "epoll", epolls },	  { "eventfd", eventfds },    { "timerfd", timerfds },	{ "signalfd", signalfds }, { "inotify", inotifies },
	{ "mount", mounts },	  { "xattr", attributes },    { "memory", memory },	{ "files", files },	   { NULL, NULL },
};
