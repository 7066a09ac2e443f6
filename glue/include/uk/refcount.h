/* Counters of references. */
#ifndef __UK_REFCOUNT_H__
#define __UK_REFCOUNT_H__

#include <uk/assert.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct __uk_atomic {
	uint32_t counter;
} __atomic;

/** Starts at `value`. */
static inline void uk_refcount_init(__atomic *ref, uint32_t value)
{
	__atomic_store_n(&ref->counter, value, __ATOMIC_RELAXED);
}
/** One reference more; there is at least one already. */
static inline void uk_refcount_acquire(__atomic *ref)
{
	UK_ASSERT(ref->counter < UINT32_MAX);
	__atomic_fetch_add(&ref->counter, 1, __ATOMIC_RELAXED);
}
/** One reference more, unless there is none; whether it was taken. */
static inline int uk_refcount_acquire_if_not_zero(__atomic *ref)
{
	uint32_t old = __atomic_load_n(&ref->counter, __ATOMIC_RELAXED);
	while (old) {
		if (__atomic_compare_exchange_n(&ref->counter, &old, old + 1, 1, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
			return 1;
	}
	return 0;
}
/** One reference less; 1 if it was the last. */
static inline int uk_refcount_release(__atomic *ref)
{
	UK_ASSERT(ref->counter > 0);
	return __atomic_sub_fetch(&ref->counter, 1, __ATOMIC_ACQ_REL) == 0;
}
/** Releases a reference that is not the last; 0 (and nothing done) if it is. */
static inline int uk_refcount_release_if_not_last(__atomic *ref)
{
	uint32_t old = __atomic_load_n(&ref->counter, __ATOMIC_RELAXED);
	while (old > 1) {
		if (__atomic_compare_exchange_n(&ref->counter, &old, old - 1, 1, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
			return 1;
	}
	return 0;
}
static inline uint32_t uk_refcount_read(const __atomic *ref)
{
	return __atomic_load_n(&ref->counter, __ATOMIC_RELAXED);
}

#ifdef __cplusplus
}
#endif

#endif /* __UK_REFCOUNT_H__ */
