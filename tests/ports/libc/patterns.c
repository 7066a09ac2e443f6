// Regular expressions, fnmatch, glob, and what walks trees of files.
#include "../../guest/check.h"
#include <fnmatch.h>
#include <ftw.h>
#include <glob.h>
#include <libgen.h>
#include <regex.h>

static void match(const char *pattern, int flags, const char *text) {
	regex_t r;
	regmatch_t m[6];
	int e = regcomp(&r, pattern, flags);
	char why[64];
	if (e) { regerror(e, &r, why, sizeof why), SAY("/%s/: %d %s", pattern, e, why); return; }
	e = regexec(&r, text, 6, m, 0);
	printf("/%s/ %s: %d, %zu groups", pattern, text, e, r.re_nsub);
	for (size_t i = 0; !e && i <= r.re_nsub && i < 6; i++) printf(" (%d,%d)", (int)m[i].rm_so, (int)m[i].rm_eo);
	putchar('\n');
	regfree(&r);
}

static void expressions(void) {
	static const struct { const char *pattern, *text; int flags; } all[] = {
		{ "abc", "xxabcxx", 0 }, { "a.c", "a\nc", 0 }, { "a.c", "a\nc", REG_NEWLINE }, { "^b", "a\nb", 0 }, { "^b", "a\nb", REG_NEWLINE }, { "\\(a*\\)b\\1", "aabaa", 0 }, { "(a|ab)(c|bcd)(d*)", "abcd", REG_EXTENDED },
		{ "[[:alpha:]_][[:alnum:]_]*", "9 ident_1", 0 }, { "[^]a-z]", "b]Z", 0 }, { "[a-c-e]", "-", 0 }, { "x{2,3}", "xxxx", REG_EXTENDED }, { "x\\{2\\}", "axxx", 0 }, { "(a+)+b", "aaaaaaaaaaaaaaaaaaac", REG_EXTENDED },
		{ "HELLO", "hello", REG_ICASE }, { "(^|[ ,])foo($|[ ,])", "a,foo b", REG_EXTENDED }, { "a{1,2}{2}", "aaaa", REG_EXTENDED }, { "()", "x", REG_EXTENDED }, { "a||b", "b", REG_EXTENDED }, { "*a", "*a", 0 }, { "\\.", "x.y", REG_EXTENDED },
		{ "([0-9]{1,3}\\.){3}[0-9]{1,3}", "ip 192.168.0.1!", REG_EXTENDED }, { "\xc3\xa4+", "x\xc3\xa4\xc3\xa4", REG_EXTENDED }, { "(", "", REG_EXTENDED }, { ")", ")", REG_EXTENDED }, { "[z-a]", "", 0 }, { "[[:nope:]]", "", 0 },
		{ "a{2,1}", "", REG_EXTENDED }, { "a{999}", "", REG_EXTENDED }, { "\\", "", 0 }, { "[a", "", 0 }, { "\\(", "", 0 }, { "*", "", REG_EXTENDED }, { "a**", "aaa", 0 }, { "\\<word\\>", "a word b", 0 }, { "(a)(b)?", "a", REG_EXTENDED }, { "[[.-.]]", "-", 0 } };
	for (size_t i = 0; i < COUNT(all); i++) match(all[i].pattern, all[i].flags, all[i].text);
	regex_t r;
	regmatch_t m[1] = { { 2, 5 } };
	SHOW(regcomp(&r, "^b$", REG_EXTENDED)), SHOW(regexec(&r, "b", 0, NULL, REG_NOTBOL)), SHOW(regexec(&r, "b", 0, NULL, REG_NOTEOL)), SHOW(regexec(&r, "b", 1, m, 0)), regfree(&r);
	static const struct { const char *pattern, *text; int flags; } names[] = {
		{ "*.c", "main.c", 0 }, { "*.c", ".c", FNM_PERIOD }, { "a/*/b", "a/x/y/b", FNM_PATHNAME }, { "a/*/b", "a/x/y/b", 0 }, { "[!a]*", "abc", 0 }, { "[a-c]?", "bz", 0 }, { "\\*", "*", 0 }, { "\\*", "\\x", FNM_NOESCAPE }, { "a*b*c*d*e", "aXbXcXdXe", 0 },
		{ "[", "[", 0 }, { "FOO", "foo", FNM_CASEFOLD }, { "dir", "dir/file", FNM_LEADING_DIR }, { "[[:digit:]]", "5", 0 }, { "?", "\xc3\xa4", 0 }, { "*", "", 0 }, { "", "", 0 }, { "a*", "a/.b", FNM_PATHNAME | FNM_PERIOD } };
	for (size_t i = 0; i < COUNT(names); i++) SAY("%s %s %d: %d", names[i].pattern, names[i].text, names[i].flags, fnmatch(names[i].pattern, names[i].text, names[i].flags));
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *f) {
	(void)st;
	SAY("%s %d base %d level %d", path, type, f->base, f->level);
	return 0;
}
static int stop(const char *path, const struct stat *st, int type) { (void)st, (void)type; return !strcmp(path, "tree/b") ? 42 : 0; }

