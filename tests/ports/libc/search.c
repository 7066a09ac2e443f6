// Sorting, searching, hash tables, trees, lists; random sequences; getopt and the environment.
#include "../../guest/check.h"
#include <getopt.h>
#include <search.h>

static int compares;
static int by_value(const void *a, const void *b) { compares++; return *(const int *)a < *(const int *)b ? -1 : *(const int *)a > *(const int *)b; }
static int reversed(const void *a, const void *b, void *sign) { return *(int *)sign * by_value(a, b); }
struct wide { char pad[37]; int key; };
static int by_key(const void *a, const void *b) { return by_value(&((const struct wide *)a)->key, &((const struct wide *)b)->key); }

static void sorting(void) {
	enum { N = 5000 };
	static int a[N];
	static struct wide w[200];
	unsigned seed = 7;
	for (int shape = 0; shape < 5; shape++) {
		for (int i = 0; i < N; i++) a[i] = shape == 0 ? i : shape == 1 ? N - i : shape == 2 ? i % 10 : shape == 3 ? 5 : (int)((seed = seed * 1103515245 + 12345) >> 8);
		compares = 0;
		qsort(a, N, sizeof *a, by_value);
		int bad = 0;
		for (int i = 1; i < N; i++) bad += a[i - 1] > a[i];
		SAY("shape %d: %d out of order, %d first, %d last, few comparisons %d", shape, bad, a[0], a[N - 1], compares < 200000);
	}
	int sign = -1;
	qsort_r(a, N, sizeof *a, reversed, &sign);
	SHOW(a[0] >= a[1] && a[1] >= a[N - 1]);
	qsort(a, N, sizeof *a, by_value);
	SHOW((int *)bsearch(&a[777], a, N, sizeof *a, by_value) != NULL), SHOW(bsearch(&(int){-5}, a, N, sizeof *a, by_value) == NULL), SHOW(bsearch(a, a, 0, sizeof *a, by_value) == NULL);
	for (int i = 0; i < 200; i++) w[i].key = (i * 7919) % 211, w[i].pad[36] = (char)w[i].key;
	qsort(w, 200, sizeof *w, by_key);
	int bad = 0;
	for (int i = 1; i < 200; i++) bad += w[i - 1].key > w[i].key || w[i].pad[36] != (char)w[i].key;
	SHOW(bad);
	qsort(w, 0, sizeof *w, by_key);
}

static long visited;
static void walk(const void *node, VISIT order, int depth) { if (order == postorder || order == leaf) visited = visited * 31 + **(int *const *)node; (void)depth; }
static void dropped(void *p) { visited += *(int *)p; }

static void tables(void) {
	static char names[500][8];
	ENTRY e, *f;
	SHOW(hcreate(100) != 0);
	for (int i = 0; i < 500; i++) { snprintf(names[i], sizeof names[i], "k%d", i * 3), e.key = names[i], e.data = (void *)(intptr_t)i; if (!hsearch(e, ENTER)) SAY("no room at %d", i); }
	long sum = 0;
	for (int i = 0; i < 500; i++) { e.key = names[i]; f = hsearch(e, FIND); sum += f ? (intptr_t)f->data : -100000; }
	SHOW(sum), e.key = "absent", ERR(hsearch(e, FIND) ? 0 : -1), hdestroy();
	struct hsearch_data own = {0};
	SHOW(hcreate_r(10, &own) != 0), e.key = "one", e.data = names, SHOW(hsearch_r(e, ENTER, &f, &own)), SHOW(f->data == names), hdestroy_r(&own);
	void *root = NULL;
	static int keys[300];
	for (int i = 0; i < 300; i++) keys[i] = (i * 7919) % 307, SHOW(i < 3 ? **(int **)tsearch(&keys[i], &root, by_value) : (tsearch(&keys[i], &root, by_value), 0));
	visited = 0, twalk(root, walk), SHOW(visited), SHOW(tfind(&(int){400}, &root, by_value) == NULL), SHOW(**(int **)tfind(&keys[9], &root, by_value) == keys[9]);
	for (int i = 0; i < 300; i += 2) tdelete(&keys[i], &root, by_value);
	visited = 0, twalk(root, walk), SHOW(visited), visited = 0, tdestroy(root, dropped), SHOW(visited);
	int list[10] = { 5, 3 };
	size_t n = 2;
	SHOW(*(int *)lsearch(&(int){9}, list, &n, sizeof *list, by_value)), SHOW(n), SHOW(lfind(&(int){3}, list, &n, sizeof *list, by_value) == &list[1]), SHOW(lfind(&(int){4}, list, &n, sizeof *list, by_value) == NULL);
	struct q { struct q *next, *prev; int v; } a = { .v = 1 }, b = { .v = 2 }, c = { .v = 3 };
	insque(&a, NULL), insque(&b, &a), insque(&c, &a), SHOW(a.next->v), SHOW(a.next->next->v), remque(&c), SHOW(a.next->v), SHOW(b.prev->v);
}

