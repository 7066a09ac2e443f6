// rename and renameat2: files, directories, over each other, into itself, NOREPLACE, EXCHANGE; links and their counts.
#include "check.h"
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE 2
#endif

static int mv(const char *a, const char *b, unsigned f) { return syscall(SYS_renameat2, AT_FDCWD, a, AT_FDCWD, b, f); }
static int links(const char *p) { struct stat st; return lstat(p, &st) ? -1 : (int)st.st_nlink; }

int main(void) {
	workdir();
	spill("a", "A"); spill("b", "B");
	MUST(mkdir("d1", 0755)); MUST(mkdir("d2", 0755)); MUST(mkdir("d1/sub", 0755)); spill("d1/f", "F"); MUST(mkdir("empty", 0755));
	MUST(symlink("a", "l"));
	ERR(rename("a", "c")); ERR(access("a", F_OK)); STR(slurp("c"));
	ERR(rename("c", "b")); STR(slurp("b")); ERR(access("c", F_OK));
	ERR(rename("b", "b"));
	ERR(rename("nope", "x")); ERR(rename("b", "nope/x")); ERR(rename("b", "")); ERR(rename("", "x"));
	ERR(rename("b", "d1")); ERR(rename("d1", "b")); ERR(rename("d1", "d2")); ERR(access("d2/sub", F_OK)); ERR(access("d1", F_OK));
	ERR(rename("empty", "d2")); ERR(rename("d2", "d2/sub/in")); ERR(rename("d2", "d2")); ERR(rename("d2/sub", "d2"));
	ERR(rename("d2/.", "x")); ERR(rename("d2", ".")); ERR(rename("d2", "..")); ERR(rename("d2/..", "x")); ERR(rename(".", "x"));
	ERR(rename("b", "x/")); ERR(rename("b/", "x")); ERR(rename("d2/", "d3/")); ERR(access("d3/sub", F_OK));
	ERR(rename("l", "m")); ERR(readlink("m", (char[9]){ 0 }, 9)); ERR(rename("b", "m")); ERR(readlink("m", (char[9]){ 0 }, 9));
	STR(slurp("m"));
	// Two names of one file: nothing happens.
	MUST(link("m", "m2"));
	SHOW(links("m"));
	ERR(rename("m", "m2")); ERR(access("m", F_OK)); SHOW(links("m2"));
	spill("n", "N");
	ERR(mv("n", "m", RENAME_NOREPLACE)); ERR(mv("n", "fresh", RENAME_NOREPLACE)); ERR(access("n", F_OK));
	ERR(mv("fresh", "m", RENAME_EXCHANGE)); STR(slurp("fresh")); STR(slurp("m"));
	ERR(mv("fresh", "d3", RENAME_EXCHANGE)); STR(slurp("d3")); ERR(access("fresh/sub", F_OK));
	ERR(mv("fresh", "fresh/sub", RENAME_EXCHANGE)); ERR(mv("fresh", "nope", RENAME_EXCHANGE)); ERR(mv("m", "z", 99)); ERR(mv("m", "z", 3));
	// Link counts of directories follow their subdirectories.
	SHOW(links("fresh")); SHOW(links(".") >= 2);
	MUST(mkdir("fresh/two", 0755)); SHOW(links("fresh"));
	ERR(rename("fresh/two", "moved")); SHOW(links("fresh")); SHOW(links("moved"));
	ERR(rename("moved", "empty")); SHOW(links("empty"));
	// A file that is open keeps its contents when another takes its name.
	spill("old", "old contents"); spill("new", "new contents");
	int fd = MUST(open("old", O_RDONLY));
	ERR(rename("new", "old"));
	char buf[32] = { 0 };
	MUST(read(fd, buf, 31)); STR(buf); STR(slurp("old"));
	struct stat st;
	fstat(fd, &st); SHOW(st.st_nlink);
	// Unlinked while open: still there for the descriptor.
	fd = MUST(open("old", O_RDWR));
	ERR(unlink("old")); fstat(fd, &st); SHOW(st.st_nlink);
	ERR(pread(fd, buf, 3, 0)); ERR(write(fd, "XY", 2)); ERR(pread(fd, buf, 5, 0)); STR(buf);
	ERR(linkat(fd, "", AT_FDCWD, "back", AT_EMPTY_PATH)); // no link left: cannot come back
	ERR(link("d3", "h1")); ERR(link("h1", "h2")); ERR(link("h1", "h2")); ERR(link("nope", "h3")); ERR(link("fresh", "h4")); SHOW(links("h1"));
	ERR(unlink("d3")); SHOW(links("h2")); STR(slurp("h2"));
	ERR(link("h1", "nope/h")); ERR(link("h1", "")); ERR(link("h1", "h1"));
	// Inode numbers stay over a rename and differ between files.
	struct stat s1, s2;
	stat("h1", &s1); stat("h2", &s2); SHOW(s1.st_ino == s2.st_ino);
	rename("h1", "h9"); stat("h9", &s2); SHOW(s1.st_ino == s2.st_ino);
	stat("m", &s2); SHOW(s1.st_ino == s2.st_ino); SHOW(s1.st_dev == s2.st_dev);
	// Between file systems.
	ERR(rename("m", "/proc/x") < 0);
	ERR(link("m", "/proc/x") < 0);
	return 0;
}
