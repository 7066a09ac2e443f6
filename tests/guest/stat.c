// stat, statx, chmod, chown, times, link counts, device numbers.
// unox-test: root=yes
#include "check.h"
#include <sys/sysmacros.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>

static struct stat st;
static void show(const char *p) {
	if (lstat(p, &st)) { SAY("%s: %s", p, errname(errno)); return; }
	SAY("%s: mode %o links %d uid %d gid %d size %lld blocks %lld blksize %ld", p, st.st_mode, (int)st.st_nlink, st.st_uid, st.st_gid, S_ISDIR(st.st_mode) ? -1LL : (long long)st.st_size, (long long)st.st_blocks, (long)st.st_blksize);
}
static void times(const char *p) { lstat(p, &st); SAY("%s: atime %lld.%ld mtime %lld.%ld", p, (long long)st.st_atim.tv_sec, st.st_atim.tv_nsec, (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec); }

int main(void) {
	workdir();
	spill("f", "12345"); MUST(mkdir("d", 0751)); MUST(symlink("f", "l")); MUST(mkfifo("p", 0622)); MUST(mknod("r", S_IFREG | 0600, 0));
	MUST(mknod("n", S_IFCHR | 0666, makedev(1, 3)));
	show("f"); show("d"); show("l"); show("p"); show("r"); show("n"); show("nope");
	SAY("rdev %d %d", major(st.st_rdev), minor(st.st_rdev));
	MUST(mkdir("d/a", 0700)); MUST(mkdir("d/b", 0700)); spill("d/c", ""); show("d"); MUST(rmdir("d/a")); show("d");
	ERR(chmod("f", 04755)); show("f"); ERR(chmod("f", 0177777)); show("f"); ERR(chmod("l", 0600)); show("f"); show("l");
	ERR(chmod("nope", 0)); ERR(fchmodat(AT_FDCWD, "f", 0640, 0)); ERR(syscall(SYS_fchmodat, AT_FDCWD, "f", 0644));
	ERR(chown("f", 12, 34)); show("f"); ERR(chown("f", -1, 56)); show("f"); ERR(chown("f", -1, -1)); ERR(lchown("l", 7, 8)); show("l");
	show("f"); ERR(fchownat(AT_FDCWD, "l", 9, 9, AT_SYMLINK_NOFOLLOW)); show("l"); ERR(fchownat(AT_FDCWD, "f", 1, 1, 0x77));
	ERR(chown("nope", 1, 1));
	MUST(chmod("f", 06755)); ERR(chown("f", 1, 1)); show("f"); // set-id bits go
	MUST(chmod("d", 02775)); MUST(chown("d", 5, 77)); show("d"); spill("d/inherit", ""); show("d/inherit"); MUST(mkdir("d/sub", 0755));
	show("d/sub"); // set-group-id directories pass their group on
	umask(077); MUST(mkdir("private", 0777)); show("private"); SHOW(umask(022)); ERR(umask(07777)); ERR(umask(022));
	// Times.
	struct timespec ts[2] = { { 1000, 5 }, { 2000, 7 } };
	ERR(utimensat(AT_FDCWD, "f", ts, 0)); times("f");
	ts[0].tv_nsec = UTIME_OMIT; ts[1].tv_sec = 3000; ERR(utimensat(AT_FDCWD, "f", ts, 0)); times("f");
	ts[0].tv_nsec = UTIME_NOW; ERR(utimensat(AT_FDCWD, "f", ts, 0)); lstat("f", &st); SHOW(st.st_atim.tv_sec > 1600000000);
	ts[0].tv_nsec = 1000000000; ERR(utimensat(AT_FDCWD, "f", ts, 0)); ERR(utimensat(AT_FDCWD, "nope", NULL, 0));
	ERR(utimensat(AT_FDCWD, "f", NULL, 0x77)); ERR(utimensat(AT_FDCWD, "f", NULL, 0));
	ts[0] = (struct timespec){ 11, 0 }; ts[1] = (struct timespec){ 22, 0 }; ERR(utimensat(AT_FDCWD, "l", ts, AT_SYMLINK_NOFOLLOW));
	times("l"); lstat("f", &st); SHOW(st.st_mtim.tv_sec > 1600000000);
	int fd = MUST(open("f", O_RDWR)); ERR(futimens(fd, ts)); times("f"); ts[0].tv_sec = -5; ERR(futimens(fd, ts)); times("f");
	struct timeval tv[2] = { { 1, 2 }, { 3, 4 } }; ERR(utimes("f", tv)); times("f"); tv[0].tv_usec = 1000000; ERR(utimes("f", tv));
	// What changes which time.
	struct stat a, b;
	fstat(fd, &a); sleep_ms(20); MUST(write(fd, "x", 1)); fstat(fd, &b); SHOW(a.st_mtim.tv_sec == b.st_mtim.tv_sec); a = b; sleep_ms(20);
	MUST(fchmod(fd, 0600)); fstat(fd, &b);
	SHOW(a.st_mtim.tv_nsec == b.st_mtim.tv_nsec); SHOW(a.st_ctim.tv_nsec == b.st_ctim.tv_nsec);
	stat("d", &a); sleep_ms(20); spill("d/new", ""); stat("d", &b);
	SHOW(a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_mtim.tv_sec == b.st_mtim.tv_sec);
	a = b; sleep_ms(20); MUST(rename("d/new", "d/newer")); stat("d", &b);
	SHOW(a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_mtim.tv_sec == b.st_mtim.tv_sec);
	stat("d/newer", &a); sleep_ms(20); MUST(link("d/newer", "d/l2")); stat("d/newer", &b); SHOW(a.st_ctim.tv_nsec == b.st_ctim.tv_nsec);
	SHOW(a.st_mtim.tv_nsec == b.st_mtim.tv_nsec);
	// statx.
	struct statx x;
	ERR(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x)); HEX(x.stx_mask & STATX_BASIC_STATS); SHOW(x.stx_size); HEX(x.stx_mode);
	SHOW(x.stx_nlink); SHOW(x.stx_uid); SHOW(x.stx_blksize);
	stat("f", &st); SHOW(x.stx_ino == st.st_ino); SHOW(makedev(x.stx_dev_major, x.stx_dev_minor) == st.st_dev);
	ERR(statx(AT_FDCWD, "l", AT_SYMLINK_NOFOLLOW, STATX_TYPE, &x)); HEX(x.stx_mode & S_IFMT);
	ERR(statx(fd, "", AT_EMPTY_PATH, STATX_ALL, &x)); SHOW(x.stx_size); ERR(statx(fd, "", 0, STATX_ALL, &x));
	ERR(statx(AT_FDCWD, "f", 0x8000, 0, &x)); ERR(statx(AT_FDCWD, "f", 0, 0x80000000, &x)); ERR(statx(AT_FDCWD, "nope", 0, 0, &x));
	ERR(statx(AT_FDCWD, "f", AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC, 0, &x)); ERR(statx(AT_FDCWD, "f", 0, 0, (void *)8));
	// Devices and the odd files.
	stat("/dev/null", &st); SAY("null %o %d:%d", st.st_mode, major(st.st_rdev), minor(st.st_rdev)); stat("/dev/zero", &st);
	SAY("zero %o %d:%d", st.st_mode, major(st.st_rdev), minor(st.st_rdev)); stat("/dev/full", &st);
	SAY("full %d:%d", major(st.st_rdev), minor(st.st_rdev)); stat("/dev/urandom", &st);
	SAY("urandom %d:%d", major(st.st_rdev), minor(st.st_rdev)); stat("/dev/tty", &st);
	SAY("tty %o %d:%d", st.st_mode & S_IFMT, major(st.st_rdev), minor(st.st_rdev));
	int p[2]; MUST(pipe(p)); fstat(p[0], &st);
	SAY("pipe %o links %d size %d blksize %d", st.st_mode, (int)st.st_nlink, (int)st.st_size, (int)st.st_blksize); ERR(fchmod(p[0], 0600));
	fstat(eventfd(0, 0), &st); SAY("eventfd %o", st.st_mode); int sp[2]; MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sp)); fstat(sp[0], &st);
	SAY("socket %o", st.st_mode);
	ERR(fstat(99, &st)); ERR(stat("f", (void *)8)); ERR(stat("f/x", &st)); ERR(mknod("f", S_IFREG, 0)); ERR(mknod("x", 0xf000 | 0600, 0));
	ERR(mknod("x", S_IFDIR | 0600, 0)); ERR(mknod("zz", 0600, 0)); show("zz"); ERR(mkfifo("p", 0600)); ERR(mknod("s", S_IFSOCK | 0600, 0));
	show("s");
	struct statfs sf;
	ERR(statfs(".", &sf)); HEX(sf.f_type); SHOW(sf.f_bsize); SHOW(sf.f_namelen);
	SHOW(sf.f_blocks >= sf.f_bfree && sf.f_bfree >= sf.f_bavail); ERR(fstatfs(fd, &sf)); HEX(sf.f_type); ERR(statfs("/proc", &sf));
	HEX(sf.f_type); ERR(statfs("nope", &sf)); ERR(fstatfs(99, &sf)); ERR(fstatfs(p[0], &sf)); HEX(sf.f_type); ERR(statfs(".", (void *)8));
	return 0;
}
