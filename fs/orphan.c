/* See orphan.h. */
#include "orphan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "clock.h"
#include "core/timer.h"
#include "daemon.h"
#include "message.h"
#include "process.h"
#include "search.h"
#include "sight.h"

#define LOOK_NS 1000000000ULL /* between two looks */

/* This very process, with a reference to be put back; NULL: it is gone, or not to be seen. */
static struct process *process_find(struct process_id id)
{
	struct process *process = process_get(id.pid);

	if (process && process_same(process_id(process), id))
		return process;
	process_put(process);
	return NULL;
}

static void orphan_let_go(struct orphan *orphan)
{
	if (orphan->process) {
		process_unwatch(orphan->process);
		process_put(orphan->process);
	}
	orphan->process = NULL;
}

static void orphan_free(struct orphan *orphan)
{
	orphan_let_go(orphan);
	process_put(orphan->opener);
	free(orphan->names);
	free(orphan->owner);
}

static struct grant grant_of(const struct record *hold)
{
	return (struct grant){{hold->pid, hold->start_ns}, hold->uid, hold->at_ns};
}

/* Adds a hold to the list. False: there is no memory. */
static bool orphan_add(struct daemon *daemon, uint64_t id, bool blind)
{
	struct orphans *orphans = &daemon->orphans;
	struct record hold;
	struct orphan *more = realloc(orphans->all, (orphans->count + 1) * sizeof(*orphans->all));
	struct orphan *orphan = more ? &more[orphans->count] : NULL;

	if (!orphan)
		return false;
	orphans->all = more;
	engine_hold(daemon->host.engine, id, &hold);
	*orphan = (struct orphan){.id = id,
		.names = strdup(hold.names),
		.owner = strdup(hold.owner),
		.mode = hold.mode,
		.bind = hold.bind,
		.slots = hold.slots ? hold.slots : 1,
		.grant = grant_of(&hold),
		.sight = blind || hold.pid == 0 ? SIGHT_BLIND : SIGHT_NONE};
	orphan->opener = process_find(orphan->grant.holder);
	if (orphan->names && orphan->owner) {
		orphans->count++;
		return true;
	}
	orphan_free(orphan);
	return false;
}

static void orphans_collect(struct daemon *daemon, bool blind)
{
	const struct engine *engine = daemon->host.engine;
	uint64_t id = 0;

	while ((id = engine_orphan(engine, id)) != 0) {
		struct record hold;

		if (!engine_hold(engine, id, &hold) ||
			hold.token >= daemon->carry.head->first_token)
			continue;
		if (!orphan_add(daemon, id, blind)) {
			message(LOG_CRIT, "no memory to look after %s, token %llu: break it",
				hold.names, (unsigned long long)hold.token);
		}
	}
	if (daemon->orphans.count)
		qsort(daemon->orphans.all, daemon->orphans.count, sizeof(struct orphan),
			orphan_compare);
}

/* Has the loop wake when the keeper ends. */
static void orphan_watch(struct orphan *orphan)
{
	if (orphan->process && process_same(process_id(orphan->process), orphan->keeper))
		return;
	orphan_let_go(orphan);
	orphan->process = process_find(orphan->keeper);
	if (orphan->process && process_watch(orphan->process))
		return;
	process_put(orphan->process);
	orphan->process = NULL;
}

/* Says that the hold stays, and why. */
static void orphan_keep(struct daemon *daemon, const struct orphan *orphan)
{
	static const char *const why[] = {
		[SIGHT_NONE] = "not all processes could be seen",
		[SIGHT_BLIND] = "its holder cannot be seen",
		[SIGHT_HIDDEN] = "process %d may have it, and cannot be looked into",
		[SIGHT_PASSED] = "process %d may have it, or pass it on",
		[SIGHT_OPEN] = "it is open still, in a process that was not seen",
		[SIGHT_SEEN] = "process %d still has it",
	};
	char text[DETAIL_MAX + 1];
	struct event event = {.kind = EVENT_KEEP, .id = orphan->id, .name = text};

	snprintf(text, sizeof(text), why[orphan->sight], orphan->keeper.pid);
	host_step(&daemon->host, &event);
}

