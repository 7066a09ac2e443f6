/* Older names of uk/random.h. */
#ifndef __UK_SWRAND_H__
#define __UK_SWRAND_H__

#include <uk/random.h>

#define uk_swrand_randr() uk_random_u32()
#define uk_swrand_fill_buffer(buf, len) uk_random_fill_buffer((buf), (len))

#endif /* __UK_SWRAND_H__ */
