/* The micro-libraries of glue/lib. */
#include <errno.h>
#include <stddef.h>
#include <uk/config.h>
#if CONFIG_LIBUKALLOC
#include <uk/alloc.h>
#endif
#if CONFIG_LIBUKALLOCBBUDDY
#include <uk/allocbbuddy.h>
#endif
#if CONFIG_LIBUKALLOCREGION
#include <uk/allocregion.h>
#endif
#if CONFIG_LIBUKALLOCPOOL
#include <uk/allocpool.h>
#endif
#if CONFIG_LIBUKDEBUG
#include <uk/assert.h>
#include <uk/print.h>
#endif
#if CONFIG_LIBUKLOCK
#include <uk/mutex.h>
#include <uk/semaphore.h>
#endif
#if CONFIG_LIBUKMBOX
#include <uk/mbox.h>
#endif
#if CONFIG_LIBUKSCHED
#include <uk/sched.h>
#include <uk/thread.h>
#endif
#if CONFIG_LIBUKLIBPARAM
#include <uk/libparam.h>
static int parts_number = 1;
UK_LIBPARAM_PARAM(parts_number, int, "a number");
#endif
#if CONFIG_LIBUKUNWIND
#include <unwind.h>
#endif
#include "parts.h"

#if CONFIG_LIBUKALLOC
static int got(void *p)
{
	errno = ENOMEM;
	return p ? 0 : -1;
}

static int alloc(void)
{
	return got(uk_malloc(uk_alloc_get_default(), 100));
}
#endif

#if CONFIG_LIBUKALLOCBBUDDY
static int bbuddy(void)
{
	return got(uk_malloc(uk_allocbbuddy_get(), 100));
}
#endif

#if CONFIG_LIBUKALLOCREGION
static int region(void)
{
	return got(uk_malloc(uk_allocregion_get(), 100));
}
#endif

#if CONFIG_LIBUKALLOCPOOL
static int pool(void)
{
	return got(uk_allocpool_take(uk_allocpool_alloc(uk_alloc_get_default(), 4, 16, 16)));
}
#endif

#if CONFIG_LIBUKDEBUG
static int debug(void)
{
	volatile int one = 1;

	UK_ASSERT(one == 1);
	uk_pr_crit("parts: critical %d\n", one);
	uk_pr_err("parts: an error %d\n", one);
	uk_pr_warn("parts: a warning %d\n", one);
	uk_pr_info("parts: an information %d\n", one);
	uk_pr_debug("parts: a detail %d\n", one);
	return 0;
}
#endif

#if CONFIG_LIBUKLOCK
static int lock(void)
{
	static struct uk_mutex mutex;
	static struct uk_semaphore semaphore;

	uk_mutex_init(&mutex);
	uk_mutex_lock(&mutex);
	uk_mutex_unlock(&mutex);
	uk_semaphore_init(&semaphore, 1);
	uk_semaphore_down(&semaphore);
	uk_semaphore_up(&semaphore);
	return 0;
}
#endif

#if CONFIG_LIBUKMBOX
static int mbox(void)
{
	void *message;
	struct uk_mbox *box = uk_mbox_create(uk_alloc_get_default(), 2);

	uk_mbox_post(box, box);
	uk_mbox_recv(box, &message);
	return message == box ? 0 : -1;
}
#endif

#if CONFIG_LIBUKSCHED
static void nothing(void *arg)
{
	(void)arg;
}

static int sched(void)
{
	errno = EAGAIN;
	return uk_sched_thread_create(uk_sched_current(), nothing, NULL, "nothing") ? 0 : -1;
}
#endif

#if CONFIG_LIBUKLIBPARAM
static int libparam(void)
{
	return parts_number == 1 ? 0 : -1;
}
#endif

#if CONFIG_LIBUKUNWIND
static _Unwind_Reason_Code frame(struct _Unwind_Context *context, void *arg)
{
	(void)context;
	(void)arg;
	return _URC_NO_REASON;
}

static int unwind(void)
{
	_Unwind_Backtrace(frame, NULL);
	return 0;
}
#endif

const struct part libs[] = {
#if CONFIG_LIBUKALLOC
	{ "ukalloc", alloc },
#endif
#if CONFIG_LIBUKALLOCBBUDDY
	{ "ukallocbbuddy", bbuddy },
#endif
#if CONFIG_LIBUKALLOCREGION
	{ "ukallocregion", region },
#endif
#if CONFIG_LIBUKALLOCPOOL
	{ "ukallocpool", pool },
#endif
#if CONFIG_LIBUKDEBUG
	{ "ukdebug", debug },
#endif
#if CONFIG_LIBUKLOCK
	{ "uklock", lock },
#endif
#if CONFIG_LIBUKMBOX
	{ "ukmbox", mbox },
#endif
#if CONFIG_LIBUKSCHED
	{ "uksched", sched },
#endif
#if CONFIG_LIBUKLIBPARAM
	{ "uklibparam", libparam },
#endif
#if CONFIG_LIBUKUNWIND
	{ "ukunwind", unwind },
#endif
	{ NULL, NULL },
};