/* Nobody has it any more: says how its opener parted from it. */
static void orphan_end(struct daemon *daemon, const struct orphan *orphan)
{
	struct event event = {.kind = EVENT_CLOSE, .id = orphan->id, .reason = REASON_UNKNOWN};

	if (orphan->opener)
		event.reason = process_end(orphan->opener, &event.signal);
	host_step(&daemon->host, &event);
}

/* Takes those out of the list that are over, whoever ended them; `sure`: nobody has those that were
 * not seen. */
static void orphans_sweep(struct daemon *daemon, bool sure)
{
	struct orphans *orphans = &daemon->orphans;
	size_t left = 0;

	for (size_t i = 0; i < orphans->count; i++) {
		struct orphan *orphan = &orphans->all[i];
		const bool over = sure && orphan->sight == SIGHT_NONE;

		if (over || !engine_holds(daemon->host.engine, orphan->id)) {
			orphan_end(daemon, orphan);
			orphan_free(orphan);
		} else {
			orphans->all[left++] = *orphan;
		}
	}
	orphans->count = left;
}

static int keeper_compare(const void *a, const void *b)
{
	const struct keeper *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

/* Notes who has which. */
static void keepers_note(struct orphans *orphans)
{
	free(orphans->keepers);
	orphans->keepers = calloc(orphans->count + 1, sizeof(*orphans->keepers));
	for (size_t i = 0; orphans->keepers && i < orphans->count; i++) {
		const struct orphan *orphan = &orphans->all[i];
		const bool seen = orphan->sight == SIGHT_SEEN;

		orphans->keepers[i] = (struct keeper){orphan->id, seen ? orphan->keeper.pid : 0};
	}
	if (orphans->keepers)
		qsort(orphans->keepers, orphans->count, sizeof(*orphans->keepers), keeper_compare);
}

int32_t orphan_keeper(const void *context, uint64_t id)
{
	const struct orphans *orphans = &((const struct daemon *)context)->orphans;
	const struct keeper key = {.id = id};
	const struct keeper *found = orphans->keepers
		? bsearch(&key, orphans->keepers, orphans->count, sizeof(key), keeper_compare)
		: NULL;

	return found ? found->pid : 0;
}

/* When the next look is due; with nobody left, the old mounts are forgotten. */
static void orphans_plan(struct daemon *daemon)
{
	daemon->orphans.next_ns = clock_mono() + LOOK_NS;
	if (daemon->orphans.count > 0)
		return;
	orphans_finish(daemon);
	if (!engine_recovering(daemon->host.engine))
		mounts_forget(daemon->host.mount);
}

/* Those whose file was not closed since it was seen are open, whoever has them. */
static void orphans_open(struct orphans *orphans)
{
	for (size_t i = 0; i < orphans->count; i++)
		if (orphans->all[i].open && orphans->all[i].sight == SIGHT_NONE) {
			orphans->all[i].sight = SIGHT_OPEN;
			orphans->all[i].keeper = (struct process_id){0};
		}
}

/* Takes in which files were closed: what of them is open yet has to be seen anew. */
static void orphans_listen(struct orphans *orphans)
{
	int watch;

	while ((watch = closes_next(&orphans->closes)) != 0)
		for (size_t i = 0; i < orphans->count; i++)
			orphans->all[i].open &= orphans->all[i].watch != watch;
}

/* What follows from a look: those that are over end, and of the others is said who has them, if
 * that is new. */
static void orphans_settle(struct daemon *daemon, bool sure, bool first)
{
	struct orphans *orphans = &daemon->orphans;

	orphans_open(orphans);
	orphans_sweep(daemon, sure);
	for (size_t i = 0; i < orphans->count; i++) {
		struct orphan *orphan = &orphans->all[i];

		orphan_watch(orphan);
		if (!first && process_same(orphan->said, orphan->keeper))
			continue;
		orphan_keep(daemon, orphan);
		orphan->said = orphan->keeper;
	}
	keepers_note(orphans);
	orphans_plan(daemon);
}

/* A look for all of them. */
static struct look look_begin(struct daemon *daemon)
{
	struct orphans *orphans = &daemon->orphans;
	struct look look = {.orphans = orphans->all,
		.count = orphans->count,
		.closes = &orphans->closes,
		.defaults = &daemon->options.defaults};

	mounts_read(&look.mounts, orphans->mounts, daemon->device);
	return look;
}

/* Looks at all processes, if need be. False: not every one may have been seen. */
static bool look_end(struct look *look)
{
	if (!mounts_gone(&look->mounts))
		return look_at_all(look);
	for (size_t i = 0; i < look->count; i++) {
		look->orphans[i].sight = SIGHT_NONE;
		look->orphans[i].open = false;
	}
	return true;
}

void orphans_recover(struct daemon *daemon)
{
	struct orphans *orphans = &daemon->orphans;
	const char *mounts = daemon->host.found.mount;
	struct look look;

	if (!engine_recovering(daemon->host.engine))
		return;
	snprintf(orphans->mounts, sizeof(orphans->mounts), "%s", *mounts ? mounts : "*");
	orphans_collect(daemon, !search_sees() || look_begin(daemon).mounts.foreign);
	look = look_begin(daemon);
	orphans_settle(daemon, look_end(&look), true);
	host_flush(&daemon->host);
}

/* Looks again at the keeper of an orphan, and so at all that it has. */
static void keeper_look(struct look *look, struct process_id keeper)
{
	for (size_t i = 0; i < look->count; i++) {
		struct orphan *orphan = &look->orphans[i];

		if (orphan->sight == SIGHT_BLIND || !process_same(orphan->keeper, keeper))
			continue;
		orphan->looked = true;
		orphan->sight = SIGHT_NONE;
	}
	look_at(look, keeper.pid);
}

/* Looks at each who was seen to have one. */
static void keepers_look(struct look *look)
{
	for (size_t i = 0; i < look->count; i++)
		look->orphans[i].looked = look->orphans[i].sight == SIGHT_BLIND;
	for (size_t i = 0; i < look->count; i++)
		if (!look->orphans[i].looked)
			keeper_look(look, look->orphans[i].keeper);
}

void orphans_look(struct daemon *daemon)
{
	struct look look;

	if (daemon->orphans.count == 0)
		return;
	orphans_listen(&daemon->orphans);
	look = look_begin(daemon);
	if (!mounts_gone(&look.mounts))
		keepers_look(&look);
	orphans_settle(daemon, look_end(&look), false);
}

uint64_t orphans_deadline(const struct daemon *daemon)
{
	return daemon->orphans.count ? daemon->orphans.next_ns : NEVER;
}

void orphans_hurry(struct daemon *daemon)
{
	daemon->orphans.next_ns = 0;
}

void orphans_finish(struct daemon *daemon)
{
	struct orphans *orphans = &daemon->orphans;

	while (orphans->count > 0)
		orphan_free(&orphans->all[--orphans->count]);
	closes_finish(&orphans->closes);
	free(orphans->all);
	free(orphans->keepers);
	orphans->all = NULL;
	orphans->keepers = NULL;
}

/* A look for the file of a hold of our own mount. */
struct own_look {
	dev_t device;
	uint64_t inode;
	struct grant grant;
	bool found;
};

static bool own_wanted(void *context, dev_t device)
{
	return device == ((struct own_look *)context)->device;
}

static void own_found(void *context, const struct finding *finding)
{
	struct own_look *look = context;

	look->found |= finding->inode == look->inode;
}

static void own_hidden(void *context, int32_t pid, enum hiding hiding)
{
	struct own_look *look = context;
	const struct hider hider = hider_of(pid, hiding);

	look->found |= hider_may_have(&hider, &look->grant);
}

bool orphan_has_descriptor(struct daemon *daemon, uint64_t id, uint64_t inode)
{
	struct own_look look = {.inode = inode};
	const struct search search = {own_wanted, own_found, own_hidden, &look};
	struct record hold;

	if (!engine_hold(daemon->host.engine, id, &hold))
		return false;
	look.grant = grant_of(&hold);
	if (!device_read(daemon->device, &look.device) || !search_sees() || !hold.pid)
		return true;
	for (int passes = 0; passes < PASSES && !look.found; passes++)
		if (!search_all(&search))
			return true;
	return look.found;
}
