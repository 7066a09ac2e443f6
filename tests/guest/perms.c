// Permissions: what uid 65534 may not do; set*id calls; groups; the sticky bit.
// unox-test: root=yes
#include "check.h"
#include <grp.h>
#include <sys/fsuid.h>

int main(void) {
	workdir();
	MUST(chmod(".", 0777));
	const struct { const char *name; int mode, uid, gid; } files[] = {
		{ "root600", 0600, 0, 0 }, { "root644", 0644, 0, 0 }, { "root444", 0444, 0, 0 }, { "other", 0006, 0, 0 }, { "group", 0060, 0, 100 }, { "owner_none", 0077, 65534, 65534 }, { "exec", 0711, 0, 0 },
	};
	for (size_t i = 0; i < COUNT(files); i++) { spill(files[i].name, "x"); MUST(chown(files[i].name, files[i].uid, files[i].gid)); MUST(chmod(files[i].name, files[i].mode)); }
	MUST(mkdir("closed", 0700)); spill("closed/in", "x"); MUST(mkdir("noexec", 0744)); spill("noexec/in", "x"); MUST(mkdir("noread", 0711));
	spill("noread/in", "x"); MUST(mkdir("sticky", 0777)); MUST(chmod("sticky", 01777)); spill("sticky/roots", "x");
	MUST(mkdir("readonly", 0555));
	// Root may do nearly everything; execute only what somebody may.
	ERR(access("root600", W_OK)); ERR(access("root644", X_OK)); ERR(access("exec", X_OK)); ERR(access("owner_none", R_OK | W_OK));
	ERR(access("closed", X_OK)); ERR(open("root444", O_WRONLY) >= 0);
	uid_t r, e, s;
	gid_t groups[4] = { 100, 200 }, got[8];
	ERR(setgroups(2, groups)); ERR(getgroups(8, got)); SAY("%d %d", got[0], got[1]); ERR(getgroups(1, got)); ERR(getgroups(0, NULL));
	ERR(getgroups(-1, got)); ERR(setgroups(70000, got));
	ERR(setresuid(0, 65534, 0)); getresuid(&r, &e, &s); SAY("%d %d %d fs %d", r, e, s, setfsuid(-1)); // back with the real id
	ERR(access("root600", R_OK)); // asks with the real ids
	ERR(faccessat(AT_FDCWD, "root600", R_OK, AT_EACCESS)); ERR(open("root600", O_RDONLY));
	ERR(seteuid(0)); ERR(open("root600", O_RDONLY) >= 0);
	ERR(setresgid(65534, 65534, 65534)); ERR(setresuid(65534, 65534, 65534)); getresuid(&r, &e, &s); SAY("%d %d %d", r, e, s);
	ERR(open("root600", O_RDONLY)); ERR(open("root644", O_WRONLY)); ERR(open("root644", O_RDWR)); ERR(open("root644", O_RDONLY) >= 0);
	ERR(open("other", O_RDWR) >= 0); ERR(open("group", O_RDWR) >= 0); ERR(open("owner_none", O_RDONLY));
	ERR(open("root644", O_RDONLY | O_TRUNC)); ERR(open("root600", O_PATH) >= 0);
	ERR(access("root644", R_OK)); ERR(access("root644", W_OK)); ERR(access("exec", X_OK)); ERR(access("exec", R_OK));
	ERR(access("closed/in", F_OK)); ERR(access("noexec/in", F_OK)); ERR(access("noread/in", R_OK)); ERR(open("closed", O_RDONLY));
	ERR(open("noexec", O_RDONLY) >= 0); ERR(open("noread", O_RDONLY)); ERR(open("noexec/in", O_RDONLY));
	ERR(chdir("closed")); ERR(chdir("noread")); ERR(chdir("..")); ERR(open("readonly/new", O_CREAT | O_WRONLY, 0644));
	ERR(mkdir("readonly/d", 0755)); ERR(unlink("noread/in")); ERR(rename("noread/in", "mine")); ERR(symlink("x", "readonly/l"));
	ERR(unlink("sticky/roots")); ERR(rename("sticky/roots", "sticky/other")); spill("sticky/mine", "m");
	ERR(rename("sticky/mine", "sticky/roots")); ERR(unlink("sticky/mine"));
	ERR(chmod("root644", 0777)); ERR(chown("owner_none", 0, 0)); ERR(chown("owner_none", -1, 100)); ERR(chown("owner_none", -1, 300));
	ERR(chmod("owner_none", 0600)); ERR(open("owner_none", O_RDWR) >= 0); ERR(chown("root644", 65534, -1)); ERR(truncate("root644", 0));
	ERR(truncate("root600", 0));
	ERR(utimensat(AT_FDCWD, "root644", NULL, 0)); ERR(utimensat(AT_FDCWD, "other", NULL, 0));
	struct timespec ts[2] = { { 1, 0 }, { 1, 0 } }; ERR(utimensat(AT_FDCWD, "other", ts, 0)); ERR(open("root644", O_RDONLY | O_NOATIME));
	ERR(unlink("root600")); // the directory is writable for all: allowed
	ERR(setuid(0)); ERR(setgid(0)); ERR(seteuid(0)); ERR(setresuid(0, -1, -1)); ERR(setresuid(-1, -1, -1)); ERR(setuid(65534));
	ERR(setreuid(-1, 65534)); ERR(setreuid(5, -1)); ERR(setgroups(1, groups)); ERR(setfsuid(0)); ERR(setfsuid(-1));
	ERR(chroot(".")); ERR(mknod("dev", S_IFCHR | 0600, 0x103)); ERR(mkfifo("fifo", 0600)); ERR(nice(-5));
	ERR(setpriority(PRIO_PROCESS, 0, -5)); ERR(sethostname("x", 1));
	struct rlimit rl; getrlimit(RLIMIT_CORE, &rl); rl.rlim_cur = rl.rlim_max = 0; ERR(setrlimit(RLIMIT_CORE, &rl)); rl.rlim_max = 1000;
	ERR(setrlimit(RLIMIT_CORE, &rl)); struct timespec now = { 1, 0 }; ERR(clock_settime(CLOCK_REALTIME, &now));
	ERR(syscall(SYS_mount, "none", ".", "tmpfs", 0, NULL)); ERR(syscall(SYS_settimeofday, NULL, NULL));
	// A fresh file belongs to us.
	spill("fresh", "");
	struct stat st;
	stat("fresh", &st); SAY("%d %d %o", st.st_uid, st.st_gid, st.st_mode);
	return 0;
}
