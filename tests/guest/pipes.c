// Pipes and FIFOs: capacity, atomicity, end of file, SIGPIPE, non-blocking, poll states, packets, opening order.
#include "check.h"

static volatile int sigpipes;
static void on(int s) { (void)s; sigpipes++; }
static char big[1 << 17];
static int fds[2];
static void *drain(void *p) { long total = 0, n; (void)p; while ((n = read(fds[0], big, 5000)) > 0) total += n; return (void *)total; }
static void *open_writer(void *p) { sleep_ms(30); return (void *)(long)open(p, O_WRONLY); }
static void *late_write(void *p) { sleep_ms(30); (void)!write((int)(long)p, "late", 4); return NULL; }
static void *late_close(void *p) { sleep_ms(30); close((int)(long)p); return NULL; }
static int state(int fd, int ev) { struct pollfd p = { .fd = fd, .events = ev }; poll(&p, 1, 0); return p.revents; }

int main(void) {
	workdir();
	char b[64];
	int p[2];
	pthread_t t;
	void *r;
	MUST(pipe(p));
	SAY("%d %d", p[0], p[1]);
	HEX(state(p[0], POLLIN)); HEX(state(p[1], POLLOUT)); HEX(state(p[0], POLLOUT | POLLIN)); HEX(state(p[1], POLLIN));
	ERR(write(p[1], "abcdef", 6)); HEX(state(p[0], POLLIN)); ERR(read(p[0], b, 4)); ERR(read(p[0], b, 64)); ERR(write(p[0], "x", 1));
	ERR(read(p[1], b, 1)); ERR(read(p[0], b, 0)); ERR(write(p[1], b, 0));
	// Blocks until there is something; sees the end when the last writer goes.
	pthread_create(&t, NULL, late_write, (void *)(long)p[1]); ERR(read(p[0], b, 64)); pthread_join(t, NULL);
	int d = dup(p[1]); close(p[1]); pthread_create(&t, NULL, late_close, (void *)(long)d); ERR(read(p[0], b, 64)); pthread_join(t, NULL);
	HEX(state(p[0], POLLIN)); ERR(read(p[0], b, 64)); close(p[0]);
	MUST(pipe(p)); MUST(write(p[1], "left", 4)); close(p[1]); HEX(state(p[0], POLLIN)); ERR(read(p[0], b, 64)); ERR(read(p[0], b, 64));
	close(p[0]);
	// No reader.
	MUST(pipe(p)); close(p[0]); signal(SIGPIPE, on); ERR(write(p[1], "x", 1)); SHOW(sigpipes); signal(SIGPIPE, SIG_IGN);
	ERR(write(p[1], "x", 1)); HEX(state(p[1], POLLOUT)); close(p[1]);
	// Capacity and O_NONBLOCK: 65536 bytes in 16 pages; a write of up to PIPE_BUF is whole or nothing.
	MUST(pipe2(p, O_NONBLOCK)); ERR(read(p[0], b, 1)); ERR(write(p[1], big, sizeof big)); ERR(write(p[1], big, 1));
	HEX(state(p[1], POLLOUT)); ERR(read(p[0], big, 100)); HEX(state(p[1], POLLOUT)); ERR(write(p[1], big, 1)); ERR(read(p[0], big, 3996));
	HEX(state(p[1], POLLOUT)); ERR(write(p[1], big, 4096)); ERR(write(p[1], big, 4097)); ERR(read(p[0], big, sizeof big));
	ERR(read(p[0], big, sizeof big));
	for (int i = 0; i < 20; i++) if (write(p[1], "y", 1) != 1) { SAY("single writes stop at %d", i); break; } // small writes share a page
	close(p[0]); close(p[1]);
	MUST(pipe(p)); ERR(fcntl(p[1], F_SETPIPE_SZ, 4096)); ERR(fcntl(p[1], F_SETFL, O_NONBLOCK)); ERR(write(p[1], big, 10000));
	ERR(fcntl(p[1], F_SETPIPE_SZ, 65536)); ERR(write(p[1], big, 10000)); ERR(fcntl(p[1], F_SETPIPE_SZ, 4096)); close(p[0]); close(p[1]);
	// A megabyte through, against a slow reader.
	MUST(pipe(fds)); pthread_create(&t, NULL, drain, NULL); long total = 0;
	for (int i = 0; i < 8; i++) total += MUST(write(fds[1], big, sizeof big)); close(fds[1]); pthread_join(t, &r); SHOW(total);
	SHOW((long)r); close(fds[0]);
	// Packets.
	MUST(pipe2(p, O_DIRECT)); MUST(write(p[1], "one", 3)); MUST(write(p[1], "second", 6)); ERR(read(p[0], b, 64)); ERR(read(p[0], b, 2));
	ERR(fcntl(p[0], F_SETFL, O_NONBLOCK)); ERR(read(p[0], b, 64)); close(p[0]); close(p[1]);
	// FIFOs.
	MUST(mkfifo("f", 0644)); ERR(open("f", O_WRONLY | O_NONBLOCK)); int rd, wr; ERR(rd = open("f", O_RDONLY | O_NONBLOCK));
	HEX(state(rd, POLLIN)); ERR(read(rd, b, 1)); ERR(wr = open("f", O_WRONLY | O_NONBLOCK)); ERR(read(rd, b, 1)); ERR(write(wr, "fifo", 4));
	HEX(state(rd, POLLIN)); close(wr); HEX(state(rd, POLLIN)); ERR(read(rd, b, 64)); ERR(read(rd, b, 64)); HEX(state(rd, POLLIN));
	ERR(lseek(rd, 0, SEEK_SET)); close(rd);
	pthread_create(&t, NULL, open_writer, "f"); ERR(rd = open("f", O_RDONLY)); pthread_join(t, &r); wr = (long)r; SHOW(wr);
	ERR(write(wr, "x", 1)); ERR(read(rd, b, 9)); close(rd); ERR(write(wr, "x", 1)); close(wr);
	ERR(rd = open("f", O_RDWR)); ERR(write(rd, "self", 4)); ERR(read(rd, b, 9)); struct stat st; fstat(rd, &st); HEX(st.st_mode & S_IFMT);
	close(rd); ERR(open("f", O_RDONLY | O_NONBLOCK | O_DIRECTORY)); ERR(open("f", O_PATH) >= 0); ERR(truncate("f", 0)); ERR(unlink("f"));
	// The two ends, opened again through /proc.
	MUST(pipe(p)); char name[32]; snprintf(name, sizeof name, "/proc/self/fd/%d", p[1]); int again = open(name, O_WRONLY); SHOW(again >= 0);
	MUST(write(again, "via proc", 8)); ERR(read(p[0], b, 64)); ssize_t n = readlink(name, b, 63); b[n > 0 ? 5 : 0] = 0; STR(b);
	return 0;
}
