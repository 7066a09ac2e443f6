/* Tells the unwinder of libgcc where the image's tables are. A constructor: exceptions work from then on. */
#include <uk/ctors.h>

/* libgcc names the C library's threads weakly: what is in an archive would stay out, half of it, and a lock be a call of nothing. */
void pthread_mutex_lock(void), pthread_mutex_unlock(void), pthread_once(void), pthread_key_create(void), pthread_getspecific(void),
    pthread_setspecific(void);
static void (*const threads[])(void) __used = {pthread_mutex_lock, pthread_mutex_unlock, pthread_once,
					       pthread_key_create, pthread_getspecific, pthread_setspecific};

extern char __eh_frame_start[];
void __register_frame(void *begin);

static void register_tables(void)
{
	if (*(unsigned int *)(void *)__eh_frame_start)
		__register_frame(__eh_frame_start);
}

UK_CTOR_PRIO(register_tables, 0);

/* What the unwinder asks glibc when it has not found a place in the tables above: there are no others. */
int _dl_find_object(void *address, void *result);
int _dl_find_object(void *address, void *result)
{
	(void)address;
	(void)result;
	return -1;
}
