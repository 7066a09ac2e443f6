// read and write in all their forms; offsets, vectors, holes, limits.
#include "check.h"

int main(void) {
	workdir();
	char b[64] = { 0 };
	int fd = MUST(open("f", O_RDWR | O_CREAT, 0644));
	ERR(write(fd, "0123456789", 10)); ERR(read(fd, b, 5)); ERR(lseek(fd, 3, SEEK_SET)); ERR(read(fd, b, 4)); SAY("%.4s", b);
	ERR(lseek(fd, -2, SEEK_CUR)); ERR(lseek(fd, -1, SEEK_END)); ERR(lseek(fd, -100, SEEK_CUR)); ERR(lseek(fd, 0, 99));
	ERR(lseek(fd, -1, SEEK_SET)); ERR(lseek(fd, 100, SEEK_END)); ERR(read(fd, b, 1));
	ERR(lseek(fd, LLONG_MAX, SEEK_SET)); ERR(lseek(fd, 1, SEEK_CUR));
	ERR(pread(fd, b, 3, 8)); ERR(pread(fd, b, 3, 10)); ERR(pread(fd, b, 3, -1)); ERR(pwrite(fd, b, 3, -1)); ERR(pread(fd, b, 0, 0));
	ERR(read(fd, NULL, 0)); ERR(write(fd, NULL, 0));
	ERR(pwrite(fd, "X", 1, 20)); ERR(pread(fd, b, 20, 8)); for (int i = 0; i < 13; i++) printf("%02x ", b[i]); puts("");
	ERR(lseek(fd, 0, SEEK_SET));
	struct iovec v[4] = { { "abc", 3 }, { "", 0 }, { "defg", 4 }, { "h", 1 } };
	ERR(writev(fd, v, 4)); ERR(lseek(fd, 0, SEEK_CUR)); ERR(writev(fd, v, 0)); ERR(writev(fd, v, -1)); ERR(writev(fd, v, 1025));
	ERR(writev(fd, NULL, 1));
	char x[4], y[4];
	struct iovec r[2] = { { x, 4 }, { y, 4 } };
	ERR(lseek(fd, 2, SEEK_SET)); ERR(readv(fd, r, 2)); SAY("%.4s %.4s", x, y);
	ERR(preadv(fd, r, 2, 0)); SAY("%.4s %.4s", x, y); ERR(preadv(fd, r, 2, -1)); ERR(pwritev(fd, v, 4, 30)); ERR(preadv2(fd, r, 2, 30, 0));
	SAY("%.4s %.4s", x, y);
	ERR(preadv2(fd, r, 2, -1, 0)); ERR(preadv2(fd, r, 2, 0, 0x4000)); ERR(pwritev2(fd, v, 1, 0, RWF_APPEND)); ERR(lseek(fd, 0, SEEK_END));
	ERR(pwritev2(fd, v, 1, 0, RWF_DSYNC));
	struct iovec bad[2] = { { "ok", 2 }, { (void *)8, 5 } };
	ERR(writev(fd, bad, 2)); bad[1].iov_len = SIZE_MAX; ERR(writev(fd, bad, 2)); bad[0].iov_base = (void *)8; ERR(writev(fd, bad, 1));
	struct iovec huge[2] = { { b, SSIZE_MAX }, { b, 1 } };
	ERR(readv(fd, huge, 2));
	ERR(read(99, b, 1)); ERR(write(99, b, 1)); ERR(pread(99, b, 1, 0)); ERR(lseek(99, 0, SEEK_SET)); ERR(read(-1, b, 1)); ERR(readv(99, r, 2));
	// Across many pages and back.
	static char big[1 << 20], back[1 << 20];
	for (size_t i = 0; i < sizeof big; i++) big[i] = (char)(i * 7 + (i >> 8) * 3);
	ERR(pwrite(fd, big, sizeof big, 12345)); ERR(pread(fd, back, sizeof back, 12345)); SHOW(memcmp(big, back, sizeof big));
	ERR(pread(fd, back, sizeof back, 12345 + 777777)); SHOW(memcmp(big + 777777, back, sizeof big - 777777));
	int step = 0, same = 1;
	MUST(lseek(fd, 12345, SEEK_SET));
	for (size_t at = 0; at < sizeof big; at += step) { step = read(fd, back, 4099); if (step <= 0) break; same &= !memcmp(back, big + at, step); }
	SHOW(same);
	// Holes.
	int h = MUST(open("h", O_RDWR | O_CREAT | O_TRUNC, 0644));
	MUST(pwrite(h, "a", 1, 0)); MUST(pwrite(h, "b", 1, 1 << 20)); MUST(ftruncate(h, 2 << 20));
	struct stat st;
	fstat(h, &st);
	SHOW(st.st_size); SHOW(st.st_blocks); SHOW(st.st_blksize);
	ERR(lseek(h, 0, SEEK_DATA)); ERR(lseek(h, 0, SEEK_HOLE)); ERR(lseek(h, 5000, SEEK_DATA)); ERR(lseek(h, 1 << 20, SEEK_HOLE));
	ERR(lseek(h, (1 << 20) + 5000, SEEK_DATA)); ERR(lseek(h, 2 << 20, SEEK_HOLE)); ERR(lseek(h, 3 << 20, SEEK_DATA));
	ERR(lseek(h, -1, SEEK_DATA)); ERR(lseek(h, 5000, SEEK_HOLE));
	// truncate.
	ERR(ftruncate(h, -1)); ERR(truncate("h", 10)); fstat(h, &st); SHOW(st.st_size); SHOW(st.st_blocks); ERR(pread(h, b, 64, 0)); SHOW(b[0]);
	SHOW(b[9]);
	ERR(truncate("nope", 1)); ERR(truncate(".", 1)); ERR(ftruncate(MUST(open("h", O_RDONLY)), 1)); ERR(ftruncate(99, 1)); int p[2];
	MUST(pipe(p)); ERR(ftruncate(p[1], 1)); ERR(truncate("h", -5)); ERR(truncate("", 1));
	ERR(lseek(p[0], 0, SEEK_SET)); ERR(pread(p[0], b, 1, 0)); ERR(pwrite(p[1], b, 1, 0)); ERR(preadv(p[0], r, 1, 0));
	// fallocate.
	ERR(fallocate(h, 0, 0, 8192)); fstat(h, &st); SHOW(st.st_size); SHOW(st.st_blocks);
	ERR(fallocate(h, FALLOC_FL_KEEP_SIZE, 8192, 8192)); fstat(h, &st); SHOW(st.st_size); SHOW(st.st_blocks);
	ERR(fallocate(h, FALLOC_FL_PUNCH_HOLE, 0, 4096)); ERR(fallocate(h, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096)); fstat(h, &st);
	SHOW(st.st_blocks); ERR(lseek(h, 0, SEEK_DATA));
	ERR(fallocate(h, 0, 0, 0)); ERR(fallocate(h, 0, -1, 10)); ERR(fallocate(h, 0, 0, -10)); ERR(fallocate(h, 0x1000, 0, 10));
	ERR(fallocate(p[1], 0, 0, 10)); ERR(fallocate(99, 0, 0, 10)); ERR(fallocate(h, 0, LLONG_MAX, 10));
	ERR(fallocate(MUST(open("h", O_RDONLY)), 0, 0, 10)); ERR(fallocate(MUST(open(".", O_RDONLY)), 0, 0, 10));
	ERR(posix_fadvise(h, 0, 0, POSIX_FADV_WILLNEED)); ERR(syscall(SYS_fadvise64, h, 0, 0, 99)); ERR(syscall(SYS_fadvise64, p[0], 0, 0, 0));
	ERR(readahead(h, 0, 4096)); ERR(fsync(h)); ERR(fdatasync(h)); ERR(fsync(p[0])); ERR(fsync(99)); ERR(syncfs(h));
	ERR(sync_file_range(h, 0, 0, 0));
	// O_DIRECT on aligned buffers.
	char *al = aligned_alloc(4096, 8192);
	memset(al, 'd', 8192);
	int dfd = open("direct", O_RDWR | O_CREAT | O_DIRECT, 0644);
	SHOW(dfd >= 0); ERR(write(dfd, al, 8192)); ERR(pread(dfd, al, 4096, 4096)); SHOW(al[0]); HEX(fcntl(dfd, F_GETFL) & O_DIRECT);
	return 0;
}
