/* Queues named as BSD's: SLIST (one link, a stack), STAILQ (one link, a queue), TAILQ (two links). Nothing here locks. */
#ifndef __UK_BITS_QUEUE_H__
#define __UK_BITS_QUEUE_H__

#include <stddef.h>

/* --- SLIST --- */
#define UK_SLIST_HEAD(name, type)                                                                                                      \
	struct name {                                                                                                                   \
		struct type *slh_first;                                                                                                 \
	}
#define UK_SLIST_ENTRY(type)                                                                                                           \
	struct {                                                                                                                        \
		struct type *sle_next;                                                                                                  \
	}
#define UK_SLIST_HEAD_INITIALIZER(head) {NULL}
#define UK_SLIST_INIT(head) ((void)((head)->slh_first = NULL))
#define UK_SLIST_FIRST(head) ((head)->slh_first)
#define UK_SLIST_EMPTY(head) (!(head)->slh_first)
#define UK_SLIST_NEXT(elm, field) ((elm)->field.sle_next)
#define UK_SLIST_INSERT_HEAD(head, elm, field)                                                                                         \
	do {                                                                                                                            \
		(elm)->field.sle_next = (head)->slh_first;                                                                              \
		(head)->slh_first = (elm);                                                                                              \
	} while (0)
#define UK_SLIST_INSERT_AFTER(at, elm, field)                                                                                          \
	do {                                                                                                                            \
		(elm)->field.sle_next = (at)->field.sle_next;                                                                           \
		(at)->field.sle_next = (elm);                                                                                           \
	} while (0)
#define UK_SLIST_REMOVE_HEAD(head, field) ((void)((head)->slh_first = (head)->slh_first->field.sle_next))
#define UK_SLIST_REMOVE(head, elm, type, field)                                                                                        \
	do {                                                                                                                            \
		struct type **__at = &(head)->slh_first;                                                                                \
		while (*__at != (elm))                                                                                                  \
			__at = &(*__at)->field.sle_next;                                                                                \
		*__at = (elm)->field.sle_next;                                                                                          \
	} while (0)
#define UK_SLIST_FOREACH(var, head, field) for ((var) = (head)->slh_first; (var); (var) = (var)->field.sle_next)
#define UK_SLIST_FOREACH_SAFE(var, head, field, next)                                                                                  \
	for ((var) = (head)->slh_first; (var) && ((next) = (var)->field.sle_next, 1); (var) = (next))

/* --- STAILQ --- */
#define UK_STAILQ_HEAD(name, type)                                                                                                     \
	struct name {                                                                                                                   \
		struct type *stqh_first;                                                                                                \
		struct type **stqh_last;                                                                                                \
	}
#define UK_STAILQ_ENTRY(type)                                                                                                          \
	struct {                                                                                                                        \
		struct type *stqe_next;                                                                                                 \
	}
#define UK_STAILQ_HEAD_INITIALIZER(head) {NULL, &(head).stqh_first}
#define UK_STAILQ_INIT(head)                                                                                                           \
	do {                                                                                                                            \
		(head)->stqh_first = NULL;                                                                                              \
		(head)->stqh_last = &(head)->stqh_first;                                                                                \
	} while (0)
#define UK_STAILQ_FIRST(head) ((head)->stqh_first)
#define UK_STAILQ_EMPTY(head) (!(head)->stqh_first)
#define UK_STAILQ_NEXT(elm, field) ((elm)->field.stqe_next)
#define UK_STAILQ_INSERT_HEAD(head, elm, field)                                                                                        \
	do {                                                                                                                            \
		if (!((elm)->field.stqe_next = (head)->stqh_first))                                                                     \
			(head)->stqh_last = &(elm)->field.stqe_next;                                                                    \
		(head)->stqh_first = (elm);                                                                                             \
	} while (0)
#define UK_STAILQ_INSERT_TAIL(head, elm, field)                                                                                        \
	do {                                                                                                                            \
		(elm)->field.stqe_next = NULL;                                                                                          \
		*(head)->stqh_last = (elm);                                                                                             \
		(head)->stqh_last = &(elm)->field.stqe_next;                                                                            \
	} while (0)
#define UK_STAILQ_REMOVE_HEAD(head, field)                                                                                             \
	do {                                                                                                                            \
		if (!((head)->stqh_first = (head)->stqh_first->field.stqe_next))                                                        \
			(head)->stqh_last = &(head)->stqh_first;                                                                        \
	} while (0)
#define UK_STAILQ_REMOVE(head, elm, type, field)                                                                                       \
	do {                                                                                                                            \
		struct type **__at = &(head)->stqh_first;                                                                               \
		while (*__at != (elm))                                                                                                  \
			__at = &(*__at)->field.stqe_next;                                                                               \
		if (!(*__at = (elm)->field.stqe_next))                                                                                  \
			(head)->stqh_last = __at;                                                                                       \
	} while (0)
