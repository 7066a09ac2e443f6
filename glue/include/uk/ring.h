/* A bounded queue of pointers that any number of threads fill and empty without a lock. */
#ifndef __UK_RING_H__
#define __UK_RING_H__

#include <uk/alloc.h>

#ifdef __cplusplus
extern "C" {
#endif

struct __uk_ring_slot {
	/** Whose turn the slot is: a number of enqueue, or one more when it is full. */
	uint32_t turn;
	void *item;
};

struct uk_ring {
	uint32_t mask;
	uint32_t head __align(64);
	uint32_t tail __align(64);
	struct __uk_ring_slot *slots;
};

/** A ring for `count` pointers, a power of two, in memory of `a`; NULL without memory or for another count. */
static inline struct uk_ring *uk_ring_alloc(struct uk_alloc *a, int count)
{
	if (count < 2 || !POWER_OF_2(count))
		return NULL;
	struct uk_ring *ring = (struct uk_ring *)uk_memalign(a, 64, sizeof(*ring) + (size_t)count * sizeof(struct __uk_ring_slot));
	if (!ring)
		return NULL;
	ring->mask = (uint32_t)count - 1;
	ring->head = 0;
	ring->tail = 0;
	ring->slots = (struct __uk_ring_slot *)(ring + 1);
	for (uint32_t i = 0; i < (uint32_t)count; i++)
		ring->slots[i].turn = i;
	return ring;
}
static inline void uk_ring_free(struct uk_ring *ring, struct uk_alloc *a)
{
	uk_free(a, ring);
}
/** Puts a pointer in: 0, or ENOBUFS when the ring is full. */
static inline int uk_ring_enqueue(struct uk_ring *ring, void *item)
{
	uint32_t tail = __atomic_load_n(&ring->tail, __ATOMIC_RELAXED);
	for (;;) {
		struct __uk_ring_slot *slot = &ring->slots[tail & ring->mask];
		int32_t ahead = (int32_t)(__atomic_load_n(&slot->turn, __ATOMIC_ACQUIRE) - tail);
		if (ahead < 0)
			return ENOBUFS;
		if (ahead > 0)
			tail = __atomic_load_n(&ring->tail, __ATOMIC_RELAXED);
		else if (__atomic_compare_exchange_n(&ring->tail, &tail, tail + 1, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
			slot->item = item;
			__atomic_store_n(&slot->turn, tail + 1, __ATOMIC_RELEASE);
			return 0;
		}
	}
}
/** Takes the oldest pointer out; NULL when the ring is empty. */
static inline void *uk_ring_dequeue_mc(struct uk_ring *ring)
{
	uint32_t head = __atomic_load_n(&ring->head, __ATOMIC_RELAXED);
	for (;;) {
		struct __uk_ring_slot *slot = &ring->slots[head & ring->mask];
		int32_t ahead = (int32_t)(__atomic_load_n(&slot->turn, __ATOMIC_ACQUIRE) - (head + 1));
		if (ahead < 0)
			return NULL;
		if (ahead > 0)
			head = __atomic_load_n(&ring->head, __ATOMIC_RELAXED);
		else if (__atomic_compare_exchange_n(&ring->head, &head, head + 1, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
			void *item = slot->item;
			__atomic_store_n(&slot->turn, head + ring->mask + 1, __ATOMIC_RELEASE);
			return item;
		}
	}
}
#define uk_ring_dequeue_sc(ring) uk_ring_dequeue_mc(ring)
/** Pointers inside; a moment's truth when others work on it. */
static inline uint32_t uk_ring_count(struct uk_ring *ring)
{
	return __atomic_load_n(&ring->tail, __ATOMIC_RELAXED) - __atomic_load_n(&ring->head, __ATOMIC_RELAXED);
}
static inline int uk_ring_empty(struct uk_ring *ring)
{
	return uk_ring_count(ring) == 0;
}
static inline int uk_ring_full(struct uk_ring *ring)
{
	return uk_ring_count(ring) > ring->mask;
}

#ifdef __cplusplus
}
#endif

#endif /* __UK_RING_H__ */
