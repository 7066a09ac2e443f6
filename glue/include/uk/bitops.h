/* Bits of words and of bit maps (arrays of unsigned long). */
#ifndef __UK_BITOPS_H__
#define __UK_BITOPS_H__

#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

#define UK_BITS_PER_LONG (8 * sizeof(unsigned long))
#define UK_BIT(nr) (1UL << (nr))
#define UK_BIT_ULL(nr) (1ULL << (nr))
#define UK_BIT_MASK(nr) (1UL << ((nr) % UK_BITS_PER_LONG))
#define UK_BIT_WORD(nr) ((nr) / UK_BITS_PER_LONG)
#define UK_BITS_TO_LONGS(nr) (((nr) + UK_BITS_PER_LONG - 1) / UK_BITS_PER_LONG)
#define UK_GENMASK(h, l) (((~0UL) << (l)) & (~0UL >> (UK_BITS_PER_LONG - 1 - (h))))

/** Position of the lowest bit set, from 0; `x` is not 0. */
static inline unsigned int uk_ffsl(unsigned long x)
{
	return (unsigned int)__builtin_ctzl(x);
}
/** Position of the highest bit set, from 0; `x` is not 0. */
static inline unsigned int uk_flsl(unsigned long x)
{
	return (unsigned int)(UK_BITS_PER_LONG - 1) - (unsigned int)__builtin_clzl(x);
}
static inline unsigned int uk_ffs(unsigned int x)
{
	return (unsigned int)__builtin_ctz(x);
}
static inline unsigned int uk_fls(unsigned int x)
{
	return 31U - (unsigned int)__builtin_clz(x);
}
/** Bits set. */
static inline unsigned int uk_hweight_long(unsigned long x)
{
	return (unsigned int)__builtin_popcountl(x);
}

/** Whether bit `nr` of the map is set. */
static inline int uk_test_bit(size_t nr, const unsigned long *map)
{
	return (int)(__atomic_load_n(&map[UK_BIT_WORD(nr)], __ATOMIC_RELAXED) >> (nr % UK_BITS_PER_LONG) & 1);
}
/** Sets it; atomic. */
static inline void uk_set_bit(size_t nr, unsigned long *map)
{
	__atomic_fetch_or(&map[UK_BIT_WORD(nr)], UK_BIT_MASK(nr), __ATOMIC_SEQ_CST);
}
/** Clears it; atomic. */
static inline void uk_clear_bit(size_t nr, unsigned long *map)
{
	__atomic_fetch_and(&map[UK_BIT_WORD(nr)], ~UK_BIT_MASK(nr), __ATOMIC_SEQ_CST);
}
/** Sets it and says what it was; atomic. */
static inline int uk_test_and_set_bit(size_t nr, unsigned long *map)
{
	return (__atomic_fetch_or(&map[UK_BIT_WORD(nr)], UK_BIT_MASK(nr), __ATOMIC_SEQ_CST) & UK_BIT_MASK(nr)) != 0;
}
/** Clears it and says what it was; atomic. */
static inline int uk_test_and_clear_bit(size_t nr, unsigned long *map)
{
	return (__atomic_fetch_and(&map[UK_BIT_WORD(nr)], ~UK_BIT_MASK(nr), __ATOMIC_SEQ_CST) & UK_BIT_MASK(nr)) != 0;
}
/* The same without atomicity. */
static inline void __uk_set_bit(size_t nr, unsigned long *map)
{
	map[UK_BIT_WORD(nr)] |= UK_BIT_MASK(nr);
}
static inline void __uk_clear_bit(size_t nr, unsigned long *map)
{
	map[UK_BIT_WORD(nr)] &= ~UK_BIT_MASK(nr);
}

/** The first bit of value `value` at or after `from` in a map of `size` bits; `size` if there is none. */
static inline size_t __uk_find_bit(const unsigned long *map, size_t size, size_t from, int value)
{
	while (from < size) {
		unsigned long word = map[UK_BIT_WORD(from)];
		if (!value)
			word = ~word;
		word &= ~0UL << (from % UK_BITS_PER_LONG);
		if (word) {
			size_t bit = UK_BIT_WORD(from) * UK_BITS_PER_LONG + uk_ffsl(word);
			return bit < size ? bit : size;
		}
		from = (UK_BIT_WORD(from) + 1) * UK_BITS_PER_LONG;
	}
	return size;
}
static inline size_t uk_find_next_bit(const unsigned long *map, size_t size, size_t from)
{
	return __uk_find_bit(map, size, from, 1);
}
static inline size_t uk_find_next_zero_bit(const unsigned long *map, size_t size, size_t from)
{
	return __uk_find_bit(map, size, from, 0);
}
static inline size_t uk_find_first_bit(const unsigned long *map, size_t size)
{
	return __uk_find_bit(map, size, 0, 1);
}
static inline size_t uk_find_first_zero_bit(const unsigned long *map, size_t size)
{
	return __uk_find_bit(map, size, 0, 0);
}
#define uk_for_each_set_bit(bit, map, size)                                                                                            \
	for ((bit) = uk_find_first_bit((map), (size)); (bit) < (size); (bit) = uk_find_next_bit((map), (size), (bit) + 1))

#ifdef __cplusplus
}
#endif

#endif /* __UK_BITOPS_H__ */
