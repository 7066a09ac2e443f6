// Threads that make, rename, link, list and remove the same few names at once: nothing hangs, nothing is lost, and at the end the counts are right.
#include "check.h"

static void *work(void *arg) {
	unsigned seed = (uintptr_t)arg * 7919;
	char a[32], b[32];
	for (int i = 0; i < 1500; i++) {
		seed = seed * 1103515245 + 12345;
		unsigned r = seed >> 16;
		snprintf(a, sizeof a, "d%u/n%u", r & 1, r >> 1 & 3);
		snprintf(b, sizeof b, "d%u/n%u", r >> 3 & 1, r >> 4 & 3);
		int fd;
		switch (r >> 6 & 7) {
		case 0: fd = open(a, O_CREAT | O_WRONLY | O_APPEND, 0600); if (fd >= 0) { write(fd, "x", 1); close(fd); } break;
		case 1: mkdir(a, 0700); break;
		case 2: rename(a, b); break;
		case 3: unlink(a); break;
		case 4: rmdir(a); break;
		case 5: link(a, b); break;
		case 6: { DIR *d = opendir(r & 1 ? "d1" : "d0"); if (d) { while (readdir(d)) { } closedir(d); } break; }
		case 7: syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, 2); break;
		}
	}
	return NULL;
}

static int left(const char *dir) {
	DIR *d = opendir(dir);
	int n = 0;
	for (struct dirent *e; (e = readdir(d));) {
		if (e->d_name[0] == '.') continue;
		char path[300];
		snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
		if (unlink(path) && rmdir(path)) n++;
	}
	closedir(d);
	return n;
}

int main(void) {
	workdir();
	MUST(mkdir("d0", 0700)); MUST(mkdir("d1", 0700));
	pthread_t t[4];
	for (uintptr_t i = 0; i < 4; i++) pthread_create(&t[i], NULL, work, (void *)(i + 1));
	for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
	SHOW(left("d0")); SHOW(left("d1"));
	struct stat st;
	for (int i = 0; i < 2; i++) { stat(i ? "d1" : "d0", &st); SHOW(st.st_nlink); }
	ERR(rmdir("d0")); ERR(rmdir("d1"));
	return 0;
}
