// inotify: what each change reports, in which order, with cookies, masks and limits.
#include "check.h"
#include <sys/inotify.h>

static int ino;
static void events(const char *what) {
	static char buf[8192] __attribute__((aligned(8)));
	ssize_t n = read(ino, buf, sizeof buf);
	printf("%s:", what);
	if (n < 0) { printf(" %s\n", errname(errno)); return; }
	uint32_t cookie = 0;
	for (char *p = buf; p < buf + n;) {
		struct inotify_event *e = (void *)p;
		printf(" %d", e->wd);
		const struct { uint32_t bit; const char *name; }
		bits[] = { { IN_ACCESS, "ACCESS" }, { IN_MODIFY, "MODIFY" }, { IN_ATTRIB, "ATTRIB" }, { IN_CLOSE_WRITE, "CLOSE_WRITE" }, { IN_CLOSE_NOWRITE, "CLOSE_NOWRITE" }, { IN_OPEN, "OPEN" }, { IN_MOVED_FROM, "FROM" }, { IN_MOVED_TO, "TO" }, { IN_CREATE, "CREATE" }, { IN_DELETE, "DELETE" }, { IN_DELETE_SELF, "DELETE_SELF" }, { IN_MOVE_SELF, "MOVE_SELF" }, { IN_IGNORED, "IGNORED" }, { IN_ISDIR, "ISDIR" }, { IN_Q_OVERFLOW, "OVERFLOW" }, { IN_UNMOUNT, "UNMOUNT" } };
		for (size_t i = 0; i < COUNT(bits); i++) if (e->mask & bits[i].bit) printf(" %s", bits[i].name);
		if (e->len) printf(" %s", e->name);
		if (e->mask & IN_MOVED_FROM) cookie = e->cookie;
		if (e->mask & IN_MOVED_TO) printf(" same cookie %d", e->cookie == cookie && cookie);
		printf(";");
		p += sizeof *e + e->len;
	}
	puts("");
}

int main(void) {
	workdir();
	MUST(mkdir("d", 0755)); spill("d/f", "1"); spill("out", "");
	ERR(ino = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)); HEX(fcntl(ino, F_GETFL)); ERR(inotify_init1(3));
	events("nothing");
	ERR(inotify_add_watch(ino, "d", IN_ALL_EVENTS));
	ERR(inotify_add_watch(ino, "d/f", IN_MODIFY | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF));
	ERR(inotify_add_watch(ino, "d", IN_ALL_EVENTS));
	int fd = MUST(open("d/f", O_RDWR)); events("open"); char c; MUST(read(fd, &c, 1)); events("read"); MUST(write(fd, "x", 1));
	MUST(write(fd, "y", 1)); events("two writes merge"); close(fd); events("close");
	fd = MUST(open("d/f", O_RDONLY)); close(fd); events("open and close"); MUST(chmod("d/f", 0600)); events("chmod");
	MUST(truncate("d/f", 0)); events("truncate"); MUST(truncate("d/f", 0)); events("truncate again");
	spill("d/new", "n"); events("create"); MUST(rename("d/new", "d/newer")); events("rename inside"); MUST(rename("d/newer", "gone"));
	events("out"); MUST(rename("gone", "d/in")); events("in"); MUST(mkdir("d/sub", 0755)); events("mkdir"); MUST(rmdir("d/sub"));
	events("rmdir"); MUST(link("d/f", "d/hard")); events("link"); MUST(unlink("d/hard")); events("unlink one name");
	MUST(symlink("x", "d/sym")); events("symlink"); MUST(rename("d/in", "d/f")); events("rename over"); MUST(unlink("d/f"));
	events("unlink");
	MUST(mkdir("d/deep", 0755)); DIR *dir = opendir("d"); readdir(dir); closedir(dir); events("readdir"); MUST(chmod("d", 0700));
	events("chmod dir"); MUST(rename("d", "e")); events("move self");
	ERR(inotify_rm_watch(ino, 1)); events("rm_watch"); ERR(inotify_rm_watch(ino, 1)); ERR(inotify_rm_watch(ino, 99));
	ERR(inotify_rm_watch(0, 1)); ERR(inotify_add_watch(0, ".", IN_OPEN)); ERR(inotify_add_watch(ino, "nope", IN_OPEN));
	ERR(inotify_add_watch(ino, ".", 0)); ERR(inotify_add_watch(ino, "out", IN_ONLYDIR | IN_OPEN)); ERR(inotify_add_watch(99, ".", IN_OPEN));
	int w; ERR(w = inotify_add_watch(ino, "out", IN_OPEN | IN_ONESHOT)); fd = MUST(open("out", O_RDONLY)); close(fd); events("oneshot");
	fd = MUST(open("out", O_RDONLY)); close(fd); events("only once");
	ERR(w = inotify_add_watch(ino, "out", IN_OPEN)); SHOW(inotify_add_watch(ino, "out", IN_CLOSE | IN_MASK_ADD) == w);
	ERR(inotify_add_watch(ino, "out", IN_CLOSE | IN_MASK_CREATE)); fd = MUST(open("out", O_RDONLY)); close(fd); events("mask add");
	SHOW(inotify_add_watch(ino, "out", IN_DELETE_SELF) == w); fd = MUST(open("out", O_RDONLY)); close(fd); events("mask replaced");
	fd = MUST(open("out", O_RDONLY)); MUST(unlink("out")); events("still open"); close(fd); events("delete self");
	struct pollfd p = { .fd = ino, .events = POLLIN }; ERR(poll(&p, 1, 0)); ERR(inotify_add_watch(ino, ".", IN_CREATE)); spill("z", "");
	ERR(poll(&p, 1, 0)); int n; ERR(ioctl(ino, FIONREAD, &n)); SHOW(n); ERR(read(ino, &c, 1)); events("rest"); ERR(write(ino, "x", 1));
	return 0;
}
