/* musl's locale.h, and glibc's other name of locale_t, with its functions' other names. */
#ifndef UK_CXX_LOCALE_H
#define UK_CXX_LOCALE_H

#include_next <locale.h>

typedef struct __locale_struct *__locale_t;

#endif
