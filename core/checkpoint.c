/* The engine's state into the log. See engine.h; the way back is replay.c. */
#include <string.h>

#include "engine.h"
#include "state.h"

#define TOKEN_BLOCK 1000000 /* tokens that one synced checkpoint vouches for */

/* Says all of a hold, held or lost. */
static void hold_record(const struct claim *claim, struct record *record)
{
	record_init(record, RECORD_ACQUIRE, claim->acquired_wall_ms);
	claim_describe(claim, record);
	record->at_ns = claim->acquired_ns;
	record->until_ns = claim->timer.deadline_ns;
	record->until_wall_ms = claim->until_wall_ms;
	record->renewals = claim->renewals;
	record->lost = claim->state == CLAIM_LOST;
}

bool engine_hold(const struct engine *engine, uint64_t id, struct record *record)
{
	const struct claim *claim = claim_find(engine, id);

	if (!claim || claim->state != CLAIM_HELD)
		return false;
	hold_record(claim, record);
	return true;
}

static void freeze_write(const struct freeze *freeze, struct text *text)
{
	struct record record;

	record_init(&record, RECORD_FREEZE, 0);
	freeze_record(freeze, &record);
	record_write_part(&record, text);
}

/* A comma before every element of an array but the first. */
static void element(struct text *text)
{
	if (text->len && text->data[text->len - 1] != '[')
		text_put(text, ",");
}

static void holds_write(const struct engine *engine, enum claim_state state, struct text *text)
{
	for (struct tree_node *n = tree_first(&engine->claims); n; n = tree_next(n)) {
		const struct claim *claim = container_of(n, struct claim, index);
		struct record record;

		if (claim->state != state)
			continue;
		hold_record(claim, &record);
		element(text);
		record_write_part(&record, text);
	}
}

void engine_checkpoint(const struct engine *engine, struct record *record)
{
	record->next_token = engine->next_token;
	record->token_limit = engine->next_token + TOKEN_BLOCK;
	if (record->token_limit > TOKEN_MAX)
		record->token_limit = TOKEN_MAX;
}

void engine_write_parts(const struct engine *engine, struct text *text)
{
	text_key(text, "holds");
	text_put(text, "[");
	holds_write(engine, CLAIM_LOST, text); /* first: they agree with whatever is held since */
	holds_write(engine, CLAIM_HELD, text);
	text_put(text, "]");
	text_key(text, "freezes");
	text_put(text, "[");
	for (struct tree_node *n = tree_first(&engine->thaws.armed); n; n = tree_next(n)) {
		element(text);
		freeze_write(container_of(n, struct freeze, timer.node), text);
	}
	text_put(text, "]");
}

void engine_checkpointed(struct engine *engine, const struct record *record)
{
	engine->token_limit = record->token_limit;
}

uint64_t engine_tokens_left(const struct engine *engine)
{
	return engine->next_token < engine->token_limit ? engine->token_limit - engine->next_token
							: 0;
}
