/* futex(2) for the locks. */
#include <uk/bits/syscalls.h>
#include <uk/futex.h>

/* linux/futex.h */
#define FUTEX_WAIT 0
#define FUTEX_WAKE 1
#define FUTEX_WAIT_BITSET 9
#define FUTEX_PRIVATE_FLAG 128
#define FUTEX_BITSET_MATCH_ANY 0xffffffffL

/* The kernel's quick ways of the two commonest operations. */
long uk_call_futex_wait(long word, long op, long expected);
long uk_call_futex_wake(long word, long op, long count);

int uk_word_wait(uint32_t *word, uint32_t value, __nsec deadline)
{
	if (!deadline)
		return (int)uk_call_futex_wait((long)word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, (long)value);
	struct {
		int64_t sec;
		int64_t nsec;
	} until = {(int64_t)(deadline / 1000000000u), (int64_t)(deadline % 1000000000u)};
	/* With BITSET the time is a point of the monotonic clock, not a length. */
	return (int)uk_syscall_futex((long)word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, (long)value, (long)&until, 0,
				     FUTEX_BITSET_MATCH_ANY);
}

int uk_word_wake(uint32_t *word, int count)
{
	return (int)uk_call_futex_wake((long)word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count);
}
