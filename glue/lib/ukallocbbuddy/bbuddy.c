/* The binary buddy allocator. Blocks are powers of two from 32 bytes on, aligned to their size, in arenas of 1 MiB that are aligned to their size too:
 * a pointer's arena, and its byte in the arena's map, follow from its address, so blocks have no header and a power of two wastes nothing. What is larger than
 * a quarter of an arena has pages of its own. Freed small blocks wait in short lists before they are joined, since most are wanted again soon. */
#include <string.h>
#include <uk/alloc_impl.h>
#include <uk/allocbbuddy.h>
#include <uk/mutex.h>

#include "../ukalloc/pages.h"

#define MIN_ORDER 5u
#define ARENA_ORDER 20u
#define MAX_ORDER 18u
#define ARENA_SIZE ((size_t)1 << ARENA_ORDER)
#define MIN_SIZE ((size_t)1 << MIN_ORDER)
#define MAP_SIZE (ARENA_SIZE >> MIN_ORDER)

/* A byte of the map, at the first unit of a block: its order, and one of these. */
#define USED 0x80u
#define WAITING 0x40u /* freed, in a short list */
#define ORDER_MASK 0x1fu

/* Blocks up to this order wait, this many of an order. */
#define WAIT_ORDER 11u
#define WAIT_MAX 32u

struct block {
	struct block *next;
	struct block **pprev;
};

enum kind { ARENA = 0x41524e41, LARGE = 0x4c415247 };

/* At the beginning of an arena, and of the pages of a large block. */
struct arena {
	enum kind kind;
	/* ARENA: bytes in use, waiting ones included. */
	uint32_t used;
	/* LARGE: what is mapped from `base`, and how much of it is the caller's. */
	size_t mapped, size;
	void *base;
	uint8_t map[];
};

static struct block *free_blocks[MAX_ORDER + 1];
static struct block *waiting[WAIT_ORDER + 1];
static uint32_t waiting_count[WAIT_ORDER + 1];
static struct arena *spare; /* an arena with nothing in it, kept for the next that is needed */
static size_t free_bytes;
static struct uk_mutex lock = UK_MUTEX_INITIALIZER(lock);

/* The arena or the head of a large block, for a pointer that was handed out: a large block may begin where an arena would end. */
static struct arena *arena_of(const void *p)
{
	return (struct arena *)ALIGN_DOWN((uintptr_t)p - 1, (uintptr_t)ARENA_SIZE);
}

static uint8_t *state_of(struct arena *arena, const void *p)
{
	return &arena->map[((uintptr_t)p - (uintptr_t)arena) >> MIN_ORDER];
}

static unsigned int order_for(size_t size)
{
	return size <= MIN_SIZE ? MIN_ORDER : 64u - (unsigned int)__builtin_clzl(size - 1);
}

static void push(struct arena *arena, void *p, unsigned int order)
{
	struct block *b = p;
	b->next = free_blocks[order];
	b->pprev = &free_blocks[order];
	if (b->next)
		b->next->pprev = &b->next;
	free_blocks[order] = b;
	*state_of(arena, p) = (uint8_t)order;
}

static void unlink_block(struct block *b)
{
	*b->pprev = b->next;
	if (b->next)
		b->next->pprev = b->pprev;
}

/* Cuts the arena's memory behind its own administration into blocks. */
static int grow(void)
{
	struct arena *arena = spare;
	spare = NULL;
	if (!arena) {
		arena = uk_pages_map_aligned(ARENA_SIZE, ARENA_SIZE);
		if (!arena)
			return 0;
		arena->kind = ARENA;
	}
	size_t at = (size_t)1 << order_for(sizeof(*arena) + MAP_SIZE);
	free_bytes += ARENA_SIZE - at;
	while (at < ARENA_SIZE) {
		unsigned int order = (unsigned int)__builtin_ctzl(at);
		order = order > MAX_ORDER ? MAX_ORDER : order;
		push(arena, (char *)arena + at, order);
		at += (size_t)1 << order;
	}
	return 1;
}

