// Path resolution: dots, slashes, links, loops, lengths, what is not a directory; getcwd and the *at calls.
#include "check.h"

static int yes(const char *p) { struct stat st; return stat(p, &st) < 0 ? -errno : (int)(st.st_mode & S_IFMT) >> 12; }
#define AT(p) do { int r_ = yes(p); printf("%s: %s%d\n", #p, r_ < 0 ? errname(-r_) : "type ", r_ < 0 ? 0 : r_); } while (0)

int main(void) {
	const char *home = workdir();
	char buf[PATH_MAX], name[300];
	MUST(mkdir("d", 0755)); MUST(mkdir("d/e", 0755)); spill("d/e/f", "f"); spill("g", "g");
	MUST(symlink("d/e", "to_e")); MUST(symlink("../..", "d/e/up")); MUST(symlink("self", "self")); MUST(symlink("g", "to_g"));
	MUST(symlink("to_g", "to_to_g"));
	AT("d"); AT("d/"); AT("d/."); AT("d/.."); AT("d//e///f"); AT("./././d/../d/e/../e/f"); AT("to_e/f"); AT("to_e/../e/f"); AT("d/e/up/g");
	AT("d/e/up/d/e/up/d/e/up/g");
	AT("g/"); AT("g/."); AT("g/.."); AT("g/x"); AT("to_g/"); AT("to_to_g"); AT("nope"); AT("nope/x"); AT("nope/.."); AT("self");
	AT("self/x"); AT(""); AT("/"); AT("//"); AT("/.."); AT("/../../."); AT("to_e/"); AT("to_e/.");
	// Long names, long paths.
	memset(name, 'n', 255); name[255] = 0;
	ERR(mkdir(name, 0755)); ERR(rmdir(name));
	name[255] = 'n'; name[256] = 0;
	ERR(mkdir(name, 0755)); ERR(stat(name, &(struct stat){ 0 })); ERR(rename("g", name));
	memset(buf, '/', sizeof buf);
	memcpy(buf + 4094, "g", 2);
	buf[0] = '.';
	ERR(access(buf, F_OK)); // 4095 bytes and the end
	char more[PATH_MAX + 10];
	memset(more, '/', sizeof more); memcpy(more + 4095, "g", 2);
	ERR(access(more, F_OK));
	// 40 links are followed, 41 are not.
	for (int i = 0; i < 42; i++) {
		char from[16], to[16];
		snprintf(from, 16, "l%d", i); snprintf(to, 16, "l%d", i + 1);
		MUST(symlink(i == 41 ? "g" : to, from));
	}
	ERR(access("l1", F_OK)); ERR(access("l2", F_OK)); ERR(access("l0", F_OK));
	// getcwd.
	MUST(chdir("to_e"));
	SHOW(strncmp(getcwd(buf, sizeof buf), home, strlen(home)));
	STR(buf + strlen(home));
	ERR(syscall(SYS_getcwd, buf, 3)); ERR(syscall(SYS_getcwd, buf, 0)); ERR(syscall(SYS_getcwd, 8, 100));
	SHOW(syscall(SYS_getcwd, buf, sizeof buf) == (long)strlen(buf) + 1);
	MUST(chdir(".."));
	MUST(getcwd(buf, sizeof buf) ? 0 : -1);
	STR(buf + strlen(home));
	MUST(chdir(home));
	MUST(mkdir("gone", 0755)); MUST(chdir("gone")); MUST(rmdir("../gone"));
	ERR(getcwd(buf, sizeof buf) ? 0 : -1);
	ERR(open("x", O_CREAT | O_WRONLY, 0644)); ERR(access(".", F_OK)); ERR(access("..", F_OK)); ERR(mkdir("y", 0755));
	ERR(chdir("..")); ERR(access("g", F_OK));
	ERR(chdir("g")); ERR(chdir("nope")); ERR(chdir("self")); ERR(fchdir(0)); ERR(fchdir(99));
	// *at with flags.
	int d = MUST(open("d", O_RDONLY | O_DIRECTORY));
	struct stat st;
	ERR(fstatat(d, "e/f", &st, 0)); ERR(fstatat(d, "../to_g", &st, AT_SYMLINK_NOFOLLOW));
	HEX(st.st_mode & S_IFMT);
	ERR(fstatat(d, "", &st, AT_EMPTY_PATH)); HEX(st.st_mode & S_IFMT);
	ERR(fstatat(d, "", &st, 0)); ERR(fstatat(d, "e", &st, 0x8000)); ERR(fstatat(AT_FDCWD, "", &st, AT_EMPTY_PATH)); HEX(st.st_mode & S_IFMT);
	ERR(fstatat(-5, "x", &st, 0)); ERR(fstatat(99, "x", &st, 0));
	ERR(faccessat(d, "e", R_OK, 0)); ERR(faccessat(d, "x", R_OK, 0)); ERR(faccessat(d, "e", 0x80, 0));
	ERR(syscall(SYS_faccessat2, d, "", R_OK, AT_EMPTY_PATH)); ERR(syscall(SYS_faccessat2, d, "e", R_OK, 0x4));
	ERR(syscall(SYS_faccessat2, AT_FDCWD, "self", F_OK, AT_SYMLINK_NOFOLLOW));
	ERR(mkdirat(d, "m", 0700)); ERR(symlinkat("m", d, "lm")); ERR(readlinkat(d, "lm", buf, 1)); ERR(readlinkat(d, "lm", buf, 0));
	ERR(readlinkat(d, "m", buf, 9)); ERR(readlinkat(d, "no", buf, 9));
	ERR(linkat(d, "e/f", AT_FDCWD, "hard", 0)); ERR(linkat(AT_FDCWD, "to_g", AT_FDCWD, "hardlink_to_link", 0));
	ERR(linkat(AT_FDCWD, "to_g", AT_FDCWD, "hardlink_to_file", AT_SYMLINK_FOLLOW));
	lstat("hardlink_to_link", &st); HEX(st.st_mode & S_IFMT); lstat("hardlink_to_file", &st); HEX(st.st_mode & S_IFMT);
	ERR(linkat(d, "e", AT_FDCWD, "dirlink", 0)); ERR(linkat(d, "e/f", AT_FDCWD, "g", 0)); ERR(linkat(d, "e/f", AT_FDCWD, "q", 0x77));
	ERR(unlinkat(d, "m", 0)); ERR(unlinkat(d, "m", AT_REMOVEDIR)); ERR(unlinkat(d, "lm", AT_REMOVEDIR)); ERR(unlinkat(d, "lm", 0));
	ERR(unlinkat(d, "x", 0x77));
	ERR(unlink("d")); ERR(unlink("g/")); ERR(unlink("nope")); ERR(unlink("")); ERR(unlink("to_e/")); ERR(unlink("d/.."));
	ERR(rmdir("d")); ERR(rmdir("g")); ERR(rmdir("d/.")); ERR(rmdir("d/..")); ERR(rmdir("d/e/..")); ERR(rmdir("to_e")); ERR(rmdir("to_e/"));
	ERR(rmdir("nope")); ERR(rmdir("."));
	ERR(mkdir("d", 0755)); ERR(mkdir("g", 0755)); ERR(mkdir("g/x", 0755)); ERR(mkdir("nope/x", 0755)); ERR(mkdir("newdir/", 0755));
	ERR(mkdir("to_e", 0755)); ERR(mkdir("", 0755)); ERR(mkdir("self/x", 0755)); ERR(mkdir(".", 0755)); ERR(mkdir("/", 0755));
	ERR(symlink("", "empty")); ERR(symlink("x", "g")); ERR(symlink("x", "nope/x")); ERR(symlink("x", "new_trailing/")); ERR(symlink("x", ""));
	memset(more, 'x', sizeof more); more[4096] = 0;
	ERR(symlink(more, "toolong")); more[4095] = 0; ERR(symlink(more, "long")); ERR(readlink("long", buf, sizeof buf));
	ERR(access(home, 9)); ERR(access((char *)8, F_OK));
	return 0;
}
