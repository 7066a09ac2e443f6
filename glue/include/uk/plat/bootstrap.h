/* The end of the machine. */
#ifndef __UK_PLAT_BOOTSTRAP_H__
#define __UK_PLAT_BOOTSTRAP_H__

#include <uk/assert.h>
#include <uk/bits/syscalls.h>

#ifdef __cplusplus
extern "C" {
#endif

enum ukplat_gstate {
	/** Ends well: status 0. */
	UKPLAT_HALT,
	/** The tool starts no machine twice: as UKPLAT_HALT. */
	UKPLAT_RESTART,
	/** Ends by SIGABRT. */
	UKPLAT_CRASH,
};

/** Ends the application and stops the machine. */
__noreturn static inline void ukplat_terminate(enum ukplat_gstate request)
{
	if (request == UKPLAT_CRASH)
		uk_abort();
	for (;;)
		uk_syscall_exit_group(0);
}
#define ukplat_halt() ukplat_terminate(UKPLAT_HALT)
#define ukplat_restart() ukplat_terminate(UKPLAT_RESTART)
#define ukplat_crash() ukplat_terminate(UKPLAT_CRASH)

#ifdef __cplusplus
}
#endif

#endif /* __UK_PLAT_BOOTSTRAP_H__ */