/* Joins a block with its neighbours as far as they are free. */
static void join(struct arena *arena, void *p, unsigned int order)
{
	uintptr_t offset = (uintptr_t)p - (uintptr_t)arena;
	while (order < MAX_ORDER) {
		uintptr_t buddy = offset ^ (uintptr_t)1 << order;
		if (buddy < sizeof(*arena) + MAP_SIZE || arena->map[buddy >> MIN_ORDER] != order)
			break;
		unlink_block((struct block *)((char *)arena + buddy));
		arena->map[buddy >> MIN_ORDER] = 0;
		arena->map[offset >> MIN_ORDER] = 0;
		offset &= ~((uintptr_t)1 << order);
		order++;
	}
	push(arena, (char *)arena + offset, order);
}

/* Takes all blocks of an empty arena out of the lists; one such arena is kept, others go back to the kernel. */
static void retire(struct arena *arena)
{
	size_t at = (size_t)1 << order_for(sizeof(*arena) + MAP_SIZE);
	free_bytes -= ARENA_SIZE - at;
	while (at < ARENA_SIZE) {
		unsigned int order = arena->map[at >> MIN_ORDER];
		unlink_block((struct block *)((char *)arena + at));
		arena->map[at >> MIN_ORDER] = 0;
		at += (size_t)1 << order;
	}
	if (spare)
		uk_pages_unmap(arena, ARENA_SIZE);
	else
		spare = arena;
}

static void release(struct arena *arena, void *p, unsigned int order)
{
	free_bytes += (size_t)1 << order;
	arena->used -= 1u << order;
	join(arena, p, order);
	if (!arena->used)
		retire(arena);
}

/* Empties the short lists. */
static void flush(void)
{
	for (unsigned int order = MIN_ORDER; order <= WAIT_ORDER; order++) {
		while (waiting[order]) {
			struct block *b = waiting[order];
			waiting[order] = b->next;
			release(arena_of(b), b, order);
		}
		waiting_count[order] = 0;
	}
}

static void *take(unsigned int order)
{
	unsigned int from = order;
	while (from <= MAX_ORDER && !free_blocks[from])
		from++;
	if (from > MAX_ORDER)
		return NULL;
	struct block *b = free_blocks[from];
	struct arena *arena = arena_of(b);
	unlink_block(b);
	while (from > order)
		push(arena, (char *)b + ((size_t)1 << --from), from);
	*state_of(arena, b) = (uint8_t)(USED | order);
	arena->used += 1u << order;
	free_bytes -= (size_t)1 << order;
	return b;
}

static void *small_alloc(unsigned int order)
{
	void *p;
	uk_mutex_lock(&lock);
	if (order <= WAIT_ORDER && waiting[order]) {
		struct block *b = waiting[order];
		waiting[order] = b->next;
		waiting_count[order]--;
		*state_of(arena_of(b), b) = (uint8_t)(USED | order);
		p = b;
	} else {
		p = take(order);
		if (!p && order > WAIT_ORDER) { /* the short lists may hold the parts of a block that is large enough */
			flush();
			p = take(order);
		}
		if (!p && grow())
			p = take(order);
	}
	uk_mutex_unlock(&lock);
	return p;
}

/* A block with pages of its own: one page for the head, the caller's memory at the next address that is aligned. */
static void *large_alloc(size_t align, size_t size)
{
	size_t lead = align <= __PAGE_SIZE ? __PAGE_SIZE : align;
	size_t unit = align <= ARENA_SIZE ? ARENA_SIZE : align;
	if (size > SIZE_MAX / 4 || lead > SIZE_MAX / 4)
		return NULL;
	size_t mapped = ALIGN_UP(lead + size, __PAGE_SIZE);
	char *base = uk_pages_map_aligned(mapped, unit);
	if (!base)
		return NULL;
	/* The head is found from the address just below the caller's memory. */
	struct arena *head = arena_of(base + lead);
	head->kind = LARGE;
	head->mapped = mapped;
	head->base = base;
	head->size = mapped - lead;
	return base + lead;
}

static void *allocate(size_t align, size_t size)
{
	void *p;
	size_t want = size < align ? align : size;
	if (want <= (size_t)1 << MAX_ORDER)
		p = small_alloc(order_for(want));
	else
		p = large_alloc(align, size);
	if (unlikely(!p))
		errno = ENOMEM;
	return p;
}

