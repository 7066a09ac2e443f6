// A directory that may be shared with somebody else: what programs do with files, in the directory that the first argument names, or in one
// of their own. The tests of 9p give it a directory of the host, run it there natively and in a machine, and compare what is left behind too.
//
// unox-test: link=static
#include "check.h"
#include <sys/statfs.h>
#include <sys/xattr.h>

static char base[200];

static const char *at(const char *name) {
	static char paths[8][400];
	static int next;
	char *path = paths[next++ % 8];
	snprintf(path, sizeof paths[0], "%s/%s", base, name);
	return path;
}

static unsigned char byte(size_t i) { return (unsigned char)(i * 131 + (i >> 9)); }

static void contents(void) {
	puts("-- contents");
	int fd = open(at("data"), O_RDWR | O_CREAT | O_EXCL, 0640);
	SHOW(fd >= 0);
	SHOW(write(fd, "hello, host\n", 12));
	SHOW(pwrite(fd, "HOST", 4, 7));
	char buf[64] = {0};
	SHOW(pread(fd, buf, sizeof buf, 0));
	printf("%s", buf);
	SHOW(pread(fd, buf, sizeof buf, 100));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(pwrite(fd, "far", 3, 10000));
	SHOW(pread(fd, buf, 8, 9996));
	printf("%d %d %.3s\n", buf[0], buf[3], buf + 4);
	SHOW(ftruncate(fd, 5000));
	SHOW(pread(fd, buf, 8, 4996));
	SHOW(ftruncate(fd, 9000));
	SHOW(pread(fd, buf, 8, 8990));
	SHOW(buf[0] == 0 && buf[7] == 0);
	SHOW(fsync(fd));
	struct stat st;
	SHOW(fstat(fd, &st));
	printf("%o %lld %ld\n", st.st_mode, (long long)st.st_size, (long)st.st_nlink);
	SHOW(close(fd));
	ERR(open(at("data"), O_RDWR | O_CREAT | O_EXCL, 0640));
	ERR(open(at("absent"), O_RDONLY));
	ERR(open(at("data/below"), O_RDONLY));
	fd = open(at("data"), O_WRONLY | O_TRUNC);
	SHOW(write(fd, "short", 5));
	SHOW(close(fd));
	fd = open(at("data"), O_WRONLY | O_APPEND);
	SHOW(write(fd, "+more", 5));
	SHOW(close(fd));
	fd = open(at("data"), O_RDONLY);
	memset(buf, 0, sizeof buf);
	SHOW(read(fd, buf, sizeof buf));
	puts(buf);
	ERR(write(fd, "x", 1));
	SHOW(close(fd));
	SHOW(truncate(at("data"), 3));
	SHOW(stat(at("data"), &st));
	SHOW(st.st_size);
}

static void large(void) {
	puts("-- large");
	enum { SIZE = 3 * 1024 * 1024 + 77 };
	unsigned char *all = malloc(SIZE), *back = malloc(SIZE);
	for (size_t i = 0; i < SIZE; i++)
		all[i] = byte(i);
	int fd = open(at("large"), O_RDWR | O_CREAT, 0600);
	SHOW(write(fd, all, SIZE) == SIZE);
	for (size_t i = 0; i < 40; i++) {
		size_t where = i * 70001 % SIZE;
		all[where] = back[0] = (unsigned char)i;
		if (pwrite(fd, back, 1, (off_t)where) != 1)
			puts("pwrite failed");
	}
	close(fd);
	fd = open(at("large"), O_RDONLY);
	SHOW(read(fd, back, SIZE) == SIZE);
	SHOW(memcmp(all, back, SIZE));
	close(fd);
	free(all);
	free(back);
}

static void mapped(void) {
	puts("-- mapped");
	int fd = open(at("mapped"), O_RDWR | O_CREAT, 0600);
	SHOW(ftruncate(fd, 3 * PAGE));
	char *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	SHOW(p != MAP_FAILED);
	strcpy(p + PAGE, "through the mapping");
	char buf[64] = {0};
	SHOW(pread(fd, buf, 19, PAGE));
	puts(buf);
	SHOW(pwrite(fd, "by write", 8, 2 * PAGE));
	printf("%.8s\n", p + 2 * PAGE);
	SHOW(msync(p, 3 * PAGE, MS_SYNC));
	strcpy(p, "after msync");
	char *q = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, PAGE);
	strcpy(q, "private");
	printf("%s | %s\n", q, p + PAGE);
	SHOW(munmap(q, PAGE));
	SHOW(close(fd));
	strcpy(p + 100, "after close");
	SHOW(munmap(p, 3 * PAGE));
	fd = open(at("mapped"), O_RDONLY);
	SHOW(pread(fd, buf, 12, 100));
	puts(buf);
	close(fd);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static void list(const char *path) {
	DIR *dir = opendir(path);
	char *names[32];
	size_t n = 0;
	for (struct dirent *e; dir && (e = readdir(dir)) && n < COUNT(names);) {
		char line[300];
		snprintf(line, sizeof line, "%s/%d", e->d_name, e->d_type);
		names[n++] = strdup(line);
	}
	if (dir)
		closedir(dir);
	qsort(names, n, sizeof names[0], by_name);
	for (size_t i = 0; i < n; i++) {
		printf("%s%s", names[i], i + 1 < n ? " " : "\n");
		free(names[i]);
	}
}

