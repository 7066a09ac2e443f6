/* Waiting for a word to change, and waking who waits: what the locks of uk/mutex.h and its neighbours are made of (futex(2)). */
#ifndef __UK_FUTEX_H__
#define __UK_FUTEX_H__

#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Sleeps while `*word` is `value`, until woken or until `deadline`.
 * @param deadline  of the monotonic clock in nanoseconds, 0 for none
 * @return 0 when woken (perhaps without a reason: look at the word again), -EAGAIN when the word was another one, -ETIMEDOUT, -EINTR
 */
int uk_word_wait(uint32_t *word, uint32_t value, __nsec deadline);
/** Wakes up to `count` waiters; how many there were. */
int uk_word_wake(uint32_t *word, int count);

#ifdef __cplusplus
}
#endif

#endif /* __UK_FUTEX_H__ */