static void bbuddy_free(struct uk_alloc *a, void *p)
{
	(void)a;
	if (!p)
		return;
	struct arena *arena = arena_of(p);
	if (arena->kind == LARGE) {
		uk_pages_unmap(arena->base, arena->mapped);
		return;
	}
	uint8_t *state = state_of(arena, p);
	/* Freed twice, or never handed out. */
	UK_BUGON(arena->kind != ARENA || !(*state & USED));
	unsigned int order = *state & ORDER_MASK;
	uk_mutex_lock(&lock);
	if (order <= WAIT_ORDER && waiting_count[order] < WAIT_MAX) {
		struct block *b = p;
		b->next = waiting[order];
		waiting[order] = b;
		waiting_count[order]++;
		*state = (uint8_t)(WAITING | order);
	} else {
		release(arena, p, order);
	}
	uk_mutex_unlock(&lock);
}

static size_t usable(const void *p)
{
	struct arena *arena = arena_of(p);
	return arena->kind == LARGE ? arena->size : (size_t)1 << (*state_of(arena, p) & ORDER_MASK);
}

size_t uk_allocbbuddy_usable_size(const void *p)
{
	return p ? usable(p) : 0;
}

static void *bbuddy_malloc(struct uk_alloc *a, size_t size)
{
	(void)a;
	return allocate(16, size);
}

static void *bbuddy_calloc(struct uk_alloc *a, size_t nmemb, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(nmemb, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	void *p = bbuddy_malloc(a, bytes);
	if (p && arena_of(p)->kind == ARENA) /* pages of its own come zeroed */
		memset(p, 0, bytes);
	return p;
}

static void *bbuddy_memalign(struct uk_alloc *a, size_t align, size_t size)
{
	(void)a;
	if (!POWER_OF_2(align) || align > SIZE_MAX / 4) {
		errno = align && POWER_OF_2(align) ? ENOMEM : EINVAL;
		return NULL;
	}
	return allocate(align, size);
}

static void *bbuddy_realloc(struct uk_alloc *a, void *p, size_t size)
{
	if (!p)
		return bbuddy_malloc(a, size);
	size_t old = usable(p);
	/* Stays where it is as long as it fits and does not waste more than three quarters. */
	if (size <= old && (size > old / 4 || old <= MIN_SIZE))
		return p;
	/* What grows once grows again: untouched pages cost nothing. */
	size_t want = size > old && size > (size_t)1 << MAX_ORDER && size < SIZE_MAX / 4 ? size + size / 2 : size;
	void *moved = bbuddy_malloc(a, want);
	if (!moved && want != size)
		moved = bbuddy_malloc(a, size);
	if (!moved)
		return size <= old ? p : NULL;
	memcpy(moved, p, old < size ? old : size);
	bbuddy_free(a, p);
	return moved;
}

static void *bbuddy_palloc(struct uk_alloc *a, unsigned long num_pages)
{
	(void)a;
	if (num_pages > SIZE_MAX / 4 / __PAGE_SIZE) {
		errno = ENOMEM;
		return NULL;
	}
	return allocate(__PAGE_SIZE, num_pages * __PAGE_SIZE);
}

static void bbuddy_pfree(struct uk_alloc *a, void *p, unsigned long num_pages)
{
	(void)num_pages;
	bbuddy_free(a, p);
}

static __ssz bbuddy_availmem(struct uk_alloc *a)
{
	return uk_alloc_machine_free(a) + (__ssz)free_bytes;
}

static struct uk_alloc bbuddy = {
	.malloc = bbuddy_malloc,
	.calloc = bbuddy_calloc,
	.realloc = bbuddy_realloc,
	.posix_memalign = uk_posix_memalign_compat,
	.memalign = bbuddy_memalign,
	.free = bbuddy_free,
	.palloc = bbuddy_palloc,
	.pfree = bbuddy_pfree,
	.maxalloc = uk_alloc_machine_free,
	.availmem = bbuddy_availmem,
	.pmaxalloc = uk_alloc_machine_pfree,
	.pavailmem = uk_alloc_machine_pfree,
};

struct uk_alloc *uk_allocbbuddy_get(void)
{
	uk_alloc_register(&bbuddy);
	return &bbuddy;
}
