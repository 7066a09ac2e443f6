/* Fixed-width types and small structures of time, under the names that ports' glue code uses. */
#ifndef __UK_ARCH_TYPES_H__
#define __UK_ARCH_TYPES_H__
#include <uk/essentials.h>
#ifndef __NULL
#define __NULL NULL
#endif
typedef int64_t __snsec;
#define __NSEC_MAX UINT64_MAX
#define __SNSEC_MAX INT64_MAX
#endif /* __UK_ARCH_TYPES_H__ */