static void names(void) {
	puts("-- names");
	SHOW(mkdir(at("dir"), 0750));
	ERR(mkdir(at("dir"), 0750));
	SHOW(rename(at("data"), at("dir/moved")));
	ERR(rename(at("data"), at("dir/other")));
	SHOW(symlink("moved", at("dir/link")));
	SHOW(link(at("dir/moved"), at("dir/second")));
	SHOW(mknod(at("dir/plain"), S_IFREG | 0600, 0));
	list(at("dir"));
	char buf[64] = {0};
	SHOW(readlink(at("dir/link"), buf, sizeof buf));
	puts(buf);
	struct stat st;
	SHOW(lstat(at("dir/link"), &st));
	printf("%o %lld\n", st.st_mode & S_IFMT, (long long)st.st_size);
	SHOW(stat(at("dir/link"), &st));
	printf("%o %lld %ld\n", st.st_mode, (long long)st.st_size, (long)st.st_nlink);
	SHOW(unlink(at("dir/second")));
	SHOW(stat(at("dir/moved"), &st));
	SHOW(st.st_nlink);
	ERR(rmdir(at("dir")));
	ERR(unlink(at("dir")));
	ERR(rmdir(at("dir/moved")));
	ERR(mkdir(at("none/x"), 0700));
	SHOW(mkdir(at("empty"), 0700));
	SHOW(rename(at("empty"), at("dir/empty")));
	SHOW(rmdir(at("dir/empty")));
	ERR(stat(at("dir/empty"), &st));
	char name[300];
	memset(name, 'n', sizeof name);
	name[255] = 0;
	SHOW(mkdir(at(name), 0700));
	SHOW(rmdir(at(name)));
	ERR(open(at("dir"), O_WRONLY));
	ERR(readlink(at("dir"), buf, sizeof buf));
}

static void attributes(void) {
	puts("-- attributes");
	int fd = open(at("attr"), O_RDWR | O_CREAT, 0666);
	struct stat st;
	SHOW(fchmod(fd, 0604));
	struct timespec t[2] = {{1000000000, 5}, {1100000000, 7}};
	SHOW(futimens(fd, t));
	SHOW(fstat(fd, &st));
	printf("%o %lld.%ld %lld.%ld\n", st.st_mode, (long long)st.st_atim.tv_sec, st.st_atim.tv_nsec, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	SHOW(fchown(fd, 1, 2));
	SHOW(fstat(fd, &st));
	printf("%u %u %lld\n", st.st_uid, st.st_gid, (long long)st.st_blocks);
	struct statfs fs;
	SHOW(statfs(base, &fs));
	SHOW(fs.f_bsize > 0 && fs.f_blocks > 0);
	close(fd);
	SHOW(chmod(at("attr"), 0600));
	SHOW(stat(at("attr"), &st));
	printf("%o\n", st.st_mode);
}

static void removed(void) {
	puts("-- removed while open");
	int fd = open(at("gone"), O_RDWR | O_CREAT, 0600);
	SHOW(write(fd, "still here", 10));
	SHOW(unlink(at("gone")));
	ERR(open(at("gone"), O_RDONLY));
	char buf[16] = {0};
	SHOW(pread(fd, buf, 10, 0));
	puts(buf);
	SHOW(write(fd, "!", 1));
	struct stat st;
	SHOW(fstat(fd, &st));
	printf("%ld %lld\n", (long)st.st_nlink, (long long)st.st_size);
	SHOW(close(fd));
}

static void many(void) {
	puts("-- many");
	SHOW(mkdir(at("many"), 0700));
	char name[64];
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof name, "many/file-%04d", i);
		int fd = open(at(name), O_WRONLY | O_CREAT, 0600);
		if (fd < 0 || write(fd, name, 14) != 14 || close(fd) != 0)
			printf("%s failed\n", name);
	}
	static char seen[1000];
	int total = 0, twice = 0;
	DIR *dir = opendir(at("many"));
	for (struct dirent *e; (e = readdir(dir));) {
		int i;
		if (sscanf(e->d_name, "file-%d", &i) != 1)
			continue;
		total++;
		twice += seen[i]++;
	}
	SHOW(total);
	SHOW(twice);
	rewinddir(dir);
	total = 0;
	while (readdir(dir))
		total++;
	SHOW(total);
	closedir(dir);
	for (int i = 10; i < 1000; i++) {
		snprintf(name, sizeof name, "many/file-%04d", i);
		if (unlink(at(name)) != 0)
			printf("%s stays\n", name);
	}
	list(at("many"));
}

static void *worker(void *arg) {
	long me = (long)arg, bad = 0;
	char path[300], buf[3000], back[3000];
	for (int round = 0; round < 20; round++) {
		snprintf(path, sizeof path, "%s/threads/t%ld-%d", base, me, round % 3);
		memset(buf, (int)('a' + me), sizeof buf);
		int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
		bad += write(fd, buf, sizeof buf) != sizeof buf;
		bad += pread(fd, back, sizeof back, 0) != sizeof back || memcmp(buf, back, sizeof buf) != 0;
		close(fd);
		fd = open(at("threads/log"), O_WRONLY | O_APPEND);
		bad += write(fd, buf, 10) != 10;
		close(fd);
	}
	return (void *)bad;
}

static void threads(void) {
	puts("-- threads");
	SHOW(mkdir(at("threads"), 0700));
	close(open(at("threads/log"), O_WRONLY | O_CREAT, 0600));
	pthread_t t[4];
	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, worker, (void *)i);
	long bad = 0;
	for (int i = 0; i < 4; i++) {
		void *result;
		pthread_join(t[i], &result);
		bad += (long)result;
	}
	SHOW(bad);
	struct stat st;
	SHOW(stat(at("threads/log"), &st));
	SHOW(st.st_size);
	list(at("threads"));
}

int main(int argc, char **argv) {
	snprintf(base, sizeof base, "%s", argc > 1 ? argv[1] : workdir());
	umask(022);
	contents();
	large();
	mapped();
	names();
	attributes();
	removed();
	many();
	threads();
	list(base);
	return 0;
}
