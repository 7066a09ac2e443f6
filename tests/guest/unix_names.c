// Names that Unix sockets show: lengths for unnamed and bound ones, at receives and by getsockname and getpeername; an abstract name belongs to one type.
#include "check.h"
static void names(int type, const char *title) {
	int s[2]; char b[8]; struct sockaddr_un a; socklen_t n;
	SAY("-- %s", title);
	MUST(socketpair(AF_UNIX, type, 0, s));
	struct iovec v = { b, 8 };
	struct msghdr m = { .msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &v, .msg_iovlen = 1 };
	MUST(send(s[0], "x", 1, 0)); ERR(recvmsg(s[1], &m, 0)); SHOW(m.msg_namelen);
	MUST(send(s[0], "x", 1, 0)); n = sizeof a; ERR(recvfrom(s[1], b, 8, 0, (void *)&a, &n)); SHOW(n);
	struct mmsghdr mm = { .msg_hdr = { .msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &v, .msg_iovlen = 1 } };
	MUST(send(s[0], "x", 1, 0)); ERR(recvmmsg(s[1], &mm, 1, 0, NULL)); SHOW(mm.msg_hdr.msg_namelen);
	n = sizeof a; ERR(getsockname(s[0], (void *)&a, &n)); SHOW(n); SHOW(a.sun_family == AF_UNIX);
	n = sizeof a; ERR(getpeername(s[0], (void *)&a, &n)); SHOW(n);
	n = 1; ERR(getpeername(s[0], (void *)&a, &n)); SHOW(n);
	n = -1; ERR(getpeername(s[0], (void *)&a, &n));
	n = 0; MUST(send(s[0], "x", 1, 0)); ERR(recvfrom(s[1], b, 8, 0, (void *)&a, &n)); SHOW(n);
	n = -1; MUST(send(s[0], "x", 1, 0)); ERR(recvfrom(s[1], b, 8, 0, (void *)&a, &n)); SHOW(n);
	close(s[0]); n = sizeof a; ERR(recvfrom(s[1], b, 8, MSG_DONTWAIT, (void *)&a, &n)); SHOW(n);
	m.msg_namelen = sizeof a; ERR(recvmsg(s[1], &m, MSG_DONTWAIT)); SHOW(m.msg_namelen);
	close(s[1]);
}
// The sockets stay open: the next type binds the same names.
static void bound(int type, const char *title) {
	struct sockaddr_un a = { AF_UNIX, "\0unox-test-a" }, b = { AF_UNIX, "\0unox-test-b" }; socklen_t n;
	char buf[8]; struct iovec v = { buf, 8 };
	SAY("-- %s", title);
	int x = MUST(socket(AF_UNIX, type, 0)), y = MUST(socket(AF_UNIX, type, 0));
	MUST(bind(x, (void *)&a, 15)); if (type != SOCK_DGRAM) MUST(listen(x, 5)); MUST(bind(y, (void *)&b, 14)); MUST(connect(y, (void *)&a, 15));
	int t = type == SOCK_DGRAM ? x : MUST(accept(x, NULL, NULL));
	struct msghdr m = { .msg_name = &a, .msg_namelen = sizeof a, .msg_iov = &v, .msg_iovlen = 1 };
	MUST(send(y, "x", 1, 0)); ERR(recvmsg(t, &m, 0)); SHOW(m.msg_namelen);
	MUST(send(y, "x", 1, 0)); n = sizeof a; ERR(recvfrom(t, buf, 8, 0, (void *)&a, &n)); SHOW(n);
	n = sizeof a; ERR(getsockname(y, (void *)&a, &n)); SHOW(n); n = sizeof a; ERR(getpeername(y, (void *)&a, &n)); SHOW(n);
	n = sizeof a; ERR(getsockname(t, (void *)&a, &n)); SHOW(n);
}
int main(void) {
	names(SOCK_STREAM, "stream"); names(SOCK_DGRAM, "dgram"); names(SOCK_SEQPACKET, "seqpacket");
	bound(SOCK_STREAM, "stream"); bound(SOCK_DGRAM, "dgram"); bound(SOCK_SEQPACKET, "seqpacket");
	return 0;
}
