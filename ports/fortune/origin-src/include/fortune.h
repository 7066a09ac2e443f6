/* libfortune: a quote when you need one. */
#ifndef FORTUNE_H
#define FORTUNE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fortune {
	const char *quote;
	const char *author;
} fortune_t;

/* One of them, by chance. It lives as long as the program; never null. */
fortune_t *rand_fortune(void);

/* How many there are, and each of them; null past the last. */
size_t count_fortunes(void);
fortune_t *get_fortune(size_t number);

#ifdef __cplusplus
}
#endif

#endif
