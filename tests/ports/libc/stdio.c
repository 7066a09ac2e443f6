// Streams: buffering, positions, modes, push-back, temporary files, memory streams, wide orientation, errors, locks.
#include "../../guest/check.h"
#include <stdio_ext.h>
#include <wchar.h>

static void modes(void) {
	static const char *const all[] = { "r", "w", "a", "r+", "w+", "a+", "wx", "we", "rb+", "x", "" };
	for (size_t i = 0; i < COUNT(all); i++) {
		spill("modes", "content");
		errno = 0;
		FILE *f = fopen("modes", all[i]);
		if (!f) { SAY("%s: %s", all[i], errname(errno)); continue; }
		errno = 0;
		int c = fgetc(f), e = errno;
		rewind(f);
		errno = 0;
		int p = fputs("new", f) >= 0 && fflush(f) == 0, g = errno;
		int fl = fcntl(fileno(f), F_GETFL) & (O_ACCMODE | O_APPEND), fd = fcntl(fileno(f), F_GETFD);
		fclose(f);
		SAY("%s: read %d %s, wrote %d %s, flags %#x %d: \"%s\"", all[i], c, errname(e), p, errname(g), fl, fd, slurp("modes"));
	}
	ERR(fopen("no/where", "r") == NULL ? -1 : 0);
	ERR(fopen(".", "w") == NULL ? -1 : 0);
	ERR(fdopen(99, "r") == NULL ? -1 : 0);
}

static void positions(void) {
	FILE *f = fopen("positions", "w+");
	for (int i = 0; i < 5000; i++) fprintf(f, "%04d\n", i);
	SHOW(ftell(f));
	SHOW(fseek(f, 5 * 1234, SEEK_SET));
	char line[16];
	STR(fgets(line, sizeof line, f));
	SHOW(ungetc('X', f)), SHOW(ungetc('Y', f)), SHOW(ftell(f)), SHOW(fgetc(f)), SHOW(fgetc(f)), SHOW(fgetc(f));
	fpos_t at;
	SHOW(fgetpos(f, &at));
	SHOW(fseek(f, -5, SEEK_END)), STR(fgets(line, sizeof line, f)), SHOW(fgetc(f)), SHOW(feof(f)), SHOW(ferror(f));
	SHOW(fsetpos(f, &at)), SHOW(feof(f)), SHOW(fgetc(f));
	ERR(fseek(f, -1, SEEK_SET));
	SHOW(fseek(f, 5, SEEK_SET)), SHOW(fputs("ABCD", f)), SHOW(fseek(f, 0, SEEK_CUR)), SHOW(fgetc(f)), STR(fgets(line, sizeof line, f));
	rewind(f);
	fgets(line, sizeof line, f);
	STR(fgets(line, sizeof line, f));
	SHOW(fseeko(f, 1LL << 33, SEEK_SET)), SHOW(fputc('!', f)), SHOW(fflush(f)), SHOW(ftello(f));
	struct stat st;
	fstat(fileno(f), &st);
	SHOW(st.st_size);
	SHOW(ftruncate(fileno(f), 25000)), rewind(f);
	char *got = NULL;
	size_t room = 0;
	long lines = 0, bytes = 0;
	for (ssize_t n; (n = getline(&got, &room, f)) > 0; lines++) bytes += n;
	SHOW(lines), SHOW(bytes);
	rewind(f);
	SHOW(getdelim(&got, &room, '7', f)), SHOW(strlen(got));
	free(got);
	SHOW(fclose(f));
}

