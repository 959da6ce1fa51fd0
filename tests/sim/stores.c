/* See stores.h. fs/ is compiled for this program with the hooks of the thread sanitizer (-fsanitize=thread), and in the
 * place of its runtime there are these: each is called before the load or the store that it is about.
 * What is stored in one piece, as a struct that is assigned, may also be there by half: its words come in
 * any order. That is done once it is there: before the next store, or whatever the world sees next of the server. */
#include "stores.h"

#include <string.h>

#include "life.h"
#include "run.h"
#include "state.h"
#include "story.h"
#include "vcalls.h"
#include "vmount.h"

#define WORD 8

static void die(const char *what)
{
	if (world->branches) {
		branch(&(struct aim){NONE, world->stores - 1});
		return;
	}
	world->ending = END_KILLED;
	life_die(what);
}

/* The piece is there now: some words of it are taken back, and the server dies. */
static void tear(void)
{
	const struct torn torn = world->torn;
	struct dice dice = dice_of(world->seed, world->stores, 501);

	world->torn.len = 0;
	if (world->branches)
		state_save();
	for (size_t at = 0; at < torn.len; at += WORD)
		if (dice_once(&dice, 2))
			__real_memcpy(torn.at + at, torn.old + at,
				torn.len - at < WORD ? torn.len - at : WORD);
	die("in the middle of a store");
}

void stores_settle(void)
{
	if (world->torn.len)
		tear();
}

/* A store to what the supervisor keeps. */
static void store_kept(void *at, size_t len)
{
	stores_settle();
	if (!world->in_server)
		return;
	const uint64_t nth = world->stores++;

	if (nth != (world->branches ? world->tried.store : world->store_target))
		return;
	struct dice dice = dice_of(world->seed, world->stores, 500);

	if (len <= WORD || len > sizeof(world->torn.old) || dice_once(&dice, 2)) {
		die("before a store");
		return;
	}
	world->torn.at = at;
	world->torn.len = len;
	__real_memcpy(world->torn.old, at, len);
}

static inline void store(void *at, size_t len)
{
	if (carry_has(at))
		store_kept(at, len);
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
}

void __tsan_func_exit(void *caller)
{
	(void)caller;
}

void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}

void __tsan_read_range(void *at, long len)
{
	(void)at, (void)len;
}

void __tsan_write_range(void *at, long len)
{
	store(at, (size_t)len);
}

/* Not every compiler tells of a struct that is assigned, but this is what it makes of one. One that tells may make both of it. */
void *__wrap_memcpy(void *to, const void *from, size_t len)
{
	if (world && !(world->torn.at == to && world->torn.len == len))
		store(to, len);
	return __real_memcpy(to, from, len);
}

#define HOOKS(kind, len)                                                                           \
	void __tsan_##kind##read##len(void *at);                                                   \
	void __tsan_##kind##read##len(void *at)                                                    \
	{                                                                                          \
		(void)at;                                                                          \
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
