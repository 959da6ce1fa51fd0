/* A circular list whose links live inside its members. The head is a link of its own. */
#ifndef CORE_LIST_H
#define CORE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev, *next;
};

/* The structure of `type` whose `member` is at `pointer`. */
#define container_of(pointer, type, member)                                                        \
	((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* Goes through `head`; the current `item` may be removed on the way. */
#define list_each(item, following, head)                                                           \
	for (struct list *item = (head)->next, *following = item->next; item != (head);            \
		item = following, following = item->next)

static inline void list_init(struct list *link)
{
	link->prev = link->next = link;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

/* Puts `link` before `place`: at the end, where `place` is the head. */
static inline void list_add_before(struct list *place, struct list *link)
{
	link->prev = place->prev;
	link->next = place;
	place->prev->next = link;
	place->prev = link;
}

/* Takes `link` out of its list, if it is in one; it may be taken out again. */
static inline void list_remove(struct list *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	list_init(link);
}

#endif
