/* Mail boxes: a bounded queue of pointers whose users sleep while it is full or empty. */
#ifndef __UK_MBOX_H__
#define __UK_MBOX_H__

#include <uk/alloc.h>
#include <uk/arch/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct uk_mbox;

/** A box for `size` messages in memory of `a`; NULL without memory. */
struct uk_mbox *uk_mbox_create(struct uk_alloc *a, size_t size);
void uk_mbox_free(struct uk_alloc *a, struct uk_mbox *m);
/** Puts a message in, sleeping while the box is full. */
void uk_mbox_post(struct uk_mbox *m, void *msg);
/** The same without sleeping: 0, or -ENOBUFS. */
int uk_mbox_post_try(struct uk_mbox *m, void *msg);
/** The same within `timeout` nanoseconds: how many it waited, or __NSEC_MAX. */
__nsec uk_mbox_post_to(struct uk_mbox *m, void *msg, __nsec timeout);
/** Takes the oldest message, sleeping while there is none. */
void uk_mbox_recv(struct uk_mbox *m, void **msg);
/** The same without sleeping: 0, or -ENOMSG. */
int uk_mbox_recv_try(struct uk_mbox *m, void **msg);
/** The same within `timeout` nanoseconds: how many it waited, or __NSEC_MAX. */
__nsec uk_mbox_recv_to(struct uk_mbox *m, void **msg, __nsec timeout);

#ifdef __cplusplus
}
#endif

#endif /* __UK_MBOX_H__ */
