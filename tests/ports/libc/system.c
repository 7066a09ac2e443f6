// Users, groups, addresses, terminals, shared memory, message queues, named semaphores, limits: what a C library makes of files and calls.
#include "../../guest/check.h"
#include <arpa/inet.h>
#include <err.h>
#include <grp.h>
#include <mntent.h>
#include <mqueue.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <semaphore.h>
#include <shadow.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <termios.h>

static void people(void) {
	spill("passwd", "root:x:0:0:root:/root:/bin/sh\n\nbroken\nuser:x:1000:100:A User,,,:/home/user:\n");
	spill("group", "root:x:0:\nusers:x:100:user,other\n");
	FILE *f = fopen("passwd", "r");
	for (struct passwd *p; (p = fgetpwent(f));) SAY("%s %d %d %s %s %s", p->pw_name, p->pw_uid, p->pw_gid, p->pw_gecos, p->pw_dir, p->pw_shell);
	fclose(f), f = fopen("group", "r");
	for (struct group *g; (g = fgetgrent(f));) { printf("%s %d", g->gr_name, g->gr_gid); for (char **m = g->gr_mem; *m; m++) printf(" %s", *m); putchar('\n'); }
	fclose(f), spill("mtab", "dev /mnt\\040x ext4 rw,noatime 0 1\n# comment\n"), f = setmntent("mtab", "r");
	for (struct mntent *m; (m = getmntent(f));) SAY("%s %s %s %d %d", m->mnt_fsname, m->mnt_type, m->mnt_opts, hasmntopt(m, "noatime") != NULL, m->mnt_passno);
	endmntent(f);
}

static void addresses(void) {
	static const char *const four[] = { "127.0.0.1", "1.2.3", "0x7f.1", "256.1.1.1", "1.2.3.4.5", "010.1", "" };
	static const char *const six[] = { "::1", "::", "fe80::1:2", "1:2:3:4:5:6:7:8", "::ffff:1.2.3.4", "1::2::3", ":::", "12345::", "1:2:3:4:5:6:7:8:9", "2001:db8::0:0:1" };
	unsigned char b[16];
	char text[64];
	for (size_t i = 0; i < COUNT(four); i++) { struct in_addr a = {0}; int r = inet_aton(four[i], &a), q = inet_pton(AF_INET, four[i], b); SAY("%s: %d %s, %d", four[i], r, inet_ntoa(a), q); }
	for (size_t i = 0; i < COUNT(six); i++) { int r = inet_pton(AF_INET6, six[i], b); SAY("%s: %d %s", six[i], r, r == 1 ? inet_ntop(AF_INET6, b, text, sizeof text) : ""); }
	ERR(inet_ntop(AF_INET6, b, text, 5) ? 0 : -1), ERR(inet_ntop(99, b, text, 64) ? 0 : -1), SHOW(ntohs(0x1234)), SHOW(htonl(0x12345678));
	struct addrinfo hint = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM }, *found;
	int r = getaddrinfo("192.0.2.7", "80", &hint, &found);
	SHOW(r);
	if (!r) { struct sockaddr_in *s = (void *)found->ai_addr; SAY("%s %d %d", inet_ntoa(s->sin_addr), ntohs(s->sin_port), found->ai_family); char host[64], port[16]; SHOW(getnameinfo(found->ai_addr, found->ai_addrlen, host, 64, port, 16, NI_NUMERICHOST | NI_NUMERICSERV)), SAY("%s %s", host, port), freeaddrinfo(found); }
	SHOW(getaddrinfo("name.invalid", "80", &hint, &found)), STR(gai_strerror(EAI_NONAME)), STR(hstrerror(HOST_NOT_FOUND)), STR(getprotobyname("tcp")->p_name), SHOW(getprotobyname("tcp")->p_proto);
}

static void objects(void) {
	int fd;
	OK(fd = shm_open("/unox-libc-test", O_RDWR | O_CREAT | O_EXCL, 0600)), ERR(shm_open("/unox-libc-test", O_RDWR | O_CREAT | O_EXCL, 0600)), ERR(shm_open("/a/b", O_RDWR | O_CREAT, 0600)), ERR(ftruncate(fd, 4096));
	char *a = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), *b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	strcpy(a, "shared"), STR(b), ERR(shm_unlink("/unox-libc-test")), ERR(shm_unlink("/unox-libc-test")), STR(b);
	sem_unlink("/unox-libc-sem");
	sem_t *s = sem_open("/unox-libc-sem", O_CREAT | O_EXCL, 0600, 2), *t = sem_open("/unox-libc-sem", 0);
	int v;
	SHOW(s != SEM_FAILED), SHOW(s == t), ERR(sem_open("/unox-libc-sem", O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED ? -1 : 0), SHOW(sem_wait(s)), SHOW(sem_getvalue(t, &v)), SHOW(v), SHOW(sem_close(t)), SHOW(sem_unlink("/unox-libc-sem")), ERR(sem_open("/unox-libc-sem", 0) == SEM_FAILED ? -1 : 0), SHOW(sem_close(s));
}

static void machine(void) {
	struct utsname u;
	SHOW(uname(&u)), STR(u.sysname), STR(u.machine);
	struct statvfs v;
	SHOW(statvfs(".", &v)), SHOW(v.f_namemax), SHOW(v.f_bsize);
	struct termios tio;
	int fds[2];
	MUST(pipe(fds)), ERR(tcgetattr(fds[0], &tio)), SHOW(isatty(fds[0])), ERR(ttyname(fds[0]) ? 0 : -1);
	cfsetospeed(&tio, B115200), SHOW(cfgetospeed(&tio) == B115200), cfmakeraw(&tio), SHOW(tio.c_lflag & ECHO);
	SHOW(sysconf(_SC_OPEN_MAX) > 0), SHOW(sysconf(_SC_CLK_TCK)), ERR(sysconf(9999)), SHOW(pathconf(".", _PC_NAME_MAX)), SHOW(confstr(_CS_PATH, NULL, 0)), SHOW(getpagesize()), SHOW(getdtablesize() > 0), SHOW(sysconf(_SC_PHYS_PAGES) > 0);
	struct rlimit l;
	SHOW(getrlimit(RLIMIT_NOFILE, &l)), l.rlim_cur = 20, SHOW(setrlimit(RLIMIT_NOFILE, &l)), SHOW(getdtablesize());
	openlog("test", LOG_PERROR, LOG_USER), SHOW(setlogmask(LOG_MASK(LOG_ERR))), closelog();
	extern char *__progname;
	__progname = "test", errno = ENOENT, warn("warned %d", 1), warnx("without errno"), perror("perror");
	ERR(lockf(fds[0], F_TLOCK, 0)), SHOW(nice(0) >= -20);
	errno = 0, err(9, "the end");
}

int main(void) {
	workdir();
	people();
	addresses();
	objects();
	machine();
	return 0;
}
