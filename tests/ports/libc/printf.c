// printf's conversions: integers, strings, floats of both widths in every form, positions, widths from arguments, what %n counts, wide output.
#include "../../guest/check.h"
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <wchar.h>

static const char *const flags[] = { "", "-", "+", " ", "#", "0", "+0", "-#", " 0#" };
static const char *const sizes[] = { "", "12", ".0", ".1", ".6", "14.3", ".17", "1.25" };
static const double doubles[] = { 0.0, -0.0, 1.0, -1.5, 0.1, 1.0 / 3, 2.5, 3.5, 9.9999995, 999999.5, 123456789.0, 1e21, 1e22, 1e-5, 1.5e-10, DBL_MAX, DBL_MIN,
	4.9406564584124654e-324, 2.2250738585072011e-308, 6.02214076e23, INFINITY, -INFINITY, NAN };

static void floats(void) {
	char format[32];
	for (size_t f = 0; f < COUNT(flags); f++) for (size_t s = 0; s < COUNT(sizes); s++) for (const char *c = "eEfFgGaA"; *c; c++) {
		snprintf(format, sizeof format, "%%%s%s%c|", flags[f], sizes[s], *c);
		printf("%s ", format);
		for (size_t d = 0; d < COUNT(doubles); d++) printf(format, doubles[d]);
		putchar('\n');
	}
	SAY("%Lf %Le %Lg %La %.30Lg", 1.0L / 3, LDBL_MAX, LDBL_MIN, 1.0L / 3, 0.1L);
	SAY("%.1074f", 4.9406564584124654e-324);
	SAY("%.0f %.0f %.0f %.0f", 0.5, 1.5, 2.5, 1e300);
}

static void integers(void) {
	char format[32];
	static const char *const widths[] = { "", "1", "20", ".0", ".5", "20.10" };
	for (size_t f = 0; f < COUNT(flags); f++) for (size_t s = 0; s < COUNT(widths); s++) for (const char *c = "diouxX"; *c; c++) {
		snprintf(format, sizeof format, "%%%s%sll%c|", flags[f], widths[s], *c);
		printf("%s ", format);
		printf(format, 0LL), printf(format, 1LL), printf(format, -1LL), printf(format, LLONG_MIN), printf(format, LLONG_MAX);
		putchar('\n');
	}
	SAY("%hhd %hd %d %ld %lld %jd %zd %td", 300, 70000, INT_MIN, LONG_MIN, LLONG_MIN, INTMAX_MIN, (ssize_t)-1, (ptrdiff_t)-2);
	SAY("%hhu %hu %u %lu %ju %zu", 300, 70000, UINT_MAX, ULONG_MAX, UINTMAX_MAX, SIZE_MAX);
	SAY("%" PRId64 " %" PRIx32 " %" PRIoFAST16, INT64_MIN, UINT32_MAX, (uint_fast16_t)8);
}

static void rest(void) {
	int n = -1, m = -1;
	long long l = -1;
	printf("four%n and %s%n\n", &n, "more", &m);
	SHOW(n), SHOW(m);
	printf("%2$s %1$s %2$s %3$*4$d|\n", "a", "b", 7, 5);
	SAY("%-*s|%*s|%.*s|%.*s|", 6, "left", 6, "right", 2, "cut", -1, "whole");
	SAY("%c%c%c %5c|%-5c|", 'x', 0x41, '%', 'y', 'z');
	SAY("%s %.3s %p %m", "string", "stringent", (void *)0);
	errno = ENOENT;
	SAY("%m");
	SAY("%ls %lc %.5ls", L"wide \u00e4", L'w', L"precision");
	char buf[16];
	SHOW(snprintf(buf, sizeof buf, "%s", "exactly fifteen"));
	SHOW(snprintf(buf, sizeof buf, "%s", "more than fifteen of them"));
	STR(buf);
	SHOW(snprintf(NULL, 0, "%d", 12345));
	SHOW(snprintf(buf, 1, "x"));
	STR(buf);
	ERR(snprintf(NULL, 0, "%*d%*d", INT_MAX, 1, INT_MAX, 1));
	ERR(swprintf((wchar_t[4]){0}, 4, L"%d", 12345));
	char *made;
	SHOW(asprintf(&made, "%d-%s-%g", 1, "two", 3.0));
	STR(made);
	free(made);
	SHOW(sscanf("0x1f 077 12", "%lli%n", &l, &n)), SHOW(l), SHOW(n);
	SHOW(dprintf(1, "by descriptor %d\n", 1));
	ERR(dprintf(-1, "nowhere"));
}

int main(void) {
	floats();
	fflush(stdout);
	integers();
	fflush(stdout);
	rest();
	return 0;
}
