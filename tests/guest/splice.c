// sendfile, splice, tee, vmsplice, copy_file_range.
#include "check.h"
#include <sys/sendfile.h>

static char buf[100000];
static int fill(const char *name, size_t n) { int fd = MUST(open(name, O_RDWR | O_CREAT | O_TRUNC, 0644)); for (size_t i = 0; i < n; i++) buf[i] = (char)('a' + i % 26); MUST(write(fd, buf, n)); MUST(lseek(fd, 0, SEEK_SET)); return fd; }

int main(void) {
	workdir();
	int in = fill("in", 20000), out = MUST(open("out", O_RDWR | O_CREAT | O_TRUNC, 0644)), p[2], q[2];
	MUST(pipe(p)); MUST(pipe(q));
	off_t off = 5;
	ERR(sendfile(out, in, NULL, 100)); SHOW(lseek(in, 0, SEEK_CUR)); ERR(sendfile(out, in, &off, 100)); SHOW(off);
	SHOW(lseek(in, 0, SEEK_CUR)); SHOW(lseek(out, 0, SEEK_CUR));
	ERR(sendfile(p[1], in, &off, 10)); ERR(read(p[0], buf, 100)); SAY("%.10s", buf); off = 19990; ERR(sendfile(out, in, &off, 100));
	ERR(sendfile(out, in, &off, 100)); off = -1; ERR(sendfile(out, in, &off, 1)); ERR(sendfile(out, p[0], NULL, 1));
	ERR(sendfile(99, in, NULL, 1)); ERR(sendfile(out, 99, NULL, 1)); ERR(sendfile(in, out, (void *)8, 1));
	int ro = MUST(open("in", O_RDONLY)); ERR(sendfile(ro, in, NULL, 1)); int ap = MUST(open("out", O_WRONLY | O_APPEND));
	ERR(sendfile(ap, in, NULL, 10)); ERR(sendfile(out, in, NULL, 0));
	// splice.
	loff_t o = 26; 
	ERR(splice(in, &o, p[1], NULL, 50, 0)); SHOW(o); ERR(tee(p[0], q[1], 20, 0)); ERR(read(q[0], buf, 100)); SAY("%.20s", buf);
	ERR(splice(p[0], NULL, q[1], NULL, 10, 0)); ERR(read(q[0], buf, 100)); SAY("%.10s", buf);
	o = 1000; ERR(splice(p[0], NULL, out, &o, 100, 0)); SHOW(o); ERR(pread(out, buf, 40, 1000)); SAY("%.40s", buf);
	ERR(splice(p[0], NULL, out, NULL, 10, SPLICE_F_NONBLOCK)); ERR(splice(in, NULL, out, NULL, 10, 0));
	ERR(splice(p[0], NULL, p[1], NULL, 10, 0)); ERR(splice(p[0], &o, out, NULL, 10, 0)); ERR(splice(in, NULL, p[1], NULL, 10, 0x100));
	ERR(splice(99, NULL, p[1], NULL, 1, 0)); ERR(splice(in, NULL, p[1], NULL, 0, 0)); o = 20000; ERR(splice(in, &o, p[1], NULL, 10, 0));
	ERR(tee(p[0], p[1], 1, 0)); ERR(tee(in, p[1], 1, 0)); ERR(tee(p[0], q[1], 5, SPLICE_F_NONBLOCK));
	ERR(splice(p[1], NULL, out, NULL, 1, 0)); ERR(splice(p[0], NULL, ap, NULL, 1, 0));
	o = 0; ERR(splice(in, &o, p[1], NULL, 1 << 20, SPLICE_F_NONBLOCK) > 0); ERR(fcntl(p[1], F_SETFL, O_NONBLOCK));
	while (write(p[1], buf, 4096) > 0) {} o = 0; ERR(splice(in, &o, p[1], NULL, 4096, SPLICE_F_NONBLOCK)); close(p[0]);
	signal(SIGPIPE, SIG_IGN); ERR(splice(in, &o, p[1], NULL, 10, 0));
	struct iovec v = { "gift", 4 };
	ERR(vmsplice(q[1], &v, 1, 0)); ERR(read(q[0], buf, 10)); SAY("%.4s", buf); ERR(vmsplice(in, &v, 1, 0));
	// copy_file_range.
	loff_t a = 3, b = 0; MUST(ftruncate(out, 0));
	ERR(copy_file_range(in, &a, out, &b, 100, 0)); SHOW(a); SHOW(b); ERR(pread(out, buf, 5, 0)); SAY("%.5s", buf); a = 19000; b = 200;
	ERR(copy_file_range(in, &a, out, &b, 5000, 0)); ERR(copy_file_range(in, &a, out, &b, 5000, 0)); ERR(lseek(out, 0, SEEK_END));
	MUST(lseek(in, 0, SEEK_SET)); MUST(lseek(out, 0, SEEK_SET)); ERR(copy_file_range(in, NULL, out, NULL, 26, 0));
	SHOW(lseek(in, 0, SEEK_CUR)); a = 0; b = 5000; ERR(copy_file_range(in, &a, in, &b, 100, 0)); a = 0; b = 50;
	ERR(copy_file_range(in, &a, in, &b, 100, 0)); ERR(copy_file_range(in, &a, out, &b, 10, 1));
	ERR(copy_file_range(in, NULL, ro, NULL, 10, 0)); ERR(copy_file_range(in, NULL, ap, NULL, 10, 0));
	ERR(copy_file_range(in, NULL, q[1], NULL, 10, 0)); int d = MUST(open(".", O_RDONLY)); ERR(copy_file_range(d, NULL, out, NULL, 10, 0));
	ERR(copy_file_range(99, NULL, out, NULL, 10, 0)); a = -1; ERR(copy_file_range(in, &a, out, &b, 10, 0));
	// Everything through a pipe in one loop, as cp and cat may do it.
	int big = fill("big", 100000), copy = MUST(open("copy", O_RDWR | O_CREAT, 0644)), r[2]; MUST(pipe(r)); long n, total = 0;
	while ((n = splice(big, NULL, r[1], NULL, 30000, 0)) > 0) while (n > 0) { long m = MUST(splice(r[0], NULL, copy, NULL, n, 0)); n -= m; total += m; }
	SHOW(total); static char back[100000]; MUST(pread(copy, back, 100000, 0)); SHOW(memcmp(back, buf, 100000));
	return 0;
}
