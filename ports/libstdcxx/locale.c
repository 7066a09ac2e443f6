/* locale_t as both libraries want it: musl's first, then what libstdc++ reads of glibc's, the tables of <ctype.h> (LSB documents them). */
#define _GNU_SOURCE
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* glibc's structure has this many categories with their data before the tables, and as many names behind. */
#define CATEGORIES 13

struct both {
	union {
		/* struct __locale_struct of musl: a pointer for each of six categories. */
		void *musl[6];
		void *data[CATEGORIES];
	};
	const unsigned short *ctype_b;
	const int *ctype_tolower;
	const int *ctype_toupper;
	const char *names[CATEGORIES];
};

const unsigned short **__ctype_b_loc(void);
const int **__ctype_tolower_loc(void);
const int **__ctype_toupper_loc(void);

static locale_t with_tables(locale_t of)
{
	struct both *l = of ? calloc(1, sizeof(*l)) : NULL;
	if (!l)
		return NULL;
	memcpy(l->musl, of, sizeof(l->musl));
	l->ctype_b = *__ctype_b_loc();
	l->ctype_tolower = *__ctype_tolower_loc();
	l->ctype_toupper = *__ctype_toupper_loc();
	for (int i = 0; i < CATEGORIES; i++)
		l->names[i] = "C";
	return (locale_t)l;
}

locale_t __uk_cxx_newlocale(int mask, const char *name, locale_t base)
{
	/* musl takes any name for C.UTF-8; a program wants to know that a locale is not there. */
	if (strcmp(name, "") && strcmp(name, "C") && strcmp(name, "POSIX") && strcmp(name, "C.UTF-8") && strcmp(name, "C.utf8")) {
		errno = ENOENT;
		return NULL;
	}
	/* glibc's mask for all categories is the bit of LC_ALL; musl takes the bits of each. */
	int all = mask & (1 << LC_ALL) ? LC_ALL_MASK : mask;
	locale_t made = newlocale(all, name, (locale_t)0);
	(void)base;
	locale_t both = with_tables(made);
	if (made)
		freelocale(made);
	return both;
}

locale_t __uk_cxx_duplocale(locale_t of)
{
	return with_tables(of);
}

void __uk_cxx_freelocale(locale_t l)
{
	free(l);
}
