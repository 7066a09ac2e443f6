/* System calls by name, by number, and one of our own. */
#include "check.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <uk/random.h>
#include <uk/syscall.h>

UK_SYSCALL_R_DEFINE(int, frobnicate, int, a, const char *, text)
{
	return text ? a + (int)strlen(text) : -EINVAL;
}

UK_LLSYSCALL_R_DEFINE(long, frob_none)
{
	return 42;
}

UK_SYSCALL_DEFINE(long, frob_all, long, a, int, b, char, c, short, d, unsigned char, e, void *, f)
{
	if (!f) {
		errno = ENOENT;
		return -1;
	}
	return a + b + c + d + e;
}

void check_calls(void)
{
	CHECK(uk_syscall_r_close(-1) == -EBADF);
	errno = 0;
	CHECK(uk_syscall_e_close(-1) == -1 && errno == EBADF);
	CHECK(uk_syscall_r_getppid() >= 0 && uk_syscall_r_write(1, (long)"", 0) == 0);
	CHECK(frobnicate(2, "abc") == 5 && uk_syscall_r_frobnicate(2, 0) == -EINVAL);
	errno = 0;
	CHECK(frobnicate(2, NULL) == -1 && errno == EINVAL);
	CHECK(uk_syscall_r_frob_none() == 42 && uk_syscall_e_frob_none() == 42);
	errno = 0;
	CHECK(frob_all(1, 2, 3, 4, 5, &errno) == 15 && uk_syscall_r_frob_all(1, 2, 3, 4, 5, 0) == -ENOENT && errno == 0);
	CHECK(uk_syscall_r(SYS_close, -1) == -EBADF && uk_syscall(SYS_getppid) >= 0);
	uint64_t a = uk_random_u64(), b = uk_random_u64();
	CHECK(a != b);
}
