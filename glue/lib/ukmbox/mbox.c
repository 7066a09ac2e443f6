/* Mail boxes: a ring between two semaphores, one counting the free places, one the messages. */
#include <uk/mbox.h>
#include <uk/mutex.h>
#include <uk/semaphore.h>

struct uk_mbox {
	struct uk_semaphore places, messages;
	struct uk_mutex lock;
	size_t size, head, tail;
	void *ring[];
};

struct uk_mbox *uk_mbox_create(struct uk_alloc *a, size_t size)
{
	if (!size || size > (SIZE_MAX - sizeof(struct uk_mbox)) / sizeof(void *) || size > INT32_MAX)
		return NULL;
	struct uk_mbox *m = uk_malloc(a, sizeof(*m) + size * sizeof(void *));
	if (!m)
		return NULL;
	uk_semaphore_init(&m->places, (long)size);
	uk_semaphore_init(&m->messages, 0);
	uk_mutex_init(&m->lock);
	m->size = size;
	m->head = 0;
	m->tail = 0;
	return m;
}

void uk_mbox_free(struct uk_alloc *a, struct uk_mbox *m)
{
	uk_free(a, m);
}

static void put(struct uk_mbox *m, void *msg)
{
	uk_mutex_lock(&m->lock);
	m->ring[m->tail] = msg;
	m->tail = (m->tail + 1) % m->size;
	uk_mutex_unlock(&m->lock);
	uk_semaphore_up(&m->messages);
}

static void get(struct uk_mbox *m, void **msg)
{
	uk_mutex_lock(&m->lock);
	void *first = m->ring[m->head];
	m->head = (m->head + 1) % m->size;
	uk_mutex_unlock(&m->lock);
	uk_semaphore_up(&m->places);
	if (msg)
		*msg = first;
}

void uk_mbox_post(struct uk_mbox *m, void *msg)
{
	uk_semaphore_down(&m->places);
	put(m, msg);
}

int uk_mbox_post_try(struct uk_mbox *m, void *msg)
{
	if (!uk_semaphore_down_try(&m->places))
		return -ENOBUFS;
	put(m, msg);
	return 0;
}

__nsec uk_mbox_post_to(struct uk_mbox *m, void *msg, __nsec timeout)
{
	__nsec waited = uk_semaphore_down_to(&m->places, timeout);
	if (waited != __NSEC_MAX)
		put(m, msg);
	return waited;
}

void uk_mbox_recv(struct uk_mbox *m, void **msg)
{
	uk_semaphore_down(&m->messages);
	get(m, msg);
}

int uk_mbox_recv_try(struct uk_mbox *m, void **msg)
{
	if (!uk_semaphore_down_try(&m->messages))
		return -ENOMSG;
	get(m, msg);
	return 0;
}

__nsec uk_mbox_recv_to(struct uk_mbox *m, void **msg, __nsec timeout)
{
	__nsec waited = uk_semaphore_down_to(&m->messages, timeout);
	if (waited != __NSEC_MAX)
		get(m, msg);
	else if (msg)
		*msg = NULL;
	return waited;
}