static void buffers(void) {
	static char own[64];
	FILE *f = fopen("buffers", "w");
	SHOW(setvbuf(f, own, _IOFBF, sizeof own)), fputs("held", f), SHOW(__fpending(f)), STR(slurp("buffers")), fflush(f), STR(slurp("buffers"));
	fclose(f);
	f = fopen("buffers", "w"), SHOW(setvbuf(f, NULL, _IOLBF, 256)), fputs("one\ntwo", f), STR(slurp("buffers")), fclose(f), STR(slurp("buffers"));
	f = fopen("buffers", "w"), SHOW(setvbuf(f, NULL, _IONBF, 0)), fputs("at once", f), STR(slurp("buffers")), fclose(f);
	f = freopen("other", "w", fopen("buffers", "a")), fputs("moved", f), fclose(f), STR(slurp("other")), STR(slurp("buffers"));
	f = fopen("/dev/full", "w"), fputs("x", f), ERR(fflush(f)), SHOW(ferror(f) != 0), clearerr(f), SHOW(ferror(f)), fclose(f);
	f = fopen("buffers", "r"), ERR(fputc('x', f)), SHOW(ferror(f) != 0), SHOW(__freadable(f) != 0), SHOW(__fwritable(f) != 0), fclose(f);
	f = tmpfile(), SHOW(f != NULL), fputs("temporary", f), rewind(f), SHOW(fread(own, 2, 10, f)), fclose(f);
	char name[] = "made-XXXXXX";
	OK(mkstemp(name)), SHOW(strlen(name)), SHOW(strncmp(name, "made-", 5)), unlink(name);
	char wrong[] = "made-XXXXY";
	ERR(mkstemp(wrong));
	SHOW(remove("other")), ERR(remove("other")), MUST(mkdir("dir", 0700)), SHOW(remove("dir"));
	puts("gone by puts"), putc('p', stdout), putchar('\n');
}

static void memory(void) {
	char *text = NULL;
	size_t length = 0;
	FILE *f = open_memstream(&text, &length);
	for (int i = 0; i < 2000; i++) fprintf(f, "%d,", i);
	fflush(f), SHOW(length), SHOW(strlen(text));
	fseek(f, 3, SEEK_SET), fputs("###", f), fclose(f), SHOW(length), SAY("%.12s", text), free(text);
	wchar_t *wide = NULL;
	f = open_wmemstream(&wide, &length), fwprintf(f, L"%ls %d", L"wide", 5), fclose(f), SHOW(length), SAY("%ls", wide), free(wide);
	char area[10] = "abc";
	f = fmemopen(area, sizeof area, "r+"), SHOW(fgetc(f)), fseek(f, 0, SEEK_END), SHOW(ftell(f)), SHOW(fputs("0123456789", f)), ERR(fflush(f)), fclose(f), SAY("%.10s", area);
	f = fmemopen(area, sizeof area, "w+"), fputs("x", f), rewind(f), SHOW(fgetc(f)), SHOW(fgetc(f)), fclose(f);
	f = fopen("wide", "w+"), SHOW(fwide(f, 0)), fputws(L"ein W\u00f6rt\n", f), SHOW(fwide(f, 0) > 0), rewind(f);
	wchar_t line[32];
	SHOW(fgetws(line, 32, f) != NULL), SHOW(wcslen(line)), fclose(f);
}

static FILE *shared;
static void *many(void *p) {
	for (int i = 0; i < 500; i++) { flockfile(shared); for (int j = 0; j < 8; j++) putc_unlocked('a' + (int)(intptr_t)p, shared); putc_unlocked('\n', shared); funlockfile(shared); }
	return NULL;
}

static void locks(void) {
	pthread_t t[4];
	shared = fopen("shared", "w+");
	for (intptr_t i = 0; i < 4; i++) pthread_create(&t[i], NULL, many, (void *)i);
	for (int i = 0; i < 4; i++) pthread_join(t[i], NULL);
	rewind(shared);
	int counts[4] = {0}, torn = 0;
	char line[64];
	while (fgets(line, sizeof line, shared)) { torn += strlen(line) != 9 || strspn(line, (char[]){line[0], 0}) != 8; counts[(line[0] - 'a') & 3]++; }
	SHOW(torn), SHOW(counts[0]), SHOW(counts[3]), SHOW(ftrylockfile(shared)), funlockfile(shared), fclose(shared);
}

int main(void) {
	workdir();
	modes();
	positions();
	buffers();
	memory();
	locks();
	int fds[2];
	MUST(pipe(fds));
	FILE *r = fdopen(fds[0], "r"), *w = fdopen(fds[1], "w");
	fputs("through a pipe\n", w), fclose(w);
	char line[32];
	STR(fgets(line, sizeof line, r)), SHOW(fgets(line, sizeof line, r) == NULL), SHOW(feof(r) != 0);
	ERR(fseek(r, 0, SEEK_SET)), fclose(r);
	fputs("left in the buffer, written by exit", stdout);
	return 3;
}
