/* Constructors: functions that run first of all at boot, on the first thread, when the C library is ready (docs: the boot sequence). */
#ifndef __UK_CTORS_H__
#define __UK_CTORS_H__

#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A constructor. */
typedef void (*uk_ctor_func_t)(void);

#define __UK_CTOR(fn, prio)                                                                                                            \
	static const uk_ctor_func_t __used __section(".uk_ctortab" #prio) __uk_ctortab_##prio##_##fn = (fn)
#define _UK_CTOR(fn, prio) __UK_CTOR(fn, prio)

/**
 * Registers a constructor.
 * @param fn    void fn(void)
 * @param prio  0 (first) to 9 (last), a literal digit; within a priority the order is the linker's
 */
#define UK_CTOR_PRIO(fn, prio) _UK_CTOR(fn, prio)
/** A constructor of the last priority. */
#define UK_CTOR(fn) UK_CTOR_PRIO(fn, 9)

/** For `prio`: the priority after another one (UK_PRIO_AFTER(5) is 6). */
#define UK_PRIO_AFTER(prio) _UK_PRIO_AFTER(prio)
#define _UK_PRIO_AFTER(prio) __UK_PRIO_AFTER_##prio
#define __UK_PRIO_AFTER_0 1
#define __UK_PRIO_AFTER_1 2
#define __UK_PRIO_AFTER_2 3
#define __UK_PRIO_AFTER_3 4
#define __UK_PRIO_AFTER_4 5
#define __UK_PRIO_AFTER_5 6
#define __UK_PRIO_AFTER_6 7
#define __UK_PRIO_AFTER_7 8
#define __UK_PRIO_AFTER_8 9
#define UK_PRIO_EARLIEST 0
#define UK_PRIO_LATEST 9

#ifdef __cplusplus
}
#endif

#endif /* __UK_CTORS_H__ */
