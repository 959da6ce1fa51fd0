/* See stores.h. fs/ is compiled for this program with the hooks of the thread sanitizer (-fsanitize=thread), and in the
 * place of its runtime there are these: each is called before the load or the store that it is about.
 * What is stored in one piece, as a struct that is assigned, may also be there by half: its words come in
 * any order. */
#include "stores.h"

#include <string.h>

#include "life.h"
#include "story.h"
#include "vmount.h"

#define WORD 8

/* The piece is there now: some words of it are taken back, and the server dies. */
static void tear(void)
{
	struct torn *torn = &world->torn;
	struct dice dice = dice_of(world->seed, world->stores, 501);

	for (size_t at = 0; at < torn->len; at += WORD)
		if (dice_once(&dice, 2))
			memcpy(torn->at + at, torn->old + at,
				torn->len - at < WORD ? torn->len - at : WORD);
	torn->len = 0;
	life_die("in the middle of a store");
}

/* Called at each load and store of the server's. */
static inline void settle(void)
{
	if (world && world->torn.len)
		tear();
}

void stores_settle(void)
{
	settle();
}

static void store(void *at, size_t len)
{
	settle();
	if (!world || !world->in_server || !carry_has(at) || world->stores++ != world->store_target)
		return;
	struct dice dice = dice_of(world->seed, world->stores, 500);

	world->ending = END_KILLED;
	if (len <= WORD || len > sizeof(world->torn.old) || dice_once(&dice, 2))
		life_die("before a store");
	world->torn.at = at;
	world->torn.len = len;
	memcpy(world->torn.old, at, len);
}

void __tsan_init(void);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void *caller);
void __tsan_atomic_signal_fence(int order);
void __tsan_read_range(void *at, long len);
void __tsan_write_range(void *at, long len);

void __tsan_init(void)
{
}

void __tsan_func_entry(void *caller)
{
	(void)caller;
	settle();
}

void __tsan_func_exit(void *caller)
{
	(void)caller;
	settle();
}

void __tsan_atomic_signal_fence(int order)
{
	(void)order;
	settle();
}

void __tsan_read_range(void *at, long len)
{
	(void)at, (void)len;
	settle();
}

void __tsan_write_range(void *at, long len)
{
	store(at, (size_t)len);
}

#define HOOKS(kind, len)                                                                           \
	void __tsan_##kind##read##len(void *at);                                                   \
	void __tsan_##kind##read##len(void *at)                                                    \
	{                                                                                          \
		(void)at;                                                                          \
		settle();                                                                          \
	}                                                                                          \
	void __tsan_##kind##write##len(void *at);                                                  \
	void __tsan_##kind##write##len(void *at)                                                   \
	{                                                                                          \
		store(at, len);                                                                    \
	}

HOOKS(, 1)
HOOKS(, 2)
HOOKS(, 4)
HOOKS(, 8)
HOOKS(, 16)
HOOKS(unaligned_, 2)
HOOKS(unaligned_, 4)
HOOKS(unaligned_, 8)
HOOKS(unaligned_, 16)
