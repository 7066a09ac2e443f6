/* The list of allocators, the default one, and functions that allocators are made of. */
#include <string.h>
#include <uk/alloc_impl.h>
#include <uk/bits/syscalls.h>
#include <uk/spinlock.h>

#if CONFIG_LIBUKALLOCBBUDDY
#include <uk/allocbbuddy.h>
#endif
#if CONFIG_LIBUKALLOCREGION
#include <uk/allocregion.h>
#endif

struct uk_alloc *_uk_alloc_head;
static uk_spinlock lock;

/* The allocator that Kconfig chose, which registers itself. */
struct uk_alloc *uk_alloc_chosen(void);
struct uk_alloc *uk_alloc_chosen(void)
{
#if CONFIG_LIBUKALLOC_DEFAULT_BBUDDY
	return uk_allocbbuddy_get();
#elif CONFIG_LIBUKALLOC_DEFAULT_REGION
	return uk_allocregion_get();
#else
	extern struct uk_alloc *uk_alloclibc_get(void);
	return uk_alloclibc_get();
#endif
}

int uk_alloc_register(struct uk_alloc *a)
{
	/* The chosen one is the first, and so the default, also when a library registers its own before anybody asked for memory. */
	static int made;
	if (!__atomic_exchange_n(&made, 1, __ATOMIC_ACQ_REL))
		uk_alloc_chosen();
	uk_spin_lock(&lock);
	struct uk_alloc **at = &_uk_alloc_head;
	while (*at && *at != a)
		at = &(*at)->next;
	if (!*at) {
		a->next = NULL;
		__atomic_store_n(at, a, __ATOMIC_RELEASE);
	}
	uk_spin_unlock(&lock);
	return 0;
}

int uk_alloc_set_default(struct uk_alloc *a)
{
	if (!a)
		return -EINVAL;
	uk_spin_lock(&lock);
	struct uk_alloc **at = &_uk_alloc_head;
	while (*at && *at != a)
		at = &(*at)->next;
	if (*at)
		*at = a->next;
	a->next = _uk_alloc_head;
	__atomic_store_n(&_uk_alloc_head, a, __ATOMIC_RELEASE);
	uk_spin_unlock(&lock);
	return 0;
}

struct uk_alloc *uk_alloc_get_default(void)
{
	struct uk_alloc *head = __atomic_load_n(&_uk_alloc_head, __ATOMIC_ACQUIRE);
	return likely(head) ? head : uk_alloc_chosen();
}

/* sysinfo(2) as the kernel gives it. */
struct info {
	long uptime;
	unsigned long loads[3], totalram, freeram;
	char rest[64];
};

__ssz uk_alloc_machine_free(struct uk_alloc *a)
{
	struct info info;
	(void)a;
	long wrong = uk_syscall_sysinfo((long)&info);
	return wrong < 0 ? wrong : (__ssz)info.freeram;
}

long uk_alloc_machine_pfree(struct uk_alloc *a)
{
	__ssz bytes = uk_alloc_machine_free(a);
	return bytes < 0 ? (long)bytes : (long)(bytes / (__ssz)__PAGE_SIZE);
}

__ssz uk_alloc_availmem_total(void)
{
	return uk_alloc_availmem(uk_alloc_get_default());
}

long uk_alloc_pavailmem_total(void)
{
	return uk_alloc_pavailmem(uk_alloc_get_default());
}

void *uk_calloc_compat(struct uk_alloc *a, size_t nmemb, size_t size)
{
	size_t bytes;
	if (__builtin_mul_overflow(nmemb, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	void *p = a->malloc(a, bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

void *uk_memalign_compat(struct uk_alloc *a, size_t align, size_t size)
{
	void *p = NULL;
	int wrong = a->posix_memalign(a, &p, align < sizeof(void *) ? sizeof(void *) : align, size);
	if (wrong)
		errno = wrong;
	return wrong ? NULL : p;
}

int uk_posix_memalign_compat(struct uk_alloc *a, void **memptr, size_t align, size_t size)
{
	if (!POWER_OF_2(align) || align < sizeof(void *))
		return EINVAL;
	int saved = errno;
	void *p = a->memalign(a, align, size);
	errno = saved;
	if (!p)
		return ENOMEM;
	*memptr = p;
	return 0;
}

void *uk_palloc_compat(struct uk_alloc *a, unsigned long num_pages)
{
	if (num_pages > SIZE_MAX / 4 / __PAGE_SIZE) {
		errno = ENOMEM;
		return NULL;
	}
	return a->memalign(a, __PAGE_SIZE, num_pages * __PAGE_SIZE);
}

void uk_pfree_compat(struct uk_alloc *a, void *ptr, unsigned long num_pages)
{
	(void)num_pages;
	a->free(a, ptr);
}
