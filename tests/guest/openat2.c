// openat2: every RESOLVE_ flag, the checks of its structure, and versions of it that are longer than we know.
#include "check.h"
#include <linux/openat2.h>

static int o2(int dir, const char *path, uint64_t flags, uint64_t mode, uint64_t res) {
	struct open_how how = { .flags = flags, .mode = mode, .resolve = res };
	int fd = syscall(SYS_openat2, dir, path, &how, sizeof how);
	if (fd >= 0) close(fd);
	return fd < 0 ? -1 : 0;
}

int main(void) {
	workdir();
	MUST(mkdir("d", 0755)); MUST(mkdir("d/e", 0755)); spill("d/f", "1"); spill("out", "2");
	MUST(symlink("f", "d/in")); MUST(symlink("../out", "d/up")); MUST(symlink("/d/f", "d/abs")); MUST(symlink("e/../f", "d/back"));
	int d = MUST(open("d", O_PATH | O_DIRECTORY));
	const struct { const char *name; uint64_t res; } kinds[] = {
		{ "plain", 0 }, { "xdev", RESOLVE_NO_XDEV }, { "magic", RESOLVE_NO_MAGICLINKS }, { "links", RESOLVE_NO_SYMLINKS },
		{ "beneath", RESOLVE_BENEATH }, { "root", RESOLVE_IN_ROOT }, { "cached", RESOLVE_CACHED },
	};
	const char *paths[] = { "f", "in", "up", "abs", "back", "../out", "e/..", "..", "/", "/f", "e/../../out", "nope", "f/x" };
	for (size_t k = 0; k < COUNT(kinds); k++)
		for (size_t p = 0; p < COUNT(paths); p++) {
			errno = 0;
			int r = o2(d, paths[p], O_RDONLY, 0, kinds[k].res);
			// What RESOLVE_CACHED says of a missing name depends on what is remembered of it.
			if (r && kinds[k].res == RESOLVE_CACHED) continue;
			SAY("%s %s: %s", kinds[k].name, paths[p], r ? errname(errno) : "ok");
		}
	ERR(o2(AT_FDCWD, "/proc/self/fd/0", O_PATH, 0, RESOLVE_NO_MAGICLINKS)); ERR(o2(AT_FDCWD, "/proc", O_PATH, 0, RESOLVE_NO_XDEV));
	ERR(o2(d, "in", O_RDONLY | O_NOFOLLOW, 0, 0));
	ERR(o2(d, "new", O_CREAT | O_WRONLY, 0600, RESOLVE_BENEATH)); ERR(access("d/new", F_OK));
	ERR(o2(d, "../new2", O_CREAT | O_WRONLY, 0600, RESOLVE_BENEATH)); ERR(access("new2", F_OK));
	ERR(o2(d, "/new3", O_CREAT | O_WRONLY, 0600, RESOLVE_IN_ROOT)); ERR(access("d/new3", F_OK));
	// The structure.
	ERR(o2(d, "f", 0, 0600, 0)); ERR(o2(d, "f", O_CREAT, 010000, 0)); ERR(o2(d, "f", 1ULL << 40, 0, 0)); ERR(o2(d, "f", 0, 0, 0x40));
	ERR(o2(d, "f", 0, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT)); ERR(o2(d, "f", O_PATH | O_RDWR, 0, 0));
	ERR(o2(d, "f", O_CREAT, 0600, RESOLVE_CACHED)); ERR(o2(99, "f", 0, 0, 0)); ERR(o2(99, "/", 0, 0, 0)); ERR(o2(d, "", 0, 0, 0));
	struct { struct open_how how; uint64_t more[2]; } big = { 0 };
	ERR(syscall(SYS_openat2, d, "f", &big, sizeof big) >= 0 ? 0 : -1); big.more[1] = 1; ERR(syscall(SYS_openat2, d, "f", &big, sizeof big));
	ERR(syscall(SYS_openat2, d, "f", &big, 23)); ERR(syscall(SYS_openat2, d, "f", &big, 5000));
	ERR(syscall(SYS_openat2, d, "f", (void *)8, sizeof big.how)); ERR(syscall(SYS_openat2, d, (void *)8, &big, sizeof big.how));
	return 0;
}
