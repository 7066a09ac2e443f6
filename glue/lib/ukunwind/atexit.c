/* Destructors of thread-local objects, in C++ and in Rust. */
#include <pthread.h>
#include <stdlib.h>

struct destructor {
	struct destructor *next;
	void (*run)(void *);
	void *object;
};

static __thread struct destructor *destructors;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void run_all(void *unused)
{
	(void)unused;
	while (destructors) {
		struct destructor *d = destructors;
		destructors = d->next;
		d->run(d->object);
		free(d);
	}
}

static void at_exit(void)
{
	run_all(NULL);
}

static void prepare(void)
{
	pthread_key_create(&key, run_all);
	atexit(at_exit); /* the first thread ends by exit(3), which runs no keys' destructors */
}

/* What the compiler calls for a thread-local object whose constructor has run. */
int __cxa_thread_atexit_impl(void (*run)(void *), void *object, void *dso);
int __cxa_thread_atexit_impl(void (*run)(void *), void *object, void *dso)
{
	struct destructor *d = malloc(sizeof(*d));
	(void)dso;
	if (!d)
		return -1;
	pthread_once(&once, prepare);
	pthread_setspecific(key, d); /* anything but null */
	*d = (struct destructor){destructors, run, object};
	destructors = d;
	return 0;
}

/* This image, among shared objects that there are none of. */
void *__dso_handle = 0;
