/* Spin locks, for a few instructions. The kernel may take the processor from who holds one, so who waits yields it after a while. Interrupts are the
 * kernel's affair: the variants that name them lock, and no more. */
#ifndef __UK_SPINLOCK_H__
#define __UK_SPINLOCK_H__

#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

struct __spinlock {
	uint32_t lock;
};
typedef struct __spinlock __spinlock;
typedef struct __spinlock uk_spinlock;

#define UKARCH_SPINLOCK_INITIALIZER() {0}
#define UK_SPINLOCK_INITIALIZER() {0}

/** Spins, and yields now and then, until the lock was free. */
void _uk_spin_wait(uk_spinlock *lock);

static inline void uk_spin_init(uk_spinlock *lock)
{
	lock->lock = 0;
}
/** Locks if it is free; whether it did. */
static inline int uk_spin_trylock(uk_spinlock *lock)
{
	return __atomic_exchange_n(&lock->lock, 1, __ATOMIC_ACQUIRE) == 0;
}
static inline void uk_spin_lock(uk_spinlock *lock)
{
	if (unlikely(!uk_spin_trylock(lock)))
		_uk_spin_wait(lock);
}
static inline void uk_spin_unlock(uk_spinlock *lock)
{
	__atomic_store_n(&lock->lock, 0, __ATOMIC_RELEASE);
}
static inline int uk_spin_is_locked(uk_spinlock *lock)
{
	return __atomic_load_n(&lock->lock, __ATOMIC_RELAXED) != 0;
}

#define ukarch_spin_init(lock) uk_spin_init(lock)
#define ukarch_spin_lock(lock) uk_spin_lock(lock)
#define ukarch_spin_trylock(lock) uk_spin_trylock(lock)
#define ukarch_spin_unlock(lock) uk_spin_unlock(lock)
#define ukarch_spin_is_locked(lock) uk_spin_is_locked(lock)
#define uk_spin_lock_irq(lock) uk_spin_lock(lock)
#define uk_spin_unlock_irq(lock) uk_spin_unlock(lock)
#define uk_spin_lock_irqsave(lock, flags) ((void)((flags) = 0), uk_spin_lock(lock))
#define uk_spin_unlock_irqrestore(lock, flags) ((void)(flags), uk_spin_unlock(lock))
#define uk_spin_lock_irqf(lock, flagsp) ((void)(*(flagsp) = 0), uk_spin_lock(lock))
#define uk_spin_unlock_irqf(lock, flags) ((void)(flags), uk_spin_unlock(lock))

#ifdef __cplusplus
}
#endif

#endif /* __UK_SPINLOCK_H__ */
