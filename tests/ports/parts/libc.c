/* The parts of the C library. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <uk/config.h>
#if CONFIG_LIBMUSL_AIO
#include <aio.h>
#endif
#if CONFIG_LIBMUSL_COMPLEX
#include <complex.h>
#endif
#if CONFIG_LIBMUSL_CRYPT
#include <crypt.h>
#endif
#if CONFIG_LIBMUSL_ICONV
#include <iconv.h>
#endif
#if CONFIG_LIBMUSL_IPC
#include <sys/shm.h>
#endif
#if CONFIG_LIBMUSL_LEGACY
#include <err.h>
#endif
#if CONFIG_LIBMUSL_MQ
#include <mqueue.h>
#endif
#if CONFIG_LIBMUSL_NETWORK
#include <netdb.h>
#endif
#if CONFIG_LIBMUSL_PASSWD
#include <pwd.h>
#endif
#if CONFIG_LIBMUSL_REGEX
#include <regex.h>
#endif
#if CONFIG_LIBMUSL_SEARCH
#include <search.h>
#endif
#if CONFIG_LIBMUSL_TERMIOS
#include <termios.h>
#endif
#include "parts.h"

/* Uses whose outcome does not matter: that they are linked does. */
#define USE(name, ...) \
	static int name##_part(void) \
	{ \
		__VA_ARGS__; \
		return 0; \
	}

#if CONFIG_LIBMUSL_AIO
USE(aio, struct aiocb block = { .aio_fildes = -1 }; aio_read(&block))
#endif
#if CONFIG_LIBMUSL_COMPLEX
static volatile double angle = 1;
USE(complex, angle = creal(cexp(angle * I)))
#endif
#if CONFIG_LIBMUSL_CRYPT
USE(crypt, crypt("word", "$6$salt"))
#endif
#if CONFIG_LIBMUSL_ICONV
USE(iconv, iconv_t way = iconv_open("UTF-8", "GB18030"); char out[8], *to = out, *from = "x"; size_t left = 1, room = 8; iconv(way, &from, &left, &to, &room))
#endif
#if CONFIG_LIBMUSL_IPC
USE(ipc, shmget(IPC_PRIVATE, 1, 0))
#endif
#if CONFIG_LIBMUSL_LEGACY
USE(legacy, warnx("a warning of the application's"))
#endif
#if CONFIG_LIBMUSL_MQ
USE(mq, mq_open("/parts", 0))
#endif
#if CONFIG_LIBMUSL_NETWORK
USE(network, struct addrinfo *list; getaddrinfo("127.0.0.1", NULL, NULL, &list))
#endif
#if CONFIG_LIBMUSL_PASSWD
USE(passwd, getpwnam("root"))
#endif
#if CONFIG_LIBMUSL_REGEX
USE(regex, regex_t all; regcomp(&all, ".*", 0); regexec(&all, "x", 0, NULL, 0))
#endif
#if CONFIG_LIBMUSL_SEARCH
static int order(const void *a, const void *b)
{
	return strcmp(a, b);
}
USE(search, void *root = NULL; tsearch("x", &root, order))
#endif
#if CONFIG_LIBMUSL_TERMIOS
USE(termios, struct termios settings; tcgetattr(0, &settings))
#endif

const struct part libc[] = {
#if CONFIG_LIBMUSL_AIO
	{ "aio", aio_part },
#endif
#if CONFIG_LIBMUSL_COMPLEX
	{ "complex", complex_part },
#endif
#if CONFIG_LIBMUSL_CRYPT
	{ "crypt", crypt_part },
#endif
#if CONFIG_LIBMUSL_ICONV
	{ "iconv", iconv_part },
#endif
#if CONFIG_LIBMUSL_IPC
	{ "ipc", ipc_part },
#endif
#if CONFIG_LIBMUSL_LEGACY
	{ "legacy", legacy_part },
#endif
#if CONFIG_LIBMUSL_MQ
	{ "mq", mq_part },
#endif
#if CONFIG_LIBMUSL_NETWORK
	{ "network", network_part },
#endif
#if CONFIG_LIBMUSL_PASSWD
	{ "passwd", passwd_part },
#endif
#if CONFIG_LIBMUSL_REGEX
	{ "regex", regex_part },
#endif
#if CONFIG_LIBMUSL_SEARCH
	{ "search", search_part },
#endif
#if CONFIG_LIBMUSL_TERMIOS
	{ "termios", termios_part },
#endif
	{ NULL, NULL },
};
