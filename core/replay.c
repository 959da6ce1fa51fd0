/* The engine from its log, line by line. See engine.h; its state into the log is checkpoint.c. */
#include <string.h>

#include "engine.h"
#include "queue.h"
#include "state.h"

#define REPLAYED (1ULL << 63) /* in the ids of claims from the log, which the host never chooses */

uint64_t engine_replayed(uint64_t token)
{
	return token | REPLAYED;
}

static struct claim *replayed_find(const struct engine *engine, uint64_t token)
{
	return claim_find(engine, engine_replayed(token));
}

/* The same, if it holds. */
static struct claim *replayed_hold(const struct engine *engine, uint64_t token)
{
	struct claim *claim = replayed_find(engine, token);

	return claim && claim->state == CLAIM_HELD ? claim : NULL;
}

static bool hold_ok(const struct engine *engine, const struct record *record)
{
	return record->token > 0 && record->token < TOKEN_MAX && names_ok(record->names) &&
		!replayed_find(engine, record->token) &&
		(record->hold == HOLD_OPEN ||
			(!record->lost && record->ttl_ms != TIME_NONE &&
				record->mode == MODE_EXCLUSIVE && record->slots <= 1 &&
				!strchr(record->names, '+')));
}

/* Fills in what a record says of a hold. A checkpoint says when it ends; a line, how long it lasts. */
static void hold_replay(struct engine *engine, struct claim *claim, const struct record *record)
{
	claim->process = (struct process_id){record->pid, record->start_ns};
	claim->bind = record->bind;
	claim->ttl_ms = record->ttl_ms;
	claim->token = record->token;
	claim->acquired_ns = record->at_ns;
	claim->acquired_wall_ms = record->wall_ms;
	claim->until_wall_ms = record->until_wall_ms;
	claim->renewals = record->renewals;
	if (!claim->until_wall_ms && claim->ttl_ms != TIME_NONE)
		claim->until_wall_ms = record->wall_ms + (int64_t)record->ttl_ms;
	claim_expire_at(engine, claim,
		record->until_ns != NEVER ? record->until_ns
					  : deadline_after(record->at_ns, record->ttl_ms));
}

static int acquire_replay(struct engine *engine, const struct record *record)
{
	const struct claim_form form = {.names = record->names,
		.owner = record->owner,
		.uid = record->uid,
		.slots = record->slots ? record->slots : 1};
	struct claim *claim;
	int err;

	if (!hold_ok(engine, record))
		return ERR_CORRUPT;
	if ((err = claim_create(engine, &form, &claim)) != OK)
		return err == ERR_INVALID ? ERR_CORRUPT : err;
	claim_index(engine, claim, engine_replayed(record->token));
	claim->kind = record->hold;
	claim->mode = record->mode;
	if (!record->lost && !claim_admissible(claim)) {
		claim_destroy(engine, claim);
		return ERR_CORRUPT;
	}
	claim_set_state(engine, claim, CLAIM_HELD);
	hold_replay(engine, claim, record);
	if (record->lost)
		claim_set_state(engine, claim, CLAIM_LOST);
	if (engine->next_token <= record->token)
		engine->next_token = record->token + 1;
	return OK;
}

static int renew_replay(struct engine *engine, const struct record *record)
{
	struct claim *claim = replayed_hold(engine, record->token);

	if (!claim || (claim->kind == HOLD_LEASE && record->ttl_ms == TIME_NONE))
		return ERR_CORRUPT;
	claim->ttl_ms = record->ttl_ms;
	claim->until_wall_ms = 0;
	if (claim->ttl_ms != TIME_NONE)
		claim->until_wall_ms = record->wall_ms + (int64_t)record->ttl_ms;
	claim->renewals++;
	claim_expire_at(engine, claim, deadline_after(record->at_ns, record->ttl_ms));
	return OK;
}

/* Whether the holder may have its descriptor still, and is to be told that it lost the hold. */
static bool leaves_descriptor(const struct claim *claim, const struct record *end)
{
	switch (end->kind) {
	case RECORD_STALE_BREAK:
	case RECORD_FORCE_BREAK: return claim->kind == HOLD_OPEN;
	case RECORD_AUTO_PRUNE: return claim->bind == BIND_PID;
	default: return false;
	}
}

static int end_replay(struct engine *engine, const struct record *record)
{
	struct claim *claim = replayed_hold(engine, record->token);

	if (!claim)
		return ERR_CORRUPT;
	if (leaves_descriptor(claim, record))
		claim_set_state(engine, claim, CLAIM_LOST);
	else
		claim_destroy(engine, claim);
	return OK;
}