static void sequences(void) {
	srand(42), SAY("%d %d %d", rand(), rand(), rand());
	unsigned s = 5;
	SAY("%d %d", rand_r(&s), rand_r(&s));
	srandom(42), SAY("%ld %ld", random(), random());
	char state[64];
	char *old = initstate(7, state, sizeof state);
	SAY("%ld", random()), setstate(old), SAY("%ld", random());
	srand48(42), SAY("%.15f %ld %ld", drand48(), lrand48(), mrand48());
	unsigned short x[3] = { 1, 2, 3 };
	SAY("%.15f %ld %ld", erand48(x), nrand48(x), jrand48(x)), lcong48((unsigned short[7]){ 1, 2, 3, 4, 5, 6, 7 }), SAY("%ld", lrand48());
	STR(l64a(123456789)), SHOW(a64l("zzzzz"));
	SHOW(abs(-3)), SHOW(div(-7, 2).quot), SHOW(div(-7, 2).rem), SHOW(lldiv(7, -2).rem), SHOW(ffs(0x50)), SHOW(ffsll(1LL << 40));
}

static void options(void) {
	static char *const lines[][8] = { { "p", "-a", "-b", "x", "rest", "-c" }, { "p", "-abx", "--", "-c" }, { "p", "-z", "-b" }, { "p", "--alpha", "--beta=5", "--bet", "6", "--gamma", "--unknown", "--alpha=1" }, { "p", "first", "-a", "second" } };
	static const struct option longs[] = { { "alpha", 0, NULL, 'a' }, { "beta", 1, NULL, 'b' }, { "gamma", 2, NULL, 'g' }, { 0 } };
	for (size_t i = 0; i < COUNT(lines); i++) for (int kind = 0; kind < 3; kind++) {
		char *argv[9] = {0};
		int argc = 0, c, index;
		while (argc < 8 && lines[i][argc]) argv[argc] = lines[i][argc], argc++;
		optind = 0, opterr = 0;
		while ((c = kind == 0 ? getopt(argc, argv, ":ab:c") : kind == 1 ? getopt_long(argc, argv, "+ab:c", longs, &index) : getopt_long_only(argc, argv, "-ab:c", longs, NULL)) != -1)
			printf("%d(%s,%d) ", c, optarg ? optarg : "", c == '?' || c == ':' ? optopt : 0);
		printf("optind %d:", optind);
		for (int j = 0; j < argc; j++) printf(" %s", argv[j]);
		putchar('\n');
	}
	char text[] = "ro,size=10,nope=1,uid", *p = text, *value;
	char *const keys[] = { "ro", "size", "uid", NULL };
	while (*p) { int k = getsubopt(&p, keys, &value); SAY("%d %s", k, value ? value : "null"); }
}

static void environment(void) {
	extern char **environ;
	clearenv(), SHOW(environ == NULL || !*environ);
	SHOW(setenv("A", "1", 0)), SHOW(setenv("A", "2", 0)), STR(getenv("A")), SHOW(setenv("A", "3", 1)), STR(getenv("A")), ERR(setenv("", "x", 1)), ERR(setenv("A=B", "x", 1)), ERR(unsetenv("A="));
	static char own[] = "B=own";
	SHOW(putenv(own)), STR(getenv("B")), own[2] = 'O', STR(getenv("B")), SHOW(putenv("A")), SHOW(getenv("A") == NULL), SHOW(secure_getenv("B") != NULL), SHOW(unsetenv("B")), SHOW(getenv("B") == NULL);
	for (int i = 0; i < 300; i++) { char name[8]; snprintf(name, sizeof name, "V%d", i), setenv(name, name, 1); }
	int n = 0;
	for (char **e = environ; *e; e++) n++;
	SHOW(n), STR(getenv("V299"));
}

int main(void) {
	sorting();
	tables();
	sequences();
	options();
	environment();
	return 0;
}
