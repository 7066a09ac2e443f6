/* Lists whose links are members of the elements: circular doubly linked lists (uk_list), hash buckets with a one-word head (uk_hlist), and the
 * queues of uk/bits/queue.h. Nothing here locks. */
#ifndef __UK_LIST_H__
#define __UK_LIST_H__

#include <uk/bits/queue.h>
#include <uk/essentials.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A list's head, and the link in each of its elements. */
struct uk_list_head {
	struct uk_list_head *next;
	struct uk_list_head *prev;
};

#define UK_LIST_HEAD_INIT(name) {&(name), &(name)}
/** Defines an empty list. */
#define UK_LIST_HEAD(name) struct uk_list_head name = UK_LIST_HEAD_INIT(name)

/** Makes the list empty. */
static inline void UK_INIT_LIST_HEAD(struct uk_list_head *list)
{
	list->next = list;
	list->prev = list;
}

static inline int uk_list_empty(const struct uk_list_head *head)
{
	return head->next == head;
}
static inline int uk_list_empty_careful(const struct uk_list_head *head)
{
	return head->next == head && head->prev == head;
}
/** Whether there is exactly one element. */
static inline int uk_list_is_singular(const struct uk_list_head *head)
{
	return head->next != head && head->next == head->prev;
}
static inline int uk_list_is_first(const struct uk_list_head *list, const struct uk_list_head *head)
{
	return list->prev == head;
}
static inline int uk_list_is_last(const struct uk_list_head *list, const struct uk_list_head *head)
{
	return list->next == head;
}

static inline void __uk_list_link(struct uk_list_head *a, struct uk_list_head *b)
{
	a->next = b;
	b->prev = a;
}
static inline void __uk_list_insert(struct uk_list_head *item, struct uk_list_head *prev, struct uk_list_head *next)
{
	__uk_list_link(prev, item);
	__uk_list_link(item, next);
}

/** Puts `item` first (or behind the element `head`). */
static inline void uk_list_add(struct uk_list_head *item, struct uk_list_head *head)
{
	__uk_list_insert(item, head, head->next);
}
/** Puts `item` last (or before the element `head`). */
static inline void uk_list_add_tail(struct uk_list_head *item, struct uk_list_head *head)
{
	__uk_list_insert(item, head->prev, head);
}
/** Takes `item` out; its link is not valid afterwards. */
static inline void uk_list_del(struct uk_list_head *item)
{
	__uk_list_link(item->prev, item->next);
	item->next = NULL;
	item->prev = NULL;
}
/** Takes `item` out; it is an empty list of its own afterwards. */
static inline void uk_list_del_init(struct uk_list_head *item)
{
	__uk_list_link(item->prev, item->next);
	UK_INIT_LIST_HEAD(item);
}
/** Puts `item` where `old` is; `old`'s link is not changed. */
static inline void uk_list_replace(struct uk_list_head *old, struct uk_list_head *item)
{
	__uk_list_link(item, old->next);
	__uk_list_link(old->prev, item);
}
static inline void uk_list_replace_init(struct uk_list_head *old, struct uk_list_head *item)
{
	uk_list_replace(old, item);
	UK_INIT_LIST_HEAD(old);
}
/** Moves `item` to the front of (another) list. */
static inline void uk_list_move(struct uk_list_head *item, struct uk_list_head *head)
{
	__uk_list_link(item->prev, item->next);
	uk_list_add(item, head);
}
/** Moves `item` to the end of (another) list. */
static inline void uk_list_move_tail(struct uk_list_head *item, struct uk_list_head *head)
{
	__uk_list_link(item->prev, item->next);
	uk_list_add_tail(item, head);
}
/** Makes the first element the last. */
static inline void uk_list_rotate_left(struct uk_list_head *head)
{
	if (!uk_list_empty(head))
		uk_list_move_tail(head->next, head);
}

