/* Checks that say which did not hold. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

extern int failures;

#define CHECK(x)                                                                     \
	do {                                                                         \
		if (!(x)) {                                                          \
			printf("%s:%d: %s does not hold\n", __FILE__, __LINE__, #x); \
			failures++;                                                  \
		}                                                                    \
	} while (0)

void check_alloc(void);
void check_locks(void);
void check_threads(void);
void check_lists(void);
void check_calls(void);
void check_params(void);
void check_messages(void);
void stress_alloc(int rounds);

#endif
