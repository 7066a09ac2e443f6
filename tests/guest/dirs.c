// getdents64 and what is built on it: completeness, seeking, changes while reading, errors.
#include "check.h"

struct dirent64_k { uint64_t ino; int64_t off; unsigned short len; unsigned char type; char name[]; };
static int cmp(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *p) {
	char *names[64];
	int n = 0, bad = 0;
	DIR *d = opendir(p);
	if (!d) { SAY("%s: %s", p, errname(errno)); return; }
	for (struct dirent *e; (e = readdir(d)) && n < 64;) {
		struct stat st;
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) || (strcmp(e->d_name, "..") && st.st_ino != e->d_ino) || (mode_t)DTTOIF(e->d_type) != (st.st_mode & S_IFMT)) bad++;
		names[n++] = strdup(e->d_name);
	}
	closedir(d);
	qsort(names, n, sizeof *names, cmp);
	printf("%s:", p);
	for (int i = 0; i < n; i++) printf(" %s", names[i]);
	printf(" (%d wrong)\n", bad);
}

int main(void) {
	workdir();
	list(".");
	spill("file", ""); MUST(mkdir("dir", 0755)); MUST(symlink("x", "link")); MUST(mkfifo("fifo", 0600)); spill(".hidden", "");
	char longname[256]; memset(longname, 'L', 255); longname[255] = 0; spill(longname, "");
	list("."); list("dir"); list("nope"); list("file");
	MUST(unlink(longname));
	// 1000 entries, in small bites, each exactly once; every length a multiple of 8.
	MUST(mkdir("many", 0755)); MUST(chdir("many"));
	for (int i = 0; i < 1000; i++) { char n[32]; snprintf(n, sizeof n, "entry-%04d%.*s", i, i % 7, "xxxxxxx"); MUST(close(MUST(open(n, O_CREAT | O_WRONLY, 0644)))); }
	int fd = MUST(open(".", O_RDONLY | O_DIRECTORY)), total = 0, misaligned = 0, dots = 0;
	static char seen[1000], buf[4096];
	for (long n; (n = syscall(SYS_getdents64, fd, buf, 300)) > 0;)
		for (long at = 0; at < n;) {
			struct dirent64_k *e = (void *)(buf + at);
			if (e->len % 8) misaligned++;
			if (e->name[0] == '.') dots++; else { seen[atoi(e->name + 6)]++; total++; }
			at += e->len;
		}
	int twice = 0;
	for (int i = 0; i < 1000; i++) if (seen[i] != 1) twice++;
	SHOW(total); SHOW(dots); SHOW(misaligned); SHOW(twice);
	ERR(syscall(SYS_getdents64, fd, buf, sizeof buf)); // at the end: 0, and stays 0
	ERR(lseek(fd, 0, SEEK_SET));
	ERR(syscall(SYS_getdents64, fd, buf, 10)); // too small for anything
	ERR(syscall(SYS_getdents64, fd, buf, sizeof buf) > 0);
	ERR(syscall(SYS_getdents64, fd, (void *)8, 4096)); ERR(syscall(SYS_getdents64, 99, buf, 4096));
	ERR(syscall(SYS_getdents64, open("entry-0000", O_RDONLY), buf, 4096)); ERR(syscall(SYS_getdents64, open(".", O_PATH), buf, 4096));
	// telldir and seekdir come back to the same entry.
	DIR *d = opendir(".");
	for (int i = 0; i < 500; i++) readdir(d);
	long pos = telldir(d);
	char first[256];
	snprintf(first, sizeof first, "%s", readdir(d)->d_name);
	for (int i = 0; i < 100; i++) readdir(d);
	seekdir(d, pos);
	SHOW(strcmp(first, readdir(d)->d_name));
	rewinddir(d);
	int n = 0;
	while (readdir(d)) n++;
	SHOW(n);
	// Removing what was read, as rm -r does, leaves nothing out.
	rewinddir(d);
	int removed = 0;
	for (struct dirent *e; (e = readdir(d));) if (e->d_name[0] != '.') { MUST(unlink(e->d_name)); removed++; }
	SHOW(removed);
	rewinddir(d);
	n = 0;
	while (readdir(d)) n++;
	SHOW(n);
	closedir(d);
	// An entry made after rewinddir is seen; a removed one is not.
	d = opendir(".");
	spill("later", "");
	rewinddir(d);
	n = 0;
	while (readdir(d)) n++;
	SHOW(n);
	MUST(chdir("..")); MUST(unlink("many/later")); ERR(rmdir("many"));
	rewinddir(d);
	ERR(readdir(d) != NULL); // a directory that is gone is empty
	list("dir/.."); list("/proc/self/task/nope");
	fd = MUST(open("dir", O_RDONLY | O_DIRECTORY));
	spill("dir/x", ""); MUST(rename("dir", "dir2"));
	ERR(faccessat(fd, "x", F_OK, 0));
	return 0;
}
