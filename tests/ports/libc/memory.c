// malloc and its relations; strings and memory functions over all alignments and lengths, against plain loops.
#include "../../guest/check.h"
#include <malloc.h>

static unsigned seed = 1;
static unsigned next(void) { return seed = seed * 1664525 + 1013904223, seed >> 8; }

static void *churn(void *p) {
	enum { SLOTS = 200 };
	static __thread unsigned char *at[SLOTS];
	static __thread size_t size[SLOTS];
	unsigned s = (unsigned)(intptr_t)p;
	long bad = 0;
	for (int i = 0; i < 20000; i++) {
		s = s * 1664525 + 1013904223;
		unsigned k = (s >> 10) % SLOTS, n = (s >> 20) & 7 ? (s >> 12) % 400 : (s >> 8) % 200000;
		if (at[k]) for (size_t j = 0; j < size[k]; j += 97) bad += at[k][j] != (unsigned char)(k + j);
		if (s & 0x10000) at[k] = realloc(at[k], n + 1); else { free(at[k]); at[k] = s & 0x20000 ? calloc(1, n + 1) : aligned_alloc(64, (n + 64) & ~63u); }
		if (!at[k]) { SAY("no memory"); return (void *)-1; }
		size[k] = n + 1;
		for (size_t j = 0; j < size[k]; j += 97) at[k][j] = (unsigned char)(k + j);
	}
	for (int k = 0; k < SLOTS; k++) free(at[k]);
	return (void *)bad;
}

static void allocation(void) {
	pthread_t t[4];
	void *r;
	for (intptr_t i = 0; i < 4; i++) pthread_create(&t[i], NULL, churn, (void *)(i + 1));
	for (int i = 0; i < 4; i++) pthread_join(t[i], &r), SHOW((long)r);
	ERR(malloc(PTRDIFF_MAX) ? 0 : -1), ERR(malloc(SIZE_MAX) ? 0 : -1), ERR(calloc(SIZE_MAX / 2, 3) ? 0 : -1), ERR(realloc(NULL, SIZE_MAX) ? 0 : -1), ERR(reallocarray(NULL, SIZE_MAX, 2) ? 0 : -1);
	void *p = malloc(0), *q = malloc(0);
	SHOW(p && q && p != q), free(p), free(q), free(NULL);
	RET(posix_memalign(&p, 3, 10)), RET(posix_memalign(&p, 4096, 10)), SHOW((uintptr_t)p % 4096), SHOW(malloc_usable_size(p) >= 10), free(p);
	SHOW((uintptr_t)(p = memalign(1 << 16, 100)) % (1 << 16)), free(p), SHOW((uintptr_t)(p = valloc(1)) % 4096), free(p);
	ERR(aligned_alloc(3, 9) ? 0 : -1);
	char *c = calloc(1 << 20, 3);
	long sum = 0;
	for (int i = 0; i < 3 << 20; i += 512) sum += c[i];
	SHOW(sum), c = realloc(c, 10), c = realloc(c, 5 << 20), SHOW(c[9]), free(c);
}

static void sweep(void) {
	static unsigned char a[600], b[600], c[600];
	long bad = 0;
	for (int from = 0; from < 18; from++) for (int to = 0; to < 18; to += 3) for (int n = 0; n < 300; n += n < 40 ? 1 : 37) {
		for (int i = 0; i < 600; i++) a[i] = (unsigned char)next(), b[i] = c[i] = (unsigned char)next();
		for (int i = 0; i < n; i++) c[to + i] = a[from + i];
		memcpy(b + to, a + from, (size_t)n), bad += memcmp(b, c, 600) != 0;
		memmove(b + to, b + from, (size_t)n);
		unsigned char t[300];
		for (int i = 0; i < n; i++) t[i] = c[from + i];
		for (int i = 0; i < n; i++) c[to + i] = t[i];
		bad += memcmp(b, c, 600) != 0;
		memset(b + from, n, (size_t)n);
		for (int i = 0; i < n; i++) c[from + i] = (unsigned char)n;
		bad += memcmp(b, c, 600) != 0;
		for (int i = 0; i < 600; i++) if (!a[i]) a[i] = 1;
		a[from + n] = 0;
		bad += strlen((char *)a + from) != (size_t)n, bad += strnlen((char *)a + from, 100) != (size_t)(n < 100 ? n : 100);
		strcpy((char *)b + to, (char *)a + from), bad += strcmp((char *)b + to, (char *)a + from) != 0;
		bad += stpcpy((char *)b + to, (char *)a + from) != (char *)b + to + n, bad += (unsigned char *)strchr((char *)a + from, 0) != a + from + n, bad += memchr(a + from, 0, 600) != a + from + n;
		if (n) { a[from + n - 1] = 254; unsigned char *w = memrchr(a + from, 254, (size_t)n); bad += w != a + from + n - 1; bad += (unsigned char *)strrchr((char *)a + from, 254) != w; b[to + n - 1] = 253; bad += strcmp((char *)a + from, (char *)b + to) <= 0 && memcmp(a + from, b + to, (size_t)n) <= 0; }
	}
	SHOW(bad);
}

static void words(void) {
	char buf[64] = "", *save, text[] = "a,b;;c,", line[] = "x::y";
	char *p = line;
	SHOW(strspn("aabbc", "ab")), SHOW(strcspn("hello", "lo")), STR(strpbrk("hello", "xl")), STR(strstr("a needle here", "needle")), SHOW(strstr("abc", "") != NULL), SHOW(strstr("aaab", "aab") != NULL), STR(strcasestr("HayNEEDLE", "need")), SHOW(memmem("binary\0x", 8, "\0x", 2) != NULL);
	for (char *t = strtok_r(text, ",;", &save); t; t = strtok_r(NULL, ",;", &save)) STR(t);
	for (char *t; (t = strsep(&p, ":"));) STR(t);
	strncpy(buf, "abc", 8), SHOW(buf[7]), strncat(buf, "defgh", 2), STR(buf), SHOW(strlcpy(buf, "too long for it", 5)), STR(buf), SHOW(strlcat(buf, "xyz", 6)), STR(buf), STR(stpncpy(buf, "q", 3)), SHOW(strncmp("abc", "abd", 2)), SHOW(strverscmp("f9", "f10") < 0), SHOW(strverscmp("f009", "f09") < 0);
	char *d = strndup("duplicate", 3);
	STR(d), free(d), SHOW(mempcpy(buf, "12", 3) == buf + 3), swab("abcd", buf, 4), SAY("%.4s", buf), SHOW(bcmp("a", "b", 1) != 0), SHOW(memccpy(buf, "ab:c", ':', 4) == buf + 3), explicit_bzero(buf, 4), SHOW(buf[0]);
}

int main(void) {
	allocation();
	sweep();
	words();
	return 0;
}