static void files(void) {
	MUST(mkdir("tree", 0755)), MUST(mkdir("tree/b", 0755)), spill("tree/a.txt", ""), spill("tree/c.txt", ""), spill("tree/.hidden", ""), spill("tree/b/d.c", ""), MUST(symlink("nowhere", "tree/link"));
	static const struct { const char *pattern; int flags; } globs[] = { { "tree/*", 0 }, { "tree/*.txt", GLOB_MARK }, { "tree/*/*.c", 0 }, { "tree/.*", 0 }, { "*/", 0 }, { "nope*", 0 }, { "nope*", GLOB_NOCHECK }, { "tree/[ab]*", GLOB_MARK }, { "tree/\\a.txt", 0 }, { "tree/lin?", 0 } };
	for (size_t i = 0; i < COUNT(globs); i++) {
		glob_t g = {0};
		int e = glob(globs[i].pattern, globs[i].flags, NULL, &g);
		printf("%s: %d", globs[i].pattern, e);
		for (size_t j = 0; !e && j < g.gl_pathc; j++) printf(" %s", g.gl_pathv[j]);
		putchar('\n');
		if (!e) globfree(&g);
	}
	// One entry to a directory that is walked, for their order is the file system's.
	MUST(unlink("tree/a.txt")), MUST(unlink("tree/c.txt")), MUST(unlink("tree/.hidden")), MUST(unlink("tree/link"));
	SHOW(nftw("tree", visit, 5, FTW_PHYS)), SHOW(nftw("tree", visit, 5, FTW_PHYS | FTW_DEPTH)), SHOW(ftw("tree", stop, 5)), ERR(nftw("absent", visit, 5, 0));
	struct dirent **list;
	spill("tree/z", ""), spill("tree/m", "");
	int n = scandir("tree", &list, NULL, alphasort);
	for (int i = 0; i < n; i++) SAY("entry %s %d", list[i]->d_name, list[i]->d_type), free(list[i]);
	free(list);
	static const char *const paths[] = { "/usr/lib", "/usr/", "usr", "/", ".", "..", "", "//a//b//" };
	for (size_t i = 0; i < COUNT(paths); i++) { char a[32], b[32]; strcpy(a, paths[i]), strcpy(b, paths[i]); SAY("%s: %s %s", paths[i], dirname(a), basename(b)); }
	char real[PATH_MAX];
	MUST(symlink("b", "tree/to-b"));
	char *r = realpath("tree/to-b/../b/./d.c", real);
	STR(r ? strstr(r, "tree") : "null"), ERR(realpath("tree/absent", real) ? 0 : -1), ERR(realpath("", real) ? 0 : -1);
}

int main(void) {
	workdir();
	expressions();
	files();
	return 0;
}
