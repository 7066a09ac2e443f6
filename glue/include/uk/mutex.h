/* Mutexes: one compare-and-swap when nobody waits, futex(2) when somebody does. */
#ifndef __UK_MUTEX_H__
#define __UK_MUTEX_H__

#include <uk/assert.h>
#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The owner may lock it again. */
#define UK_MUTEX_CONFIG_RECURSE 0x01

struct uk_mutex {
	/** 0 free, 1 locked, 2 locked and somebody may wait. */
	uint32_t word;
	/** UK_MUTEX_CONFIG_* */
	uint32_t flags;
	/** The owner's thread pointer, 0 when free. */
	uintptr_t owner;
	/** How often the owner has it. */
	uint32_t depth;
};

#define UK_MUTEX_INITIALIZER(name) {0, 0, 0, 0}
#define UK_MUTEX_INITIALIZER_RECURSIVE(name) {0, UK_MUTEX_CONFIG_RECURSE, 0, 0}

/** The calling thread, as a number that no other has while it runs. */
static inline uintptr_t __uk_thread_pointer(void)
{
	uintptr_t self;
	__asm__("movq %%fs:0, %0" : "=r"(self));
	return self;
}

/** What uk_mutex_lock() does when the mutex is taken. */
void _uk_mutex_lock_slow(struct uk_mutex *m);
/** What uk_mutex_unlock() does when somebody waits. */
void _uk_mutex_wake(struct uk_mutex *m);

/** Makes a mutex with UK_MUTEX_CONFIG_* flags. */
static inline void uk_mutex_init_config(struct uk_mutex *m, unsigned int flags)
{
	m->word = 0;
	m->flags = flags;
	m->owner = 0;
	m->depth = 0;
}
/** Makes a mutex that is not recursive. */
static inline void uk_mutex_init(struct uk_mutex *m)
{
	uk_mutex_init_config(m, 0);
}

static inline int __uk_mutex_again(struct uk_mutex *m, uintptr_t self)
{
	if (!(m->flags & UK_MUTEX_CONFIG_RECURSE) || __atomic_load_n(&m->owner, __ATOMIC_RELAXED) != self)
		return 0;
	m->depth++;
	return 1;
}

/** Locks, sleeping until it is free. A mutex that is not recursive is never locked twice by one thread: it would wait for itself. */
static inline void uk_mutex_lock(struct uk_mutex *m)
{
	uintptr_t self = __uk_thread_pointer();
	if (__uk_mutex_again(m, self))
		return;
	uint32_t free = 0;
	if (unlikely(!__atomic_compare_exchange_n(&m->word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)))
		_uk_mutex_lock_slow(m);
	__atomic_store_n(&m->owner, self, __ATOMIC_RELAXED);
	m->depth = 1;
}
/** Locks if that needs no waiting; whether it did. */
static inline int uk_mutex_trylock(struct uk_mutex *m)
{
	uintptr_t self = __uk_thread_pointer();
	if (__uk_mutex_again(m, self))
		return 1;
	uint32_t free = 0;
	if (!__atomic_compare_exchange_n(&m->word, &free, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return 0;
	__atomic_store_n(&m->owner, self, __ATOMIC_RELAXED);
	m->depth = 1;
	return 1;
}
/** Unlocks; the caller has it. */
static inline void uk_mutex_unlock(struct uk_mutex *m)
{
	UK_ASSERT(m->depth > 0);
	if (--m->depth)
		return;
	__atomic_store_n(&m->owner, (uintptr_t)0, __ATOMIC_RELAXED);
	if (unlikely(__atomic_exchange_n(&m->word, 0, __ATOMIC_RELEASE) == 2))
		_uk_mutex_wake(m);
}
/** Whether anybody has it. */
static inline int uk_mutex_is_locked(struct uk_mutex *m)
{
	return __atomic_load_n(&m->word, __ATOMIC_RELAXED) != 0;
}

#ifdef __cplusplus
}
#endif

#endif /* __UK_MUTEX_H__ */
