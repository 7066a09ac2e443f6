/* Allocators: blocks keep their contents, are aligned, do not overlap; impossible requests fail. */
#include "check.h"

#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uk/alloc.h>
#include <uk/allocpool.h>
#include <uk/allocregion.h>
#include <uk/plat/time.h>
#include <uk/ring.h>

#define BLOCKS 200

static uint32_t seed = 1;

static uint32_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 17;
	seed ^= seed << 5;
	return seed;
}

struct kept {
	unsigned char *p;
	size_t size;
	unsigned char mark;
};

static int intact(const struct kept *k)
{
	for (size_t i = 0; i < k->size; i += k->size > 4096 ? 509 : 1) {
		if (k->p[i] != k->mark)
			return 0;
	}
	return k->size == 0 || k->p[k->size - 1] == k->mark;
}

static size_t some_size(void)
{
	uint32_t r = next();
	return r % 16 == 0 ? next() % 2000000 : r % 4 == 0 ? next() % 70000 : next() % 600;
}

/* Random calls against one allocator. */
static void churn(struct uk_alloc *a, int rounds)
{
	static struct kept kept[BLOCKS];
	memset(kept, 0, sizeof(kept));
	for (int i = 0; i < rounds; i++) {
		struct kept *k = &kept[next() % BLOCKS];
		CHECK(intact(k));
		size_t size = some_size();
		unsigned int what = next() % 8;
		if (k->p && what < 4) {
			uk_free(a, k->p);
			*k = (struct kept){0};
			continue;
		}
		if (k->p && what < 6) {
			unsigned char *p = uk_realloc(a, k->p, size);
			CHECK(p);
			struct kept old = {p, size < k->size ? size : k->size, k->mark};
			CHECK(intact(&old));
			k->p = p;
		} else {
			size_t align = (size_t)16 << next() % 10;
			uk_free(a, k->p);
			k->p = what == 6 ? uk_memalign(a, align, size) : what == 7 ? uk_calloc(a, 1, size) : uk_malloc(a, size);
			CHECK(k->p && (uintptr_t)k->p % (what == 6 ? align : 16) == 0);
			for (size_t at = 0; what == 7 && at < size; at += 61)
				CHECK(k->p[at] == 0);
		}
		k->size = size;
		k->mark = (unsigned char)next();
		memset(k->p, k->mark, size);
	}
	for (int i = 0; i < BLOCKS; i++) {
		CHECK(intact(&kept[i]));
		uk_free(a, kept[i].p);
	}
}

void stress_alloc(int rounds)
{
	__nsec start = ukplat_monotonic_clock();
	churn(uk_alloc_get_default(), rounds);
	(void)start;
	puts(failures ? "broken" : "sound");
}

static void check_pool(struct uk_alloc *a)
{
	struct uk_allocpool *pool = uk_allocpool_alloc(a, 10, 24, 8);
	void *taken[10];
	CHECK(pool && uk_allocpool_availcount(pool) >= 10 && uk_allocpool_objlen(pool) == 24);
	while (uk_allocpool_availcount(pool) > 10)
		uk_allocpool_take(pool);
	for (int i = 0; i < 10; i++) {
		taken[i] = uk_allocpool_take(pool);
		CHECK(taken[i]);
		memset(taken[i], i, 24);
	}
	CHECK(!uk_allocpool_take(pool));
	for (int i = 0; i < 10; i++)
		uk_allocpool_return(pool, taken[i]);
	CHECK(uk_allocpool_availcount(pool) == 10);
	CHECK(!uk_allocpool_alloc(a, 0xffffffffu, SIZE_MAX / 2, 8));
}

static void check_ring(struct uk_alloc *a)
{
	struct uk_ring *ring = uk_ring_alloc(a, 4);
	int items[5];
	CHECK(ring && uk_ring_empty(ring) && !uk_ring_alloc(a, 3));
	for (int i = 0; i < 4; i++)
		CHECK(uk_ring_enqueue(ring, &items[i]) == 0);
	CHECK(uk_ring_full(ring) && uk_ring_enqueue(ring, &items[4]) == ENOBUFS && uk_ring_count(ring) == 4);
	for (int i = 0; i < 4; i++)
		CHECK(uk_ring_dequeue_mc(ring) == &items[i]);
	CHECK(!uk_ring_dequeue_sc(ring));
	uk_ring_free(ring, a);
}

void check_alloc(void)
{
	struct uk_alloc *a = uk_alloc_get_default();
	CHECK(a && a == uk_alloc_get_default() && _uk_alloc_head == a);
	churn(a, 4000);
	void *p = (void *)1;
	CHECK(uk_posix_memalign(a, &p, 3, 10) == EINVAL);
	CHECK(uk_posix_memalign(a, &p, 1 << 21, 10) == 0 && (uintptr_t)p % (1 << 21) == 0);
	uk_free(a, p);
	errno = 0;
	CHECK(!uk_malloc(a, SIZE_MAX - 5) && errno == ENOMEM);
	CHECK(!uk_calloc(a, SIZE_MAX / 2, 3));
	CHECK(!uk_malloc(NULL, 1) && errno == ENOMEM);
	CHECK(uk_malloc(a, 0));
	void *pages = uk_palloc(a, 3);
	CHECK(pages && (uintptr_t)pages % 4096 == 0);
	memset(pages, 1, 3 * 4096);
	uk_pfree(a, pages, 3);
	CHECK(uk_alloc_availmem(a) > 1 << 20 && uk_alloc_pavailmem(a) > 256 && uk_alloc_maxalloc(a) > 1 << 20);
	char *libc = malloc(100);
	CHECK(libc && malloc_usable_size(libc) >= 100);
	free(libc);
	static char memory[4096];
	struct uk_alloc *region = uk_allocregion_init(memory, sizeof(memory));
	CHECK(region && uk_alloc_get_default() == a);
	char *first = uk_malloc(region, 100), *more = uk_realloc(region, first, 200);
	CHECK(first && first == more && !uk_malloc(region, 4096));
	CHECK(uk_alloc_availmem(region) < 4096);
	check_pool(a);
	check_ring(a);
}
