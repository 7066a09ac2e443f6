/* The slow ways of mutexes, spin locks and the section that stands for switched-off interrupts. */
#include <uk/bits/syscalls.h>
#include <uk/futex.h>
#include <uk/mutex.h>
#include <uk/plat/lcpu.h>
#include <uk/spinlock.h>

/* How often a spin lock is looked at before the processor is given to others. */
#define SPINS 100

void _uk_mutex_lock_slow(struct uk_mutex *m)
{
	/* Whoever slept leaves 2 behind, for there may be others who sleep. */
	while (__atomic_exchange_n(&m->word, 2, __ATOMIC_ACQUIRE) != 0)
		uk_word_wait(&m->word, 2, 0);
}

void _uk_mutex_wake(struct uk_mutex *m)
{
	uk_word_wake(&m->word, 1);
}

void _uk_spin_wait(uk_spinlock *lock)
{
	do {
		for (int i = 0; i < SPINS && uk_spin_is_locked(lock); i++)
			__builtin_ia32_pause();
		if (uk_spin_is_locked(lock))
			uk_syscall_sched_yield();
	} while (!uk_spin_trylock(lock));
}

static struct uk_mutex section = UK_MUTEX_INITIALIZER_RECURSIVE(section);

unsigned long ukplat_lcpu_save_irqf(void)
{
	uk_mutex_lock(&section);
	return 0;
}

void ukplat_lcpu_restore_irqf(unsigned long flags)
{
	(void)flags;
	uk_mutex_unlock(&section);
}
