/* malloc(3) and its family from the allocator that Kconfig chose, in the C library's place (CONFIG_LIBUKALLOC_MALLOC). The names with `__libc_` are those that
 * musl uses inside. */
#include <errno.h>
#include <stddef.h>
#include <uk/alloc.h>

/* Not the default of the moment: what was allocated before another one became that is freed to this one. */
extern struct uk_alloc *uk_alloc_chosen(void);
static struct uk_alloc *allocator(void)
{
	static struct uk_alloc *chosen;
	struct uk_alloc *a = __atomic_load_n(&chosen, __ATOMIC_ACQUIRE);
	if (unlikely(!a)) {
		a = uk_alloc_chosen();
		__atomic_store_n(&chosen, a, __ATOMIC_RELEASE);
	}
	return a;
}

#define ALSO(name) __attribute__((alias(name)))

void *malloc(size_t size);
void free(void *p);
void *calloc(size_t nmemb, size_t size);
void *realloc(void *p, size_t size);
void *memalign(size_t align, size_t size);
void *aligned_alloc(size_t align, size_t size);
int posix_memalign(void **memptr, size_t align, size_t size);
size_t malloc_usable_size(void *p);

void *malloc(size_t size)
{
	struct uk_alloc *a = allocator();
	return a->malloc(a, size);
}

void free(void *p)
{
	int saved = errno;
	struct uk_alloc *a = allocator();
	a->free(a, p);
	errno = saved;
}

void *calloc(size_t nmemb, size_t size)
{
	struct uk_alloc *a = allocator();
	return a->calloc(a, nmemb, size);
}

void *realloc(void *p, size_t size)
{
	struct uk_alloc *a = allocator();
	return a->realloc(a, p, size);
}

void *memalign(size_t align, size_t size)
{
	struct uk_alloc *a = allocator();
	return a->memalign(a, align, size);
}

void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

int posix_memalign(void **memptr, size_t align, size_t size)
{
	struct uk_alloc *a = allocator();
	return a->posix_memalign(a, memptr, align, size);
}

size_t malloc_usable_size(void *p)
{
#if CONFIG_LIBUKALLOC_DEFAULT_BBUDDY
	extern size_t uk_allocbbuddy_usable_size(const void *);
	return uk_allocbbuddy_usable_size(p);
#else
	extern size_t uk_allocregion_usable_size(const void *);
	return uk_allocregion_usable_size(p);
#endif
}

ALSO("malloc") void *__libc_malloc(size_t size);
ALSO("malloc") void *__libc_malloc_impl(size_t size);
ALSO("free") void __libc_free(void *p);
ALSO("calloc") void *__libc_calloc(size_t nmemb, size_t size);
ALSO("realloc") void *__libc_realloc(void *p, size_t size);

/* fork(2) does not come to an image of one address space; musl asks all the same. */
void __malloc_atfork(int who);
void __malloc_atfork(int who)
{
	(void)who;
}
