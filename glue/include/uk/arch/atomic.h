/* Atomic operations, under their older names: all of them are sequentially consistent. */
#ifndef __UK_ARCH_ATOMIC_H__
#define __UK_ARCH_ATOMIC_H__

#define ukarch_load_n(src) __atomic_load_n((src), __ATOMIC_SEQ_CST)
#define ukarch_store_n(dst, val) __atomic_store_n((dst), (val), __ATOMIC_SEQ_CST)
#define ukarch_exchange_n(dst, val) __atomic_exchange_n((dst), (val), __ATOMIC_SEQ_CST)
#define ukarch_fetch_add(dst, val) __atomic_fetch_add((dst), (val), __ATOMIC_SEQ_CST)
#define ukarch_fetch_sub(dst, val) __atomic_fetch_sub((dst), (val), __ATOMIC_SEQ_CST)
#define ukarch_add_fetch(dst, val) __atomic_add_fetch((dst), (val), __ATOMIC_SEQ_CST)
#define ukarch_sub_fetch(dst, val) __atomic_sub_fetch((dst), (val), __ATOMIC_SEQ_CST)
#define ukarch_inc(dst) __atomic_fetch_add((dst), 1, __ATOMIC_SEQ_CST)
#define ukarch_dec(dst) __atomic_fetch_sub((dst), 1, __ATOMIC_SEQ_CST)
#define ukarch_or(dst, val) __atomic_fetch_or((dst), (val), __ATOMIC_SEQ_CST)
#define ukarch_and(dst, val) __atomic_fetch_and((dst), (val), __ATOMIC_SEQ_CST)
#define ukarch_compare_exchange_sync(dst, old_val, new_val) __sync_val_compare_and_swap((dst), (old_val), (new_val))
#define ukarch_test_and_clr_bit(nr, addr) uk_test_and_clear_bit((nr), (addr))
#define ukarch_test_and_set_bit(nr, addr) uk_test_and_set_bit((nr), (addr))

#include <uk/bitops.h>

#endif /* __UK_ARCH_ATOMIC_H__ */
