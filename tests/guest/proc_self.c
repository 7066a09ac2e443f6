// /proc/self: maps, status, stat, fd, exe, cmdline, comm, auxv, limits, environ, task: the shape of each, and what must be true.
// unox-test: args="one two"
#include "check.h"
#include <elf.h>
#include <sys/prctl.h>

static char text[1 << 16];
static long grab(const char *p) { int fd = open(p, O_RDONLY); if (fd < 0) { SAY("%s: %s", p, errname(errno)); text[0] = 0; return 0; } long n = 0, k; while ((k = read(fd, text + n, sizeof text - 1 - n)) > 0) n += k; close(fd); text[n] = 0; return n; }
static int count_fds(void) { DIR *d = opendir("/proc/self/fd"); int n = 0; for (struct dirent *e; (e = readdir(d));) n += e->d_name[0] != '.'; closedir(d); return n; }

int main(int argc, char **argv) {
	(void)argc;
	char b[PATH_MAX], want[PATH_MAX];
	// maps: our own text, data, stack, heap, vdso are there with the right protections, sorted, no overlap.
	char *heap = malloc(10); static int data = 5; char *anon = mmap(NULL, 3 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	grab("/proc/self/maps");
	unsigned long lo, hi, last = 0; int sorted = 1, lines = 0; char perm[8], rest[512];
	for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n"), lines++) {
		unsigned long off, ino; char dev[16]; rest[0] = 0;
		if (sscanf(l, "%lx-%lx %7s %lx %15s %lu %511[^\n]", &lo, &hi, perm, &off, dev, &ino, rest) < 6) SAY("cannot be read: %s", l);
		if (lo < last || hi <= lo || lo % PAGE || hi % PAGE) sorted = 0;
		if (!strstr(l, "vsyscall")) last = hi;
		#define IN(p) ((unsigned long)(p) >= lo && (unsigned long)(p) < hi)
		if (IN(main)) SAY("text %s, our path %d, inode %d", perm, rest[0] == '/' && !strcmp(strrchr(rest, '/'), strrchr(argv[0], '/')), ino != 0);
		if (IN(&data)) SAY("data %s", perm);
		if (IN(&lo)) SAY("stack %s %s", perm, rest);
		if (IN(heap)) SAY("heap %s %s", perm, rest);
		if (IN(anon)) SAY("anon %s %s %s", perm, dev, rest);
		if (!strcmp(rest, "[vdso]")) SAY("vdso %s", perm);
	}
	SHOW(sorted); SHOW(lines > 5);
	// status: names in Linux's order (as many as we want to have), values that can be checked.
	grab("/proc/self/status");
	const char *names[] = { "Name:", "Umask:", "State:", "Tgid:", "Ngid:", "Pid:", "PPid:", "TracerPid:", "Uid:", "Gid:", "FDSize:", "Groups:", "VmPeak:", "VmSize:", "VmLck:", "VmHWM:", "VmRSS:", "VmData:", "VmStk:", "VmExe:", "VmLib:", "VmPTE:", "VmSwap:", "Threads:", "SigQ:", "SigPnd:", "ShdPnd:", "SigBlk:", "SigIgn:", "SigCgt:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "NoNewPrivs:", "Seccomp:", "Cpus_allowed:", "Cpus_allowed_list:", "Mems_allowed:", "voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:" };
	for (size_t i = 0; i < COUNT(names); i++) { char key[64]; snprintf(key, sizeof key, "\n%s\t", names[i]); char *at = i ? strstr(text, key) : !strncmp(text, "Name:\t", 6) ? text : NULL; if (!at) SAY("status lacks %s", names[i]); }
	long v; sscanf(strstr(text, "Pid:") ?: "Pid: -1", "Pid: %ld", &v); char *at = strstr(text, "\nThreads:"); SHOW(at ? atoi(at + 9) : -1);
	at = strstr(text, "\nState:"); if (at) SAY("%.12s", at + 8); at = strstr(text, "\nVmRSS:"); SHOW(at && atol(at + 7) > 10);
	at = strstr(text, "\nUmask:"); if (at) SAY("%.4s", at + 8); at = strstr(text, "\nVmRSS:");
	if (at) SHOW(!strncmp(strchr(at + 1, '\n') - 3, " kB", 3));
	grab("/proc/self/stat"); char *paren = strrchr(text, ')'); SHOW(atoi(text) == getpid()); SHOW(strchr(text, '(') != NULL);
	if (paren) { int n = 0; for (char *c = paren; *c; c++) n += *c == ' '; SHOW(n); SAY("state %c", paren[2]); }
	long size, rss; grab("/proc/self/statm"); SHOW(sscanf(text, "%ld %ld", &size, &rss) == 2 && size > 0 && rss > 0 && rss <= size);
	int fields = 1; for (char *c = text; *c; c++) fields += *c == ' '; SHOW(fields);
	long n = grab("/proc/self/cmdline"); SHOW(n == (long)(strlen(argv[0]) + 9)); SHOW(!strcmp(text, argv[0])); STR(text + strlen(argv[0]) + 1);
	n = readlink("/proc/self/exe", b, sizeof b - 1); b[n > 0 ? n : 0] = 0; SHOW(!strcmp(b, argv[0]));
	int fd = open("/proc/self/exe", O_RDONLY); char elf[4] = { 0 }; MUST(read(fd, elf, 4)); SAY("%.3s", elf + 1);
	grab("/proc/self/comm"); snprintf(want, sizeof want, "%.15s\n", strrchr(argv[0], '/') + 1); SHOW(strcmp(text, want));
	ERR(prctl(PR_SET_NAME, "renamed-to-a-very-long-name")); grab("/proc/self/comm"); SAY("%s", text);
	int c = open("/proc/self/comm", O_WRONLY); ERR(write(c, "by-write", 8)); close(c); char name[16]; prctl(PR_GET_NAME, name); STR(name);
	grab("/proc/thread-self/comm"); SAY("%s", text);
	n = grab("/proc/self/auxv"); SHOW(n % sizeof(Elf64_auxv_t)); Elf64_auxv_t *a = (void *)text; int pagesz = 0;
	for (; a->a_type; a++) if (a->a_type == AT_PAGESZ) pagesz = a->a_un.a_val; SHOW(pagesz);
	grab("/proc/self/limits"); for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n")) { l[26] = 0; SAY("%s|", l); }
	grab("/proc/self/environ"); SHOW(strstr(text, "PATH=") != NULL || memmem(text, sizeof text, "PATH=", 5) != NULL);
	// fd: one entry for each descriptor, links that say what it is.
	int p[2], before = count_fds(), ev = eventfd(0, 0), ep = epoll_create1(0); MUST(pipe(p)); SHOW(count_fds() - before); DIR *d;
	snprintf(b, sizeof b, "/proc/self/fd/%d", ev); n = readlink(b, want, sizeof want); SAY("%.*s", (int)n, want);
	snprintf(b, sizeof b, "/proc/self/fd/%d", ep); n = readlink(b, want, sizeof want); SAY("%.*s", (int)n, want);
	int devnull = MUST(open("/dev/null", O_RDWR)); snprintf(b, sizeof b, "/proc/self/fd/%d", devnull); n = readlink(b, want, sizeof want);
	SAY("%.*s", (int)n, want); ERR(readlink("/proc/self/fd/99", want, 9)); ERR(open("/proc/self/fd/99", O_RDONLY)); struct stat st;
	ERR(fstatat(AT_FDCWD, b, &st, AT_SYMLINK_NOFOLLOW)); HEX(st.st_mode & S_IFMT); ERR(readlink("/dev/fd", want, 64)); SAY("%.13s", want);
	ERR(access("/dev/stdin", F_OK)); ERR(access("/dev/stdout", F_OK));
	snprintf(b, sizeof b, "/proc/self/fdinfo/%d", devnull); grab(b);
	for (char *l = strtok(text, "\n"); l; l = strtok(NULL, "\n")) { l[strcspn(l, ":") + 1] = 0; printf("%s ", l); } puts("");
	d = opendir("/proc/self/task"); n = 0; for (struct dirent *e; (e = readdir(d));) n += atoi(e->d_name) == getpid(); closedir(d); SHOW(n);
	snprintf(b, sizeof b, "/proc/%d/stat", getpid()); ERR(access(b, R_OK)); ERR(access("/proc/self/task/1234567/stat", F_OK));
	n = readlink("/proc/self", b, sizeof b); b[n > 0 ? n : 0] = 0; SHOW(atoi(b) == getpid()); n = readlink("/proc/self/cwd", b, sizeof b);
	b[n > 0 ? n : 0] = 0; char cwd[PATH_MAX]; SHOW(strcmp(b, getcwd(cwd, sizeof cwd))); n = readlink("/proc/self/root", b, sizeof b);
	SAY("%.*s", (int)n, b);
	ERR(open("/proc/self/nope", O_RDONLY)); ERR(open("/proc/self/stat", O_WRONLY)); ERR(mkdir("/proc/x", 0755));
	ERR(unlink("/proc/self/stat")); ERR(open("/proc/self/maps", O_RDONLY | O_CREAT, 0644) >= 0); ERR(access("/proc/self/mounts", R_OK));
	ERR(access("/proc/self/mountinfo", R_OK)); ERR(access("/proc/self/smaps", R_OK)); ERR(access("/proc/self/cgroup", R_OK));
	// Reading in small bites gives the same as in one.
	static char once[65536], bits[65536]; fd = open("/proc/self/limits", O_RDONLY); long k = read(fd, once, sizeof once), m = 0;
	lseek(fd, 0, SEEK_SET); while ((n = read(fd, bits + m, 7)) > 0) m += n; SHOW(k == m && !memcmp(once, bits, k));
	ERR(pread(fd, bits, 10, 5)); SHOW(!memcmp(once + 5, bits, 10)); ERR(lseek(fd, 100000, SEEK_SET)); ERR(read(fd, bits, 10));
	return 0;
}