static int thaw_replay(struct engine *engine, const struct record *record)
{
	struct freeze *freeze = freeze_find(engine, record->names);

	if (!freeze)
		return ERR_CORRUPT;
	freeze_remove(engine, freeze);
	return OK;
}

/* What is replayed and logged as state; the rest tells a reader something. */
bool record_is_state(enum record_kind kind)
{
	switch (kind) {
	case RECORD_ACQUIRE:
	case RECORD_RELEASE:
	case RECORD_RENEW:
	case RECORD_STALE_BREAK:
	case RECORD_AUTO_PRUNE:
	case RECORD_FORCE_BREAK:
	case RECORD_FREEZE:
	case RECORD_UNFREEZE:
	case RECORD_THAW:
	case RECORD_CHECKPOINT: return true;
	default: return false;
	}
}

bool record_can_be_undone(enum record_kind kind)
{
	return kind == RECORD_ACQUIRE || kind == RECORD_RENEW || kind == RECORD_FREEZE;
}

bool record_outlives_machine(const struct record *record)
{
	switch (record->kind) {
	case RECORD_FREEZE:
	case RECORD_UNFREEZE: return true;
	case RECORD_ACQUIRE:
	case RECORD_RENEW:
	case RECORD_RELEASE:
	case RECORD_FORCE_BREAK: return record->hold == HOLD_LEASE;
	default: return false;
	}
}

/* Whether this end is the end of something that was taken back with the same batch. */
static bool end_of_undone(const struct record *records, const struct record *end)
{
	for (const struct record *before = end; before-- > records;) {
		if (end->token && before->kind == RECORD_ACQUIRE && before->token == end->token)
			return true;
		if (end->token || strcmp(before->names, end->names) != 0)
			continue;
		if (before->kind == RECORD_FREEZE && before->old_ns == NEVER)
			return true;
		if (before->kind == RECORD_UNFREEZE || before->kind == RECORD_THAW)
			return false;
	}
	return false;
}

bool record_is_owed(const struct record *records, size_t i)
{
	switch (records[i].kind) {
	case RECORD_START:
	case RECORD_RECOVER:
	case RECORD_CORRUPT_BREAK: return true;
	default:
		return record_is_state(records[i].kind) && !record_can_be_undone(records[i].kind) &&
			!end_of_undone(records, &records[i]);
	}
}

int engine_replay(struct engine *engine, const struct record *record)
{
	switch (record->kind) {
	case RECORD_ACQUIRE: return acquire_replay(engine, record);
	case RECORD_RENEW: return renew_replay(engine, record);
	case RECORD_RELEASE:
	case RECORD_STALE_BREAK:
	case RECORD_AUTO_PRUNE:
	case RECORD_FORCE_BREAK: return end_replay(engine, record);
	case RECORD_FREEZE: return freeze_replay(engine, record);
	case RECORD_UNFREEZE:
	case RECORD_THAW: return thaw_replay(engine, record);
	case RECORD_CHECKPOINT:
		if (record->next_token == 0 || record->next_token > record->token_limit ||
			record->token_limit > TOKEN_MAX)
			return ERR_CORRUPT;
		if (engine->next_token < record->next_token)
			engine->next_token = record->next_token;
		engine->token_limit = record->token_limit;
		return OK;
	default: return OK;
	}
}

static void grant_undo(struct engine *engine, const struct record *record)
{
	struct claim *claim = claim_find(engine, record->id);

	engine->counters.grants--;
	if (claim)
		claim_destroy(engine, claim);
}

static void renewal_undo(struct engine *engine, const struct record *record)
{
	struct claim *claim = claim_find(engine, record->id);

	engine->counters.renewals--;
	if (!claim)
		return; /* it was released in the same batch */
	claim->ttl_ms = record->old_ttl_ms;
	claim->until_wall_ms = record->old_until_ms;
	claim->renewals--;
	if (claim->state == CLAIM_HELD)
		claim_expire_at(engine, claim, record->old_ns);
}

void engine_undo(struct engine *engine, const struct record *record)
{
	switch (record->kind) {
	case RECORD_ACQUIRE: grant_undo(engine, record); break;
	case RECORD_RENEW: renewal_undo(engine, record); break;
	case RECORD_FREEZE: freeze_undo(engine, record); break;
	default: break;
	}
}