static inline void __uk_list_splice(const struct uk_list_head *list, struct uk_list_head *prev, struct uk_list_head *next)
{
	if (uk_list_empty(list))
		return;
	struct uk_list_head *first = list->next, *last = list->prev;
	__uk_list_link(prev, first);
	__uk_list_link(last, next);
}
/** Puts the elements of `list` in front of those of `head`; `list` itself is not valid afterwards. */
static inline void uk_list_splice(const struct uk_list_head *list, struct uk_list_head *head)
{
	__uk_list_splice(list, head, head->next);
}
static inline void uk_list_splice_tail(const struct uk_list_head *list, struct uk_list_head *head)
{
	__uk_list_splice(list, head->prev, head);
}
/** The same; `list` is empty afterwards. */
static inline void uk_list_splice_init(struct uk_list_head *list, struct uk_list_head *head)
{
	uk_list_splice(list, head);
	UK_INIT_LIST_HEAD(list);
}
static inline void uk_list_splice_tail_init(struct uk_list_head *list, struct uk_list_head *head)
{
	uk_list_splice_tail(list, head);
	UK_INIT_LIST_HEAD(list);
}

/** The element of type `type` whose link `member` is at `ptr`. */
#define uk_list_entry(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
/** The first and last element of a list that is not empty. */
#define uk_list_first_entry(head, type, member) uk_list_entry((head)->next, type, member)
#define uk_list_last_entry(head, type, member) uk_list_entry((head)->prev, type, member)
#define uk_list_first_entry_or_null(head, type, member) (uk_list_empty(head) ? (type *)NULL : uk_list_first_entry(head, type, member))
#define uk_list_next_entry(pos, member) uk_list_entry((pos)->member.next, __typeof__(*(pos)), member)
#define uk_list_prev_entry(pos, member) uk_list_entry((pos)->member.prev, __typeof__(*(pos)), member)

/* Loops over links. Those named _safe allow the current element to be taken out. */
#define uk_list_for_each(pos, head) for ((pos) = (head)->next; (pos) != (head); (pos) = (pos)->next)
#define uk_list_for_each_prev(pos, head) for ((pos) = (head)->prev; (pos) != (head); (pos) = (pos)->prev)
#define uk_list_for_each_safe(pos, n, head) for ((pos) = (head)->next, (n) = (pos)->next; (pos) != (head); (pos) = (n), (n) = (pos)->next)
#define uk_list_for_each_prev_safe(pos, n, head)                                                                                       \
	for ((pos) = (head)->prev, (n) = (pos)->prev; (pos) != (head); (pos) = (n), (n) = (pos)->prev)

/* Loops over elements: `pos` is a pointer to the element's type. */
#define uk_list_for_each_entry(pos, head, member)                                                                                      \
	for ((pos) = uk_list_first_entry(head, __typeof__(*(pos)), member); &(pos)->member != (head); (pos) = uk_list_next_entry(pos, member))
#define uk_list_for_each_entry_reverse(pos, head, member)                                                                              \
	for ((pos) = uk_list_last_entry(head, __typeof__(*(pos)), member); &(pos)->member != (head); (pos) = uk_list_prev_entry(pos, member))
#define uk_list_for_each_entry_continue(pos, head, member)                                                                             \
	for ((pos) = uk_list_next_entry(pos, member); &(pos)->member != (head); (pos) = uk_list_next_entry(pos, member))
#define uk_list_for_each_entry_from(pos, head, member)                                                                                 \
	for (; &(pos)->member != (head); (pos) = uk_list_next_entry(pos, member))
#define uk_list_for_each_entry_safe(pos, n, head, member)                                                                              \
	for ((pos) = uk_list_first_entry(head, __typeof__(*(pos)), member), (n) = uk_list_next_entry(pos, member); &(pos)->member != (head);  \
	     (pos) = (n), (n) = uk_list_next_entry(n, member))
