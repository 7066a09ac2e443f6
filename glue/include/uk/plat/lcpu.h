/* The processor, as far as an application may touch it. Interrupts are the kernel's: they are always on, and what ports protect by switching them off is
 * protected from other threads by one recursive lock instead. */
#ifndef __UK_PLAT_LCPU_H__
#define __UK_PLAT_LCPU_H__

#include <uk/bits/syscalls.h>
#include <uk/essentials.h>
#include <uk/plat/time.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Begins a section that no other thread's such section runs beside; may be nested. What is returned goes to ukplat_lcpu_restore_irqf(). */
unsigned long ukplat_lcpu_save_irqf(void);
/** Ends it. */
void ukplat_lcpu_restore_irqf(unsigned long flags);

/** Gives the processor to other threads for up to a tick. */
static inline void ukplat_lcpu_halt_irq(void)
{
	struct {
		int64_t sec;
		int64_t nsec;
	} tick = {0, (int64_t)UKPLAT_TIME_TICK_NSEC};
	uk_syscall_nanosleep((long)&tick, 0);
}
#define ukplat_lcpu_irqs_handle_pending() ((void)0)
#define ukplat_lcpu_id() 0
#define ukplat_lcpu_count() 1

#ifdef __cplusplus
}
#endif

#endif /* __UK_PLAT_LCPU_H__ */
