/* Messages and their formats, against the C library's. */
#define UK_DEBUG
#include "check.h"

#include <string.h>
#include <uk/hexdump.h>
#include <uk/print.h>

#define SAME(...)                                                                      \
	do {                                                                           \
		char ours[200], theirs[200];                                           \
		int n = uk_snprintf(ours, sizeof(ours), __VA_ARGS__);                  \
		CHECK(n == snprintf(theirs, sizeof(theirs), __VA_ARGS__));             \
		if (strcmp(ours, theirs)) {                                            \
			printf("\"%s\" instead of \"%s\"\n", ours, theirs);            \
			failures++;                                                    \
		}                                                                      \
	} while (0)

void check_messages(void)
{
	SAME("%d|%5d|%-5d|%05d|%+d|% d|%.3d|%8.3d|%-8.3d|", 1, -2, 3, -4, 5, 6, 7, -8, 9);
	SAME("%u|%x|%X|%#x|%#o|%o|%08x|%#10x|%.0d|%#.5x", 1u, 0xabcu, 0xabcu, 255u, 8u, 8u, 0xfeu, 0xfeu, 0, 0xau);
	SAME("%ld|%lu|%llx|%zu|%hhd|%hd|%jd|%td", -1L, ~0UL, ~0ULL, (size_t)7, 300, 70000, (intmax_t)-5, (ptrdiff_t)4);
	SAME("%s|%10s|%-10s|%.2s|%*.*s|%c|%%|%3c|%-3c|", "abc", "abc", "abc", "abc", 6, 1, "xyz", 'q', 'r', 's');
	SAME("%ld %d %*d %-*d|", (long)(-9223372036854775807L - 1), -2147483647 - 1, -6, 4, 5, 6);
	SAME("%p", (void *)0x1234);
	char small[4];
	CHECK(uk_snprintf(small, sizeof(small), "%s", "abcdef") == 6 && !strcmp(small, "abc") && uk_snprintf(NULL, 0, "%d", 10) == 2);
	char dump[200];
	CHECK(uk_hexdumpsn(dump, sizeof(dump), "ABCDEFGH\1", 9, 0x10, UK_HXDF_ADDR | UK_HXDF_ASCIISEC | UK_HXDF_GRPWORD, 4) > 0);
	CHECK(!strcmp(dump, "0000000000000010  4142 4344 4546 4748  |ABCDEFGH|\n"
			    "0000000000000018  01                   |.|\n"));
	for (int i = 0; i < 3; i++)
		uk_pr_warn_once("once\n");
	uk_print_level = KLVL_ERR;
	uk_pr_warn("not shown\n");
	uk_print_level = KLVL_DEBUG;
	uk_pr_debug("shown %d\n", 1);
	uk_print_level = KLVL_WARN;
}
