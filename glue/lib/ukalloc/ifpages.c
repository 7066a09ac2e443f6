/* Bytes from an allocator of pages: each block has pages of its own, its size and beginning in the words before it. */
#include <string.h>
#include <uk/alloc_impl.h>

struct head {
	void *base;
	size_t pages;
	size_t size;
	size_t unused;
};

static struct head *head_of(void *p)
{
	return (struct head *)p - 1;
}

int uk_posix_memalign_ifpages(struct uk_alloc *a, void **memptr, size_t align, size_t size)
{
	if (!POWER_OF_2(align) || align < sizeof(void *))
		return EINVAL;
	if (align > SIZE_MAX / 4 || size > SIZE_MAX / 4)
		return ENOMEM;
	size_t lead = align > sizeof(struct head) ? align : sizeof(struct head);
	/* Pages are aligned to a page only. */
	size_t pages = (ALIGN_UP(lead + size + (align > __PAGE_SIZE ? align : 0), __PAGE_SIZE)) / __PAGE_SIZE;
	char *base = a->palloc(a, pages);
	if (!base)
		return ENOMEM;
	void *p = (void *)ALIGN_UP((uintptr_t)base + sizeof(struct head), (uintptr_t)align);
	*head_of(p) = (struct head){.base = base, .pages = pages, .size = pages * __PAGE_SIZE - (size_t)((char *)p - base)};
	*memptr = p;
	return 0;
}

void *uk_malloc_ifpages(struct uk_alloc *a, size_t size)
{
	void *p = NULL;
	int wrong = uk_posix_memalign_ifpages(a, &p, 16, size);
	if (wrong)
		errno = wrong;
	return wrong ? NULL : p;
}

void uk_free_ifpages(struct uk_alloc *a, void *ptr)
{
	if (ptr)
		a->pfree(a, head_of(ptr)->base, head_of(ptr)->pages);
}

void *uk_realloc_ifpages(struct uk_alloc *a, void *ptr, size_t size)
{
	if (!ptr)
		return uk_malloc_ifpages(a, size);
	size_t old = head_of(ptr)->size;
	if (size <= old)
		return ptr;
	void *moved = uk_malloc_ifpages(a, size);
	if (!moved)
		return NULL;
	memcpy(moved, ptr, old);
	uk_free_ifpages(a, ptr);
	return moved;
}
