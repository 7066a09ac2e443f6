// socketpair(AF_UNIX) with SOCK_DGRAM and SOCK_SEQPACKET: message borders, truncation, ends; sendmmsg and recvmmsg.
#include "check.h"

static void both(int type, const char *name) {
	int s[2];
	char b[64];
	SAY("-- %s", name);
	MUST(socketpair(AF_UNIX, type, 0, s));
	MUST(send(s[0], "one", 3, 0)); MUST(send(s[0], "second", 6, 0)); MUST(send(s[0], "", 0, 0)); MUST(send(s[0], "end", 3, 0));
	int n; ERR(ioctl(s[1], FIONREAD, &n)); SHOW(n);
	ERR(recv(s[1], b, 64, 0)); ERR(recv(s[1], b, 2, MSG_PEEK)); ERR(recv(s[1], b, 2, MSG_PEEK | MSG_TRUNC)); struct iovec v = { b, 3 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 }; ERR(recvmsg(s[1], &m, 0)); HEX(m.msg_flags); ERR(recv(s[1], b, 64, 0));
	ERR(recv(s[1], b, 64, 0)); ERR(recv(s[1], b, 64, MSG_DONTWAIT));
	struct iovec out[3] = { { "a", 1 }, { "bb", 2 }, { "ccc", 3 } };
	struct mmsghdr mm[3] = { { { .msg_iov = &out[0], .msg_iovlen = 1 }, 0 }, { { .msg_iov = &out[1], .msg_iovlen = 1 }, 0 }, { { .msg_iov = &out[2], .msg_iovlen = 1 }, 0 } };
	ERR(sendmmsg(s[0], mm, 3, 0)); SAY("%u %u %u", mm[0].msg_len, mm[1].msg_len, mm[2].msg_len); char in[4][8]; struct iovec iv[4];
	struct mmsghdr rm[4] = { 0 };
	for (int i = 0; i < 4; i++) { iv[i] = (struct iovec){ in[i], 8 }; rm[i].msg_hdr.msg_iov = &iv[i]; rm[i].msg_hdr.msg_iovlen = 1; }
	ERR(recvmmsg(s[1], rm, 4, MSG_DONTWAIT, NULL)); SAY("%u %u %u %.3s", rm[0].msg_len, rm[1].msg_len, rm[2].msg_len, in[2]);
	MUST(send(s[0], "w", 1, 0)); ERR(recvmmsg(s[1], rm, 4, MSG_WAITFORONE, NULL));
	static char big[1 << 20]; ERR(send(s[0], big, sizeof big, MSG_DONTWAIT)); // larger than the buffer
	fcntl(s[0], F_SETFL, O_NONBLOCK); int sent = 0; while (send(s[0], "fill", 4, 0) > 0) sent++;
	SAY("then %s, some %d", errname(errno), sent > 5); struct pollfd p = { .fd = s[0], .events = POLLOUT }; ERR(poll(&p, 1, 0));
	while (recv(s[1], b, 64, MSG_DONTWAIT) > 0) {} ERR(poll(&p, 1, 0));
	MUST(send(s[0], "left", 4, 0)); signal(SIGPIPE, SIG_IGN); close(s[0]); p = (struct pollfd){ s[1], POLLIN | POLLRDHUP, 0 };
	ERR(poll(&p, 1, 0)); HEX(p.revents); ERR(recv(s[1], b, 64, MSG_DONTWAIT)); ERR(recv(s[1], b, 64, MSG_DONTWAIT));
	ERR(send(s[1], "x", 1, 0)); close(s[1]);
}

int main(void) {
	both(SOCK_DGRAM, "dgram");
	both(SOCK_SEQPACKET, "seqpacket");
	return 0;
}
