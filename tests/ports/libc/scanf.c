// scanf's conversions, and reading numbers from text: what is taken, what is left, which error.
#include "../../guest/check.h"
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <wchar.h>

static const char *const numbers[] = { "0", "-0", "1", "1.5", ".5", "5.", ".", "-.e1", "1e", "1e+", "1e5x", "0x", "0x.", "0x1p", "0x1.8p3", "0X.8P-2z", "inf", "INFINITY", "infinit",
	"nan", "nan(12)", "nan(", " \t\n7", "+3", "--3", "1e400", "-1e400", "1e-400", "4.9406564584124654e-324", "2.4703282292062327e-324", "2.4703282292062328e-324",
	"2.2250738585072011e-308", "1.7976931348623157e308", "1.7976931348623159e308", "0.1", "0.30000000000000004", "9007199254740993", "9007199254740992.99999999999999999999",
	"123456789012345678901234567890", "1e23", "8.5e22", "0x1.fffffffffffff8p0", "0x1.00000000000008p0", "0x1.000000000000080000000001p0", "179769313486231580793e289",
	"3.4028235677973366e38", "1.17549435e-38", "0.000000000000000000000000000000000000000000000000000001e54", "" };
static const char *const whole[] = { "0", "-1", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
	"18446744073709551615", "18446744073709551616", "0x7f", "0x", "0xg", "077", "08", "+ 1", "  42abc", "zz", "-", "" };

static void text(void) {
	for (size_t i = 0; i < COUNT(numbers); i++) {
		char *end;
		errno = 0;
		double d = strtod(numbers[i], &end);
		int e = errno, at = (int)(end - numbers[i]);
		errno = 0;
		float f = strtof(numbers[i], &end);
		int g = errno;
		errno = 0;
		long double l = strtold(numbers[i], &end);
		SAY("\"%s\": %a %s %d, %a %s, %La %s %d", numbers[i], d, errname(e), at, f, errname(g), l, errname(errno), (int)(end - numbers[i]));
	}
	for (size_t i = 0; i < COUNT(whole); i++) for (int base = 0; base <= 36; base += base ? (base == 10 ? 6 : base == 16 ? 20 : 2) : 8) {
		char *end;
		errno = 0;
		long long l = strtoll(whole[i], &end, base);
		int e = errno;
		unsigned long long u = strtoull(whole[i], NULL, base);
		int f = errno;
		printf("%s/%d: %lld %s %d %llu %s; ", whole[i], base, l, errname(e), (int)(end - whole[i]), u, errname(f));
		if (base > 36) break;
	}
	putchar('\n');
	ERR(strtol("1", NULL, 1));
	ERR(strtol("1", NULL, 37));
	ERR(strtoimax("99999999999999999999", NULL, 10));
	SHOW(atoi(" -12x")), SHOW(atol("77")), SHOW(wcstol(L"0x10", NULL, 0));
	SAY("%a", wcstod(L"1.25e2", NULL));
}

static void scans(void) {
	int a = -1, b = -1, n = -1;
	unsigned u = 0;
	short h = 0;
	signed char c = 0;
	double d = 0;
	float f = 0;
	long double ld = 0;
	char s[32] = "", t[32] = "";
	wchar_t w[32] = L"";
	char *made = NULL;
	SHOW(sscanf("12 -7x", "%d%d%n", &a, &b, &n)), SHOW(a), SHOW(b), SHOW(n);
	SHOW(sscanf("0x1F 0755 99", "%i %i %u", &a, &b, &u)), SHOW(a), SHOW(b), SHOW(u);
	SHOW(sscanf("70000 300", "%hd %hhd", &h, &c)), SHOW(h), SHOW(c);
	SHOW(sscanf("1.5e3,inf,0x1p-3", "%lf,%f,%Lf", &d, &f, &ld)), SAY("%g %g %Lg", d, f, ld);
	SHOW(sscanf("hello world", "%3s%s", s, t)), STR(s), STR(t);
	SHOW(sscanf("abc123", "%[a-c]%[^a-c]", s, t)), STR(s), STR(t);
	SHOW(sscanf("]-x", "%[]-]%s", s, t)), STR(s), STR(t);
	memset(s, 0, sizeof s);
	SHOW(sscanf("  xy", "%2c%c", s, t)), STR(s);
	SHOW(sscanf("12:34", "%d:%d", &a, &b)), SHOW(a), SHOW(b);
	SHOW(sscanf("12;34", "%d:%d", &a, &b));
	SHOW(sscanf("50%", "%d%%%n", &a, &n)), SHOW(n);
	SHOW(sscanf("1 2 3", "%*d %d", &a)), SHOW(a);
	SHOW(sscanf("", "%d", &a)), SHOW(sscanf("x", "%d", &a)), SHOW(sscanf("  ", "%s", s));
	SHOW(sscanf("7 8", "%2$d %1$d", &a, &b)), SHOW(a), SHOW(b);
	SHOW(sscanf("allocated text", "%ms", &made)), STR(made);
	free(made);
	SHOW(sscanf("wide", "%ls", w)), SAY("%ls", w);
	SHOW(swscanf(L"9 nine", L"%d %s", &a, s)), SHOW(a), STR(s);
	SHOW(sscanf("1e", "%lf", &d)), SHOW(sscanf("0x", "%lf", &d)), SHOW(sscanf("0x", "%i%n", &a, &n));
	SHOW(sscanf("99999999999999999999", "%d", &a)), SHOW(sscanf("-", "%u", &u));
	FILE *file = fmemopen("10 20 thirty\nrest", 17, "r");
	SHOW(fscanf(file, "%d%d", &a, &b)), SHOW(fscanf(file, "%d", &a)), SHOW(fscanf(file, "%s", s)), STR(s);
	SHOW(ftell(file)), SHOW(fgetc(file)), STR(fgets(s, 32, file)), SHOW(feof(file)), SHOW(fscanf(file, "%s", s));
	fclose(file);
}

int main(void) {
	text();
	fflush(stdout);
	scans();
	return 0;
}
