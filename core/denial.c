/* See denial.h. */
#include "denial.h"

#include <stdlib.h>
#include <string.h>

#include "state.h"

#define WINDOW_MS 1000

struct key {
	const char *names;
	uint32_t uid;
	enum reason reason;
};

struct denial {
	struct tree_node by_key; /* engine::denials */
	struct timer timer;      /* engine::quiets */
	struct key key;          /* its names are those below */
	uint64_t count;          /* since the last line */
	int32_t pid;             /* of the last one counted */
	char owner[OWNER_MAX + 1];
	char names[];
};

int denial_compare(const void *key, const struct tree_node *node)
{
	const struct key *a = key, *b = &container_of(node, const struct denial, by_key)->key;

	if (a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	if (a->reason != b->reason)
		return a->reason < b->reason ? -1 : 1;
	return strcmp(a->names, b->names);
}

/* Remembers what has just been logged. Without memory for it, the next one is a line too. */
static void denial_create(struct engine *engine, const struct key *key)
{
	size_t len = strlen(key->names) + 1;
	struct denial *denial = calloc(1, sizeof(*denial) + len);

	if (!denial)
		return;
	memcpy(denial->names, key->names, len);
	denial->key = (struct key){denial->names, key->uid, key->reason};
	timer_init(&denial->timer);
	timer_set(&engine->quiets, &denial->timer, deadline_after(engine->now.mono_ns, WINDOW_MS));
	tree_insert(&engine->denials, &denial->key, &denial->by_key);
}

static void denial_destroy(struct engine *engine, struct denial *denial)
{
	timer_set(&engine->quiets, &denial->timer, NEVER);
	tree_remove(&engine->denials, &denial->by_key);
	free(denial);
}

static struct record *denial_record(
	const struct engine *engine, const struct key *key, struct effects *fx)
{
	struct record *record = effects_record(fx, RECORD_DENY, engine->now.wall_ms);

	strcpy(record->names, key->names);
	record->uid = key->uid;
	record->reason = key->reason;
	return record;
}

bool deny(struct engine *engine, const char *names, const struct actor *who, enum reason reason,
	const char *more, struct effects *fx)
{
	struct key key = {names, who->uid, reason};
	struct tree_node *node = tree_find(&engine->denials, &key);

	engine->counters.denials[reason]++;
	if (node) {
		struct denial *denial = container_of(node, struct denial, by_key);

		denial->count++;
		denial->pid = who->process.pid;
		strcpy(denial->owner, who->owner);
		return false;
	}
	struct record *record = denial_record(engine, &key, fx);

	strcpy(record->owner, who->owner);
	record->pid = who->process.pid;
	record->more = more;
	denial_create(engine, &key);
	return true;
}

void denial_quiet(struct engine *engine, struct timer *timer, struct effects *fx)
{
	struct denial *denial = container_of(timer, struct denial, timer);

	if (denial->count == 0) {
		denial_destroy(engine, denial);
		return;
	}
	struct record *record = denial_record(engine, &denial->key, fx);

	strcpy(record->owner, denial->owner);
	record->pid = denial->pid;
	record->count = denial->count;
	denial->count = 0;
	if (engine->stopping)
		denial_destroy(engine, denial);
	else
		timer_set(&engine->quiets, timer, deadline_after(engine->now.mono_ns, WINDOW_MS));
}

void denials_end(struct engine *engine, struct effects *fx)
{
	struct tree_node *node;

	while (effects_room(fx) && (node = tree_first(&engine->quiets.armed)))
		denial_quiet(engine, container_of(node, struct timer, node), fx);
}

void denials_finish(struct engine *engine)
{
	struct tree_node *node;

	while ((node = tree_first(&engine->denials)))
		denial_destroy(engine, container_of(node, struct denial, by_key));
}
