/* What musl 1.2.3 does not declare and the programs of tests/guest use; the calls go by number, as in a program that does not wait for its C library. */
#include <stddef.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <linux/stat.h>

#define RWF_HIPRI 1
#define RWF_DSYNC 2
#define RWF_SYNC 4
#define RWF_NOWAIT 8
#define RWF_APPEND 16
#define PR_SET_VMA 0x53564d41
#define PR_SET_VMA_ANON_NAME 0

static inline __attribute__((__unused__)) int statx(int dir, const char *path, int flags, unsigned mask, struct statx *into)
{
	return syscall(SYS_statx, dir, path, flags, mask, into);
}

static inline __attribute__((__unused__)) ssize_t preadv2(int fd, const struct iovec *pieces, int count, off_t at, int flags)
{
	return syscall(SYS_preadv2, fd, pieces, count, at, 0L, flags);
}

static inline __attribute__((__unused__)) ssize_t pwritev2(int fd, const struct iovec *pieces, int count, off_t at, int flags)
{
	return syscall(SYS_pwritev2, fd, pieces, count, at, 0L, flags);
}
