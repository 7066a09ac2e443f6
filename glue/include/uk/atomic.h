/* Atomic operations on any integer or pointer type, sequentially consistent unless a name says otherwise. */
#ifndef __UK_ATOMIC_H__
#define __UK_ATOMIC_H__

#define uk_load_n(src) __atomic_load_n((src), __ATOMIC_SEQ_CST)
#define uk_store_n(dst, val) __atomic_store_n((dst), (val), __ATOMIC_SEQ_CST)
#define uk_load_n_acquire(src) __atomic_load_n((src), __ATOMIC_ACQUIRE)
#define uk_store_n_release(dst, val) __atomic_store_n((dst), (val), __ATOMIC_RELEASE)
#define uk_exchange_n(dst, val) __atomic_exchange_n((dst), (val), __ATOMIC_SEQ_CST)
/** Adds and the like: the value before. */
#define uk_fetch_add(dst, val) __atomic_fetch_add((dst), (val), __ATOMIC_SEQ_CST)
#define uk_fetch_sub(dst, val) __atomic_fetch_sub((dst), (val), __ATOMIC_SEQ_CST)
#define uk_fetch_or(dst, val) __atomic_fetch_or((dst), (val), __ATOMIC_SEQ_CST)
#define uk_fetch_and(dst, val) __atomic_fetch_and((dst), (val), __ATOMIC_SEQ_CST)
#define uk_fetch_xor(dst, val) __atomic_fetch_xor((dst), (val), __ATOMIC_SEQ_CST)
/** The same, and the value after. */
#define uk_add_fetch(dst, val) __atomic_add_fetch((dst), (val), __ATOMIC_SEQ_CST)
#define uk_sub_fetch(dst, val) __atomic_sub_fetch((dst), (val), __ATOMIC_SEQ_CST)
#define uk_or(dst, val) ((void)__atomic_fetch_or((dst), (val), __ATOMIC_SEQ_CST))
#define uk_and(dst, val) ((void)__atomic_fetch_and((dst), (val), __ATOMIC_SEQ_CST))
#define uk_inc(dst) __atomic_fetch_add((dst), 1, __ATOMIC_SEQ_CST)
#define uk_dec(dst) __atomic_fetch_sub((dst), 1, __ATOMIC_SEQ_CST)
/** Stores `new_val` if `*dst` is `old_val`; the value before. */
#define uk_compare_exchange_sync(dst, old_val, new_val) __sync_val_compare_and_swap((dst), (old_val), (new_val))
/** Stores `des` if `*dst` is `*exp`, else loads `*exp`; whether it stored. */
#define uk_compare_exchange_n(dst, exp, des) __atomic_compare_exchange_n((dst), (exp), (des), 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

#define uk_mb() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define uk_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define uk_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)

#include <uk/arch/atomic.h>

#endif /* __UK_ATOMIC_H__ */
