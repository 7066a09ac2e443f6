/* Lists, queues, bits and reference counts. */
#include "check.h"

#include <uk/atomic.h>
#include <uk/bitops.h>
#include <uk/errptr.h>
#include <uk/list.h>
#include <uk/refcount.h>

struct item {
	int n;
	struct uk_list_head link;
	struct uk_hlist_node node;
	UK_TAILQ_ENTRY(item) tail;
	UK_STAILQ_ENTRY(item) stail;
	UK_SLIST_ENTRY(item) single;
};
UK_TAILQ_HEAD(item_tailq, item);
UK_STAILQ_HEAD(item_stailq, item);
UK_SLIST_HEAD(item_slist, item);

static struct item items[5];

static int digits(struct uk_list_head *head)
{
	struct item *i;
	int all = 0;
	uk_list_for_each_entry(i, head, link) all = all * 10 + i->n;
	return all;
}

static void check_list(void)
{
	UK_LIST_HEAD(head);
	UK_LIST_HEAD(other);
	struct item *i, *n;
	CHECK(uk_list_empty(&head));
	for (int k = 0; k < 5; k++) {
		items[k].n = k + 1;
		uk_list_add_tail(&items[k].link, &head);
	}
	CHECK(digits(&head) == 12345);
	uk_list_del(&items[2].link);
	uk_list_add(&items[2].link, &other);
	CHECK(digits(&head) == 1245 && uk_list_is_singular(&other));
	uk_list_splice_init(&other, &head);
	CHECK(digits(&head) == 31245 && uk_list_empty(&other));
	uk_list_rotate_left(&head);
	uk_list_move(&items[4].link, &head);
	CHECK(digits(&head) == 51243);
	uk_list_for_each_entry_safe(i, n, &head, link) if (i->n % 2) uk_list_del_init(&i->link);
	CHECK(digits(&head) == 24 && uk_list_first_entry(&head, struct item, link)->n == 2 && uk_list_last_entry(&head, struct item, link)->n == 4);
	int back = 0;
	uk_list_for_each_entry_reverse(i, &head, link) back = back * 10 + i->n;
	CHECK(back == 42);
	UK_HLIST_HEAD(bucket);
	struct uk_hlist_node *h;
	for (int k = 0; k < 3; k++)
		uk_hlist_add_head(&items[k].node, &bucket);
	uk_hlist_del_init(&items[1].node);
	CHECK(uk_hlist_unhashed(&items[1].node));
	uk_hlist_add_behind(&items[1].node, &items[0].node);
	int all = 0;
	uk_hlist_for_each_entry_safe(i, h, &bucket, node) all = all * 10 + i->n;
	CHECK(all == 312);
}

static void check_queues(void)
{
	struct item_tailq t = UK_TAILQ_HEAD_INITIALIZER(t);
	struct item_stailq s = UK_STAILQ_HEAD_INITIALIZER(s);
	struct item_slist l = UK_SLIST_HEAD_INITIALIZER(l);
	struct item *i;
	int a = 0, b = 0, c = 0, d = 0;
	for (int k = 0; k < 5; k++) {
		UK_TAILQ_INSERT_TAIL(&t, &items[k], tail);
		UK_STAILQ_INSERT_TAIL(&s, &items[k], stail);
		UK_SLIST_INSERT_HEAD(&l, &items[k], single);
	}
	UK_TAILQ_REMOVE(&t, &items[4], tail);
	UK_STAILQ_REMOVE(&s, &items[4], item, stail);
	UK_STAILQ_INSERT_HEAD(&s, &items[4], stail);
	UK_SLIST_REMOVE(&l, &items[0], item, single);
	UK_TAILQ_FOREACH(i, &t, tail) a = a * 10 + i->n;
	UK_TAILQ_FOREACH_REVERSE(i, &t, item_tailq, tail) d = d * 10 + i->n;
	UK_STAILQ_FOREACH(i, &s, stail) b = b * 10 + i->n;
	UK_SLIST_FOREACH(i, &l, single) c = c * 10 + i->n;
	CHECK(a == 1234 && d == 4321 && b == 51234 && c == 5432);
}

void check_lists(void)
{
	unsigned long map[2] = {0, 0};
	__atomic ref;
	check_list();
	check_queues();
	uk_set_bit(70, map);
	uk_set_bit(3, map);
	CHECK(uk_find_first_bit(map, 128) == 3 && uk_find_next_bit(map, 128, 4) == 70 && uk_find_next_bit(map, 70, 4) == 70);
	CHECK(uk_test_and_clear_bit(3, map) && !uk_test_bit(3, map) && uk_find_first_zero_bit(map, 128) == 0);
	CHECK(uk_ffsl(8) == 3 && uk_flsl(9) == 3);
	uk_refcount_init(&ref, 1);
	uk_refcount_acquire(&ref);
	CHECK(!uk_refcount_release(&ref) && !uk_refcount_release_if_not_last(&ref) && uk_refcount_release(&ref) && !uk_refcount_acquire_if_not_zero(&ref));
	CHECK(PTRISERR(ERR2PTR(-12)) && PTR2ERR(ERR2PTR(-12)) == -12 && !PTRISERR(map));
	int v = 1, expected = 2;
	CHECK(uk_fetch_add(&v, 1) == 1 && uk_compare_exchange_n(&v, &expected, 9) && v == 9 && uk_inc(&v) == 9);
}
