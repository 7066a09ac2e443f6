// Extended attributes in the user namespace.
// unox-test: root=yes
#include "check.h"
#include <sys/xattr.h>

int main(void) {
	workdir();
	spill("f", ""); MUST(symlink("f", "l")); MUST(mkdir("d", 0755));
	char b[256];
	ERR(listxattr("f", b, sizeof b)); ERR(getxattr("f", "user.none", b, sizeof b)); ERR(setxattr("f", "user.one", "value", 5, 0));
	ERR(getxattr("f", "user.one", b, sizeof b)); SAY("%.5s", b); ERR(getxattr("f", "user.one", NULL, 0));
	ERR(getxattr("f", "user.one", b, 3));
	ERR(setxattr("f", "user.one", "v2", 2, XATTR_CREATE)); ERR(setxattr("f", "user.two", "v2", 2, XATTR_REPLACE));
	ERR(setxattr("f", "user.one", "new", 3, XATTR_REPLACE)); ERR(setxattr("f", "user.two", "", 0, XATTR_CREATE));
	ERR(getxattr("f", "user.two", b, sizeof b)); ERR(setxattr("f", "user.x", "v", 1, 99));
	long n = listxattr("f", b, sizeof b); SHOW(n); ERR(listxattr("f", b, 5)); ERR(listxattr("f", NULL, 0));
	SHOW(memmem(b, n, "user.one", 9) != NULL); SHOW(memmem(b, n, "user.two", 9) != NULL);
	ERR(removexattr("f", "user.one")); ERR(removexattr("f", "user.one")); ERR(listxattr("f", b, sizeof b));
	ERR(setxattr("f", "nons", "v", 1, 0)); ERR(setxattr("f", "", "v", 1, 0)); ERR(setxattr("f", "user.", "v", 1, 0));
	ERR(setxattr("f", "bogus.x", "v", 1, 0)); ERR(getxattr("f", "bogus.x", b, 9)); ERR(setxattr("nope", "user.x", "v", 1, 0));
	memset(b, 'n', sizeof b); memcpy(b, "user.", 5); b[255] = 0; ERR(setxattr("f", b, "v", 1, 0)); char c[300]; memset(c, 'n', 299);
	memcpy(c, "user.", 5); c[256] = 0; ERR(setxattr("f", c, "v", 1, 0)); static char big[70000];
	ERR(setxattr("f", "user.big", big, 65537, 0)); ERR(setxattr("f", "user.big", (void *)8, 5, 0));
	ERR(setxattr("d", "user.dir", "d", 1, 0)); ERR(getxattr("d", "user.dir", b, 9)); ERR(lsetxattr("l", "user.x", "v", 1, 0));
	ERR(lgetxattr("l", "user.x", b, 9)); ERR(setxattr("l", "user.via", "v", 1, 0)); ERR(getxattr("f", "user.via", b, 9));
	ERR(setxattr("f", "trusted.t", "v", 1, 0)); ERR(getxattr("f", "trusted.t", b, 9));
	ERR(getxattr("f", "system.posix_acl_access", b, 9) < 0); ERR(getxattr("f", "security.capability", b, 9));
	int fd = MUST(open("f", O_RDONLY)); ERR(fsetxattr(fd, "user.fd", "v", 1, 0)); ERR(fgetxattr(fd, "user.fd", b, 9));
	ERR(fremovexattr(fd, "user.fd")); ERR(flistxattr(fd, b, 9) > 0 ? 1 : -1); ERR(fgetxattr(99, "user.fd", b, 9));
	int p = MUST(open("f", O_PATH)); ERR(fgetxattr(p, "user.via", b, 9));
	MUST(link("f", "h")); ERR(getxattr("h", "user.via", b, 9)); MUST(rename("f", "g")); ERR(getxattr("g", "user.via", b, 9));
	MUST(chmod("g", 0600)); MUST(setresuid(65534, 65534, 65534)); ERR(getxattr("g", "user.via", b, 9));
	ERR(setxattr("g", "user.via", "v", 1, 0)); ERR(getxattr("g", "trusted.t", b, 9)); ERR(setxattr("g", "trusted.t", "v", 1, 0));
	return 0;
}
