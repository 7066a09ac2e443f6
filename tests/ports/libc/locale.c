// Locales, wide and multibyte characters, classes, collation, iconv.
#include "../../guest/check.h"
#include <ctype.h>
#include <iconv.h>
#include <langinfo.h>
#include <locale.h>
#include <monetary.h>
#include <uchar.h>
#include <wchar.h>
#include <wctype.h>

static void hex(const char *what, const void *p, size_t n) {
	printf("%s:", what);
	for (size_t i = 0; i < n; i++) printf(" %02x", ((const unsigned char *)p)[i]);
	putchar('\n');
}

static void convert(const char *to, const char *from, const char *text, size_t n, size_t room) {
	char out[256], name[64];
	iconv_t cd = iconv_open(to, from);
	if (cd == (iconv_t)-1) { SAY("%s to %s: %s", from, to, errname(errno)); return; }
	char *in = (char *)text, *o = out;
	errno = 0;
	size_t r = iconv(cd, &in, &n, &o, &room);
	SAY("%s to %s: %zd %s, left %zu", from, to, (ssize_t)r, errname(errno), n);
	snprintf(name, sizeof name, "  ");
	hex(name, out, (size_t)(o - out));
	iconv_close(cd);
}

static void locales(void) {
	static const char *const names[] = { "C", "POSIX", "", "C.UTF-8", "de_DE.UTF-8", "xx_YY", NULL };
	for (size_t i = 0; i < COUNT(names); i++) { const char *r = setlocale(LC_ALL, names[i]); SAY("%s: %s, %s, %zu", names[i] ? names[i] : "?", r ? r : "null", nl_langinfo(CODESET), MB_CUR_MAX); }
	setlocale(LC_ALL, "C.UTF-8");
	struct lconv *l = localeconv();
	STR(l->decimal_point), STR(l->thousands_sep), STR(l->currency_symbol), SHOW(l->frac_digits);
	static const nl_item items[] = { D_T_FMT, D_FMT, T_FMT, T_FMT_AMPM, AM_STR, PM_STR, DAY_1, ABDAY_7, MON_5, ABMON_12, RADIXCHAR, THOUSEP, YESEXPR, NOEXPR };
	for (size_t i = 0; i < COUNT(items); i++) STR(nl_langinfo(items[i]));
	locale_t own = newlocale(LC_ALL_MASK, "C", (locale_t)0), before = uselocale(own);
	SHOW(before == LC_GLOBAL_LOCALE), SHOW(MB_CUR_MAX), SHOW(uselocale((locale_t)0) == own), SHOW(uselocale(before) == own), SHOW(MB_CUR_MAX), freelocale(own);
	char money[64];
	SHOW(strfmon(money, sizeof money, "%n %i", 1234.567, -1.0)), STR(money);
	STR(strerror(ENOENT)), STR(strerror(0)), STR(strerror(-1)), STR(strerror(123456)), STR(strsignal(SIGSEGV)), STR(strsignal(999));
}