#define uk_list_for_each_entry_safe_reverse(pos, n, head, member)                                                                      \
	for ((pos) = uk_list_last_entry(head, __typeof__(*(pos)), member), (n) = uk_list_prev_entry(pos, member); &(pos)->member != (head);   \
	     (pos) = (n), (n) = uk_list_prev_entry(n, member))

/** Head of a hash bucket. */
struct uk_hlist_head {
	struct uk_hlist_node *first;
};
/** Link in an element of one. */
struct uk_hlist_node {
	struct uk_hlist_node *next;
	struct uk_hlist_node **pprev;
};

#define UK_HLIST_HEAD_INIT {NULL}
#define UK_HLIST_HEAD(name) struct uk_hlist_head name = {NULL}
#define UK_INIT_HLIST_HEAD(ptr) ((ptr)->first = NULL)

static inline void UK_INIT_HLIST_NODE(struct uk_hlist_node *node)
{
	node->next = NULL;
	node->pprev = NULL;
}
static inline int uk_hlist_unhashed(const struct uk_hlist_node *node)
{
	return !node->pprev;
}
static inline int uk_hlist_empty(const struct uk_hlist_head *head)
{
	return !head->first;
}
/** Takes `node` out; its link is not valid afterwards. */
static inline void uk_hlist_del(struct uk_hlist_node *node)
{
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
}
/** Takes `node` out if it is in a bucket. */
static inline void uk_hlist_del_init(struct uk_hlist_node *node)
{
	if (uk_hlist_unhashed(node))
		return;
	uk_hlist_del(node);
	UK_INIT_HLIST_NODE(node);
}
static inline void __uk_hlist_insert(struct uk_hlist_node *node, struct uk_hlist_node **at)
{
	node->next = *at;
	node->pprev = at;
	if (node->next)
		node->next->pprev = &node->next;
	*at = node;
}
static inline void uk_hlist_add_head(struct uk_hlist_node *node, struct uk_hlist_head *head)
{
	__uk_hlist_insert(node, &head->first);
}
/** Puts `node` before `next`, which is in a bucket. */
static inline void uk_hlist_add_before(struct uk_hlist_node *node, struct uk_hlist_node *next)
{
	__uk_hlist_insert(node, next->pprev);
}
/** Puts `node` behind `prev`, which is in a bucket. */
static inline void uk_hlist_add_behind(struct uk_hlist_node *node, struct uk_hlist_node *prev)
{
	__uk_hlist_insert(node, &prev->next);
}
#define uk_hlist_add_after(prev, node) uk_hlist_add_behind((node), (prev))
/** Moves a bucket's elements to another head. */
static inline void uk_hlist_move_list(struct uk_hlist_head *old, struct uk_hlist_head *head)
{
	head->first = old->first;
	if (head->first)
		head->first->pprev = &head->first;
	old->first = NULL;
}

#define uk_hlist_entry(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#define uk_hlist_entry_safe(ptr, type, member) ((ptr) ? uk_hlist_entry(ptr, type, member) : (type *)NULL)
#define uk_hlist_for_each(pos, head) for ((pos) = (head)->first; (pos); (pos) = (pos)->next)
#define uk_hlist_for_each_safe(pos, n, head) for ((pos) = (head)->first; (pos) && ((n) = (pos)->next, 1); (pos) = (n))
#define uk_hlist_for_each_entry(pos, head, member)                                                                                     \
	for ((pos) = uk_hlist_entry_safe((head)->first, __typeof__(*(pos)), member); (pos);                                             \
	     (pos) = uk_hlist_entry_safe((pos)->member.next, __typeof__(*(pos)), member))
#define uk_hlist_for_each_entry_safe(pos, n, head, member)                                                                             \
	for ((pos) = uk_hlist_entry_safe((head)->first, __typeof__(*(pos)), member); (pos) && ((n) = (pos)->member.next, 1);            \
	     (pos) = uk_hlist_entry_safe((n), __typeof__(*(pos)), member))

#ifdef __cplusplus
}
#endif

#endif /* __UK_LIST_H__ */