#define UK_STAILQ_FOREACH(var, head, field) for ((var) = (head)->stqh_first; (var); (var) = (var)->field.stqe_next)
#define UK_STAILQ_FOREACH_SAFE(var, head, field, next)                                                                                 \
	for ((var) = (head)->stqh_first; (var) && ((next) = (var)->field.stqe_next, 1); (var) = (next))

/* --- TAILQ --- */
#define UK_TAILQ_HEAD(name, type)                                                                                                      \
	struct name {                                                                                                                   \
		struct type *tqh_first;                                                                                                 \
		struct type **tqh_last;                                                                                                 \
	}
#define UK_TAILQ_ENTRY(type)                                                                                                           \
	struct {                                                                                                                        \
		struct type *tqe_next;                                                                                                  \
		struct type **tqe_prev;                                                                                                 \
	}
#define UK_TAILQ_HEAD_INITIALIZER(head) {NULL, &(head).tqh_first}
#define UK_TAILQ_INIT(head)                                                                                                            \
	do {                                                                                                                            \
		(head)->tqh_first = NULL;                                                                                               \
		(head)->tqh_last = &(head)->tqh_first;                                                                                  \
	} while (0)
#define UK_TAILQ_FIRST(head) ((head)->tqh_first)
#define UK_TAILQ_EMPTY(head) (!(head)->tqh_first)
#define UK_TAILQ_NEXT(elm, field) ((elm)->field.tqe_next)
#define UK_TAILQ_LAST(head, headname) (*((struct headname *)((head)->tqh_last))->tqh_last)
#define UK_TAILQ_PREV(elm, headname, field) (*((struct headname *)((elm)->field.tqe_prev))->tqh_last)
#define UK_TAILQ_INSERT_HEAD(head, elm, field)                                                                                         \
	do {                                                                                                                            \
		if (((elm)->field.tqe_next = (head)->tqh_first))                                                                        \
			(head)->tqh_first->field.tqe_prev = &(elm)->field.tqe_next;                                                     \
		else                                                                                                                    \
			(head)->tqh_last = &(elm)->field.tqe_next;                                                                      \
		(head)->tqh_first = (elm);                                                                                              \
		(elm)->field.tqe_prev = &(head)->tqh_first;                                                                             \
	} while (0)
#define UK_TAILQ_INSERT_TAIL(head, elm, field)                                                                                         \
	do {                                                                                                                            \
		(elm)->field.tqe_next = NULL;                                                                                           \
		(elm)->field.tqe_prev = (head)->tqh_last;                                                                               \
		*(head)->tqh_last = (elm);                                                                                              \
		(head)->tqh_last = &(elm)->field.tqe_next;                                                                              \
	} while (0)
#define UK_TAILQ_INSERT_BEFORE(at, elm, field)                                                                                         \
	do {                                                                                                                            \
		(elm)->field.tqe_prev = (at)->field.tqe_prev;                                                                           \
		(elm)->field.tqe_next = (at);                                                                                           \
		*(at)->field.tqe_prev = (elm);                                                                                          \
		(at)->field.tqe_prev = &(elm)->field.tqe_next;                                                                          \
	} while (0)
#define UK_TAILQ_INSERT_AFTER(head, at, elm, field)                                                                                    \
	do {                                                                                                                            \
		if (((elm)->field.tqe_next = (at)->field.tqe_next))                                                                     \
			(elm)->field.tqe_next->field.tqe_prev = &(elm)->field.tqe_next;                                                 \
		else                                                                                                                    \
			(head)->tqh_last = &(elm)->field.tqe_next;                                                                      \
		(at)->field.tqe_next = (elm);                                                                                           \
		(elm)->field.tqe_prev = &(at)->field.tqe_next;                                                                          \
	} while (0)
#define UK_TAILQ_REMOVE(head, elm, field)                                                                                              \
	do {                                                                                                                            \
		if ((elm)->field.tqe_next)                                                                                              \
			(elm)->field.tqe_next->field.tqe_prev = (elm)->field.tqe_prev;                                                  \
		else                                                                                                                    \
			(head)->tqh_last = (elm)->field.tqe_prev;                                                                       \
		*(elm)->field.tqe_prev = (elm)->field.tqe_next;                                                                         \
	} while (0)
#define UK_TAILQ_FOREACH(var, head, field) for ((var) = (head)->tqh_first; (var); (var) = (var)->field.tqe_next)
#define UK_TAILQ_FOREACH_SAFE(var, head, field, next)                                                                                  \
	for ((var) = (head)->tqh_first; (var) && ((next) = (var)->field.tqe_next, 1); (var) = (next))
#define UK_TAILQ_FOREACH_REVERSE(var, head, headname, field)                                                                           \
	for ((var) = UK_TAILQ_LAST(head, headname); (var); (var) = UK_TAILQ_PREV(var, headname, field))

#endif /* __UK_BITS_QUEUE_H__ */