static void multibyte(void) {
	setlocale(LC_CTYPE, "C.UTF-8");
	static const char *const texts[] = { "plain", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "bad \xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "cut \xe2\x82", "\xe2(\xa1" };
	for (size_t i = 0; i < COUNT(texts); i++) {
		wchar_t w[32];
		errno = 0;
		size_t n = mbstowcs(w, texts[i], 32);
		printf("%zu: %zd %s", i, (ssize_t)n, n == (size_t)-1 ? errname(errno) : "");
		for (size_t j = 0; n != (size_t)-1 && j < n; j++) printf(" %x", (unsigned)w[j]);
		mbstate_t st = {0};
		const char *p = texts[i];
		size_t m = mbsrtowcs(w, &p, 3, &st);
		printf(" | %zd at %d, length %zd\n", (ssize_t)m, p ? (int)(p - texts[i]) : -1, (ssize_t)mbrlen(texts[i], 2, &(mbstate_t){0}));
	}
	char out[16];
	for (wint_t c = 0x7f; c < 0x120000; c = c * 7 + 1) { errno = 0; int n = wctomb(out, (wchar_t)c); printf("%x: %d %s;", c, n, n < 0 ? errname(errno) : ""); }
	putchar('\n');
	char16_t c16;
	mbstate_t st = {0};
	SHOW(mbrtoc16(&c16, "\xf0\x9f\x98\x80", 4, &st)), HEX(c16), SHOW((ssize_t)mbrtoc16(&c16, "", 0, &st)), HEX(c16);
	SHOW(c32rtomb(out, 0x20ac, &(mbstate_t){0})), hex("c32", out, 3);
	SHOW(wcwidth(L'a')), SHOW(wcwidth(0x4e2d)), SHOW(wcwidth(0x301)), SHOW(wcwidth(7)), SHOW(wcswidth(L"a\u4e2d", 2));
	SHOW(btowc(0x41)), SHOW(btowc(0xff)), SHOW(wctob(0x41)), SHOW(wctob(0x20ac));
}

static void classes(void) {
	static const char *const names[] = { "alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit" };
	for (size_t i = 0; i < COUNT(names); i++) {
		wctype_t t = wctype(names[i]);
		unsigned narrow = 0, wide = 0;
		for (int c = 0; c < 256; c++) narrow = narrow * 31 + !!iswctype((wint_t)c, t);
		for (wint_t c = 0; c < 0x30000; c++) wide = wide * 31 + !!iswctype(c, t);
		SAY("%s: %u %u", names[i], narrow, wide);
	}
	unsigned up = 0, low = 0, ctype = 0;
	for (wint_t c = 0; c < 0x20000; c++) up = up * 31 + towupper(c), low = low * 31 + towlower(c);
	for (int c = -1; c < 256; c++) ctype = ctype * 31 + (unsigned)(!!isalpha(c) + 2 * !!isspace(c) + 4 * !!ispunct(c) + 8 * !!isprint(c) + toupper(c));
	SHOW(up), SHOW(low), SHOW(ctype), SHOW(wctype("nonsense")), SHOW(towctrans(L'a', wctrans("toupper")));
}

static void strings(void) {
	SHOW(strcoll("a", "B") > 0), SHOW(wcscoll(L"a", L"b") < 0), SHOW(strcasecmp("HeLLo", "hEllO")), SHOW(strncasecmp("abX", "ABy", 2)), SHOW(wcscasecmp(L"\u00c4", L"\u00e4"));
	char x[16];
	SHOW(strxfrm(x, "text", sizeof x)), STR(x);
	wchar_t w[32] = L"one", *save;
	SHOW(wcslen(wcscat(w, L" two"))), SHOW(wcscmp(w, L"one two")), SHOW(wcsstr(w, L"tw") - w), SHOW(wcsrchr(w, L'o') - w), SHOW(wcspbrk(w, L"xt") - w), SHOW(wcsspn(w, L"eno")), SHOW(wcscspn(w, L" "));
	for (wchar_t *t = wcstok(w, L" ", &save); t; t = wcstok(NULL, L" ", &save)) SAY("token %ls", t);
	wchar_t *d = wcsdup(L"copy");
	SHOW(wmemcmp(d, L"copz", 4) < 0), SHOW(wmemchr(d, L'p', 4) - d), free(d);
}

int main(void) {
	locales();
	multibyte();
	classes();
	strings();
	static const char utf[] = "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
	static const char *const sets[] = { "UTF-16BE", "UTF-16LE", "UTF-16", "UTF-32", "UCS-2LE", "WCHAR_T", "ISO-8859-1", "ISO-8859-15", "WINDOWS-1252", "KOI8-R", "US-ASCII", "SHIFT_JIS", "NOSUCH" };
	for (size_t i = 0; i < COUNT(sets); i++) convert(sets[i], "UTF-8", utf, sizeof utf - 1, 200);
	convert("UTF-8", "ISO-8859-15", "\xa4\xe4", 2, 200);
	convert("UTF-8", "CP1251", "\xcf\xf0\xe8", 3, 200);
	convert("UTF-8", "EUC-JP", "\xc6\xfc\xcb\xdc", 4, 200);
	convert("UTF-8", "GB18030", "\xd6\xd0\x81\x30\x81\x30", 6, 200);
	convert("UTF-8", "BIG5", "\xa4\xa4", 2, 200);
	convert("UTF-8", "EUC-KR", "\xb0\xa1", 2, 200);
	convert("UTF-16BE", "UTF-8", utf, sizeof utf - 1, 4);
	convert("UTF-8", "UTF-8", "x\xff", 2, 200);
	convert("UTF-8", "UTF-8", "x\xe2\x82", 3, 200);
	convert("UTF-8", "UTF-16LE", "\x00\xd8", 2, 200);
	return 0;
}
