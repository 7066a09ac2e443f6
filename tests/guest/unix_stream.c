// socketpair(AF_UNIX, SOCK_STREAM): what event loops and servers do to it.
#include "check.h"

static int s[2];
static char big[1 << 20];
static int state(int fd) { struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP }; poll(&p, 1, 0); return p.revents; }
static void *late(void *x) { sleep_ms(30); (void)!write(s[1], "late", 4); return x; }
static void *drain(void *x) { long n, total = 0; static char b[30000]; while ((n = read(s[1], b, sizeof b)) > 0) total += n; (void)x; return (void *)total; }

int main(void) {
	char b[64];
	pthread_t t;
	void *r;
	ERR(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s)); SAY("%d %d", s[0], s[1]); SHOW(fcntl(s[0], F_GETFD));
	HEX(fcntl(s[0], F_GETFL)); HEX(state(s[0]));
	ERR(write(s[0], "hello", 5)); HEX(state(s[1])); ERR(read(s[1], b, 2)); ERR(recv(s[1], b, 64, MSG_PEEK)); ERR(recv(s[1], b, 64, 0));
	SAY("%.3s", b); ERR(recv(s[1], b, 64, MSG_DONTWAIT)); ERR(send(s[1], "back", 4, 0)); ERR(recvfrom(s[0], b, 64, 0, NULL, NULL));
	ERR(send(s[0], "", 0, 0)); ERR(recv(s[1], b, 9, MSG_DONTWAIT));
	MUST(send(s[0], "one", 3, 0)); MUST(send(s[0], "two", 3, 0)); ERR(recv(s[1], b, 4, 0)); ERR(recv(s[1], b, 64, 0));
	pthread_create(&t, NULL, late, NULL); ERR(recv(s[0], b, 64, 0)); pthread_join(t, NULL); pthread_create(&t, NULL, late, NULL);
	ERR(recv(s[0], b, 2, MSG_WAITALL)); ERR(recv(s[0], b, 2, MSG_WAITALL)); pthread_join(t, NULL); MUST(send(s[0], "trunc", 5, 0));
	ERR(recv(s[1], b, 2, MSG_TRUNC)); ERR(recv(s[1], b, 9, 0)); ERR(recv(s[1], b, 1, MSG_OOB | MSG_DONTWAIT) < 0);
	int v, got; socklen_t len = sizeof v;
	ERR(getsockopt(s[0], SOL_SOCKET, SO_TYPE, &v, &len)); SHOW(v); ERR(getsockopt(s[0], SOL_SOCKET, SO_DOMAIN, &v, &len)); SHOW(v);
	ERR(getsockopt(s[0], SOL_SOCKET, SO_ERROR, &v, &len)); SHOW(v); ERR(getsockopt(s[0], SOL_SOCKET, SO_ACCEPTCONN, &v, &len)); SHOW(v);
	ERR(getsockopt(s[0], SOL_SOCKET, SO_PROTOCOL, &v, &len)); SHOW(v); v = 20000;
	ERR(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, sizeof v)); ERR(getsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &got, &len)); SHOW(got);
	ERR(getsockopt(s[0], SOL_SOCKET, 9999, &v, &len)); ERR(setsockopt(s[0], SOL_SOCKET, SO_SNDBUF, &v, 1));
	ERR(setsockopt(s[0], 6, 1, &v, sizeof v)); struct ucred cr; len = sizeof cr; ERR(getsockopt(s[0], SOL_SOCKET, SO_PEERCRED, &cr, &len));
	SHOW(cr.pid == getpid()); SHOW(cr.uid == getuid());
	struct sockaddr_un a; len = sizeof a; ERR(getsockname(s[0], (void *)&a, &len)); SHOW(len); SHOW(a.sun_family); len = sizeof a;
	ERR(getpeername(s[0], (void *)&a, &len)); SHOW(len); ERR(listen(s[0], 1)); ERR(accept(s[0], NULL, NULL));
	a = (struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = "/nope" }; ERR(connect(s[0], (void *)&a, sizeof a));
	ERR(lseek(s[0], 0, SEEK_SET)); ERR(pread(s[0], b, 1, 0));
	// Messages: several pieces, wrong arguments, descriptors.
	struct iovec iov[2] = { { "gather", 6 }, { "ed", 2 } }; struct msghdr m = { .msg_iov = iov, .msg_iovlen = 2 };
	ERR(sendmsg(s[0], &m, 0)); iov[0] = (struct iovec){ b, 3 }; iov[1] = (struct iovec){ b + 3, 10 }; ERR(recvmsg(s[1], &m, 0));
	HEX(m.msg_flags); SAY("%.8s", b); ERR(sendmsg(s[0], (void *)8, 0)); m.msg_iovlen = 2000; ERR(sendmsg(s[0], &m, 0));
	int p[2]; MUST(pipe(p)); union { char buf[CMSG_SPACE(4 * sizeof(int))]; struct cmsghdr h; } c = { 0 };
	iov[0] = (struct iovec){ "fd", 2 };
	m = (struct msghdr){ .msg_iov = iov, .msg_iovlen = 1, .msg_control = c.buf, .msg_controllen = CMSG_SPACE(2 * sizeof(int)) };
	c.h = (struct cmsghdr){ .cmsg_len = CMSG_LEN(2 * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&c.h), p, sizeof p); ERR(sendmsg(s[0], &m, 0)); close(p[0]); close(p[1]);
	iov[0] = (struct iovec){ b, 10 }; m.msg_controllen = sizeof c.buf; ERR(recvmsg(s[1], &m, MSG_CMSG_CLOEXEC));
	struct cmsghdr *h = CMSG_FIRSTHDR(&m); SHOW(h && h->cmsg_type == SCM_RIGHTS); SHOW(h ? h->cmsg_len : 0);
	memcpy(p, CMSG_DATA(h), sizeof p); SAY("%d %d cloexec %d", p[0], p[1], fcntl(p[0], F_GETFD)); ERR(write(p[1], "through", 7));
	ERR(read(p[0], b, 64));
	iov[0] = (struct iovec){ "fd", 2 }; m.msg_controllen = CMSG_SPACE(2 * sizeof(int)); c.h.cmsg_len = CMSG_LEN(2 * sizeof(int));
	memcpy(CMSG_DATA(&c.h), p, sizeof p); ERR(sendmsg(s[0], &m, 0)); iov[0] = (struct iovec){ b, 10 };
	m.msg_controllen = CMSG_SPACE(sizeof(int)) - 4; ERR(recvmsg(s[1], &m, 0)); HEX(m.msg_flags); // room for one only
	c.h.cmsg_len = CMSG_LEN(sizeof(int)); int bad = 99; memcpy(CMSG_DATA(&c.h), &bad, 4); m.msg_controllen = CMSG_SPACE(sizeof(int));
	ERR(sendmsg(s[0], &m, 0)); c.h.cmsg_len = 3; ERR(sendmsg(s[0], &m, 0)); c.h.cmsg_len = CMSG_LEN(sizeof(int)); c.h.cmsg_type = 99;
	ERR(sendmsg(s[0], &m, 0));
	v = 1; ERR(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &v, sizeof v)); MUST(send(s[0], "cred", 4, 0)); m.msg_controllen = sizeof c.buf;
	ERR(recvmsg(s[1], &m, 0)); h = CMSG_FIRSTHDR(&m); SHOW(h && h->cmsg_type == SCM_CREDENTIALS);
	SHOW(h && ((struct ucred *)CMSG_DATA(h))->pid == getpid()); v = 0; setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &v, sizeof v);
	// Full, then drained; a megabyte; shutdown; reset.
	fcntl(s[0], F_SETFL, O_NONBLOCK); long total = 0, n; while ((n = write(s[0], big, 4096)) > 0) total += n;
	SAY("full: %s, some %d", errname(errno), total >= 4096); HEX(state(s[0])); ERR(ioctl(s[1], FIONREAD, &v)); SHOW(v == total);
	fcntl(s[0], F_SETFL, 0); pthread_create(&t, NULL, drain, NULL); ERR(write(s[0], big, sizeof big)); ERR(shutdown(s[0], SHUT_WR));
	pthread_join(t, &r); SHOW((long)r == total + (long)sizeof big);
	ERR(write(s[1], "still this way", 14)); ERR(read(s[0], b, 64)); HEX(state(s[0])); HEX(state(s[1])); signal(SIGPIPE, SIG_IGN);
	ERR(write(s[0], "x", 1)); ERR(send(s[0], "x", 1, MSG_NOSIGNAL)); ERR(shutdown(s[0], 9)); ERR(shutdown(s[1], SHUT_RD));
	ERR(shutdown(s[1], SHUT_RDWR)); HEX(state(s[0])); ERR(write(s[1], "x", 1)); ERR(read(s[0], b, 1));
	close(s[0]); close(s[1]); MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s)); MUST(write(s[0], "unread", 6)); close(s[1]); HEX(state(s[0]));
	ERR(read(s[0], b, 9)); ERR(read(s[0], b, 9)); ERR(write(s[0], "x", 1)); close(s[0]);
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s)); MUST(write(s[0], "last words", 10)); close(s[0]); ERR(read(s[1], b, 64));
	ERR(read(s[1], b, 64)); close(s[1]);
	struct timeval tv = { 0, 20000 }; MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, s)); HEX(fcntl(s[0], F_GETFL));
	ERR(read(s[0], b, 1)); fcntl(s[0], F_SETFL, 0); ERR(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv)); ERR(read(s[0], b, 1));
	tv.tv_usec = 1000000; ERR(setsockopt(s[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv));
	ERR(socketpair(AF_UNIX, 77, 0, s)); ERR(socketpair(AF_UNIX, SOCK_STREAM, 9, s)); ERR(socketpair(9999, SOCK_STREAM, 0, s));
	ERR(socketpair(AF_UNIX, SOCK_STREAM, 0, (void *)8)); ERR(send(p[0], "x", 1, 0)); ERR(recv(99, b, 1, 0));
	ERR(getsockopt(p[0], SOL_SOCKET, SO_TYPE, &v, &len)); ERR(socket(9999, SOCK_STREAM, 0)); ERR(shutdown(p[0], SHUT_RD));
	return 0;
}
