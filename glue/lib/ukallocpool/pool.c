/* Pools of objects of one size: the free ones are a list through themselves. */
#include <uk/allocpool.h>
#include <uk/assert.h>

struct object {
	struct object *next;
};

struct uk_allocpool {
	struct object *free;
	struct uk_alloc *parent;
	size_t obj_len;
	unsigned int count, avail;
};

static size_t step(size_t len, size_t align)
{
	size_t least = len < sizeof(struct object) ? sizeof(struct object) : len;
	size_t to = align < sizeof(void *) ? sizeof(void *) : align;
	return least > SIZE_MAX / 4 ? 0 : ALIGN_UP(least, to);
}

size_t uk_allocpool_reqmem(unsigned int obj_count, size_t obj_len, size_t obj_align)
{
	size_t all;
	if (__builtin_mul_overflow((size_t)obj_count, step(obj_len, obj_align), &all) || all > SIZE_MAX / 4)
		return SIZE_MAX;
	return sizeof(struct uk_allocpool) + obj_align + all;
}

struct uk_allocpool *uk_allocpool_init(void *base, size_t len, size_t obj_len, size_t obj_align)
{
	if (!base || !POWER_OF_2(obj_align) || !obj_len || !step(obj_len, obj_align) || len < sizeof(struct uk_allocpool))
		return NULL;
	struct uk_allocpool *p = base;
	uintptr_t at = ALIGN_UP((uintptr_t)(p + 1), (uintptr_t)(obj_align < sizeof(void *) ? sizeof(void *) : obj_align));
	uintptr_t end = (uintptr_t)base + len;
	p->free = NULL;
	p->parent = NULL;
	p->obj_len = obj_len;
	p->count = 0;
	for (; at < end && end - at >= step(obj_len, obj_align); at += step(obj_len, obj_align)) {
		struct object *object = (struct object *)at;
		object->next = p->free;
		p->free = object;
		p->count++;
	}
	p->avail = p->count;
	return p;
}

struct uk_allocpool *uk_allocpool_alloc(struct uk_alloc *parent, unsigned int obj_count, size_t obj_len, size_t obj_align)
{
	size_t len = uk_allocpool_reqmem(obj_count, obj_len, obj_align);
	void *base = len == SIZE_MAX ? NULL : uk_malloc(parent, len);
	struct uk_allocpool *p = uk_allocpool_init(base, len, obj_len, obj_align);
	if (p)
		p->parent = parent;
	else
		uk_free(parent, base);
	return p;
}

void uk_allocpool_free(struct uk_allocpool *p)
{
	UK_ASSERT(p->avail == p->count);
	uk_free(p->parent, p);
}

void *uk_allocpool_take(struct uk_allocpool *p)
{
	struct object *object = p->free;
	if (object) {
		p->free = object->next;
		p->avail--;
	}
	return object;
}

void uk_allocpool_return(struct uk_allocpool *p, void *obj)
{
	struct object *object = obj;
	UK_ASSERT(p->avail < p->count);
	object->next = p->free;
	p->free = object;
	p->avail++;
}

unsigned int uk_allocpool_availcount(struct uk_allocpool *p)
{
	return p->avail;
}

size_t uk_allocpool_objlen(struct uk_allocpool *p)
{
	return p->obj_len;
}
