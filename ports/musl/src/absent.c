/* Calls that musl knows by number and that this kernel may not have: they fail as Linux says it of a call that it does not know. All are weak, so that
 * the kernel's own wins; each stands in its own section, and the linker drops those that nobody names. */
#include <errno.h>

#define __UK_CALL(number, name) __attribute__((__weak__)) long uk_syscall_##name(void) { return -ENOSYS; }
#include "uk_calls.h"
