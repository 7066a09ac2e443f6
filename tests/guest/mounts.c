// Mounting a tmpfs, bind mounts, unmounting busy things; chroot. In a mount namespace of its own on the host.
// unox-test: root=yes
#include "check.h"
#include <sys/mount.h>
#include <sys/statfs.h>

int main(void) {
	workdir();
	(void)!unshare(CLONE_NEWNS); // only to keep the host clean: unox may refuse it
	(void)!mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	MUST(mkdir("m", 0755)); MUST(mkdir("b", 0755)); spill("m/under", "u"); spill("file", "f");
	struct stat st, st2;
	stat("m", &st);
	ERR(mount("tmpfs", "m", "tmpfs", MS_NOSUID, "size=1m,mode=750")); stat("m", &st2); SHOW(st.st_dev == st2.st_dev);
	HEX(st2.st_mode & 07777); ERR(access("m/under", F_OK)); spill("m/inside", "i");
	struct statfs sf; ERR(statfs("m", &sf)); HEX(sf.f_type); SHOW(sf.f_blocks);
	static char big[1 << 16]; int fd = MUST(open("m/big", O_CREAT | O_WRONLY, 0644)); long n, total = 0;
	while ((n = write(fd, big, sizeof big)) > 0) total += n;
	SAY("%s, more than half was written %d", errname(errno), total > (1 << 19) && total <= 1 << 20); close(fd); MUST(unlink("m/big"));
	ERR(statfs("m", &sf)); SHOW(sf.f_bfree > 200);
	ERR(rename("m/inside", "inside")); ERR(link("m/inside", "l")); ERR(rmdir("m")); ERR(rename("m", "n")); ERR(access("m/../file", F_OK));
	fd = MUST(open("m/inside", O_RDONLY)); ERR(umount("m")); close(fd); MUST(chdir("m")); ERR(umount("../m")); MUST(chdir(".."));
	ERR(umount("m")); ERR(umount("m")); ERR(access("m/under", F_OK)); ERR(access("m/inside", F_OK));
	ERR(mount("x", "nope", "tmpfs", 0, NULL)); ERR(mount("x", "file", "tmpfs", 0, NULL)); ERR(mount("x", "m", "nosuchfs", 0, NULL));
	ERR(mount("x", "m", NULL, 0, NULL)); ERR(umount("nope")); ERR(umount2("m", 0x1000)); ERR(mount("x", "m", "tmpfs", 0, "bogus=1"));
	ERR(mount("tmpfs", "m", "tmpfs", MS_RDONLY, NULL)); ERR(open("m/x", O_CREAT | O_WRONLY, 0644)); ERR(mkdir("m/d", 0755));
	ERR(access("m", W_OK)); ERR(mount(NULL, "m", NULL, MS_REMOUNT, NULL)); ERR(mkdir("m/d", 0755)); ERR(umount2("m", MNT_DETACH));
	ERR(mount("m", "b", NULL, MS_BIND, NULL)); ERR(access("b/under", F_OK)); ERR(umount("b"));
	ERR(mount("proc", "m", "proc", 0, NULL)); ERR(access("m/self/stat", R_OK)); ERR(umount("m"));
	// chroot.
	MUST(mkdir("jail", 0755)); MUST(mkdir("jail/in", 0755)); spill("jail/f", "jailed");
	int out = MUST(open(".", O_RDONLY)); ERR(chroot("nope")); ERR(chroot("file")); ERR(chroot("jail")); ERR(chdir("/")); STR(slurp("/f"));
	ERR(access("/../../f", F_OK)); ERR(access("/proc", F_OK)); char b[64]; ERR(getcwd(b, 64) ? 0 : -1); STR(b);
	ERR(faccessat(out, "file", F_OK, 0)); ERR(fchdir(out)); ERR(chroot(".")); ERR(access("/file", F_OK));
	return 0;
}
