/* See story.h. What the daemon does with an event and its effects, without a disk or a kernel. */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/timer.h"
#include "teller.h"

static struct world *current;

/* Tells the story so far: its end, where it is long. */
static void witness(void)
{
	const struct text *story = current ? &current->story : NULL;
	size_t from = story && story->len > 8000 ? story->len - 8000 : 0;

	if (story)
		fprintf(stderr, "%.*s", (int)(story->len - from), story->data + from);
}

struct world *world_create(void)
{
	struct world *world = calloc(1, sizeof(*world));

	CHECK(world);
	*world = (struct world){.engine = engine_create(), .step = engine_step};
	CHECK(world->engine);
	memset(&world->settings.limits, 0xff, sizeof(world->settings.limits));
	world->settings.deadlock_ms = TIME_NONE;
	world->start = (struct now){
		.mono_ns = 1000000000000, .boot_ns = 3000000000000, .wall_ms = 1769631312123};
	world->now = world->start;
	journal_init(&world->journal);
	journal_checkpoint(&world->journal, world->engine, world->now.wall_ms);
	current = world;
	check_witness = witness;
	return world;
}

void world_destroy(struct world *world)
{
	log_works(world);
	world_stop(world);
	CHECK_EQUAL(world->pending, 0);
	engine_destroy(journal_replay(&world->journal, world->journal.checkpoint));
	engine_destroy(world->engine);
	journal_finish(&world->journal);
	text_finish(&world->story);
	free(world->requests);
	free(world);
	current = NULL;
}

/* Gives one answer: nobody is answered twice. */
static void answer(struct world *world, const struct answer *answer, enum err err)
{
	struct request *request = answer->request;
	size_t n = (size_t)(uintptr_t)request;

	CHECK(n > 0 && n <= world->n_requests);
	request = &world->requests[n - 1];
	if (request->answered)
		check_fail(__FILE__, __LINE__, "%s was answered twice", request->who);
	if (request->acquire)
		CHECK_EQUAL(answer->id, n);
	request->answered = true;
	request->err = err;
	world->pending--;
	if (err != OK || answer->record < 0)
		tell_answer(world, request->who, err);
}

/* Checks that what may only be told after a line is in the log waits for that line. */
static void check_answers(const struct effects *fx)
{
	size_t owing = 0;

	for (size_t i = 0; i < fx->n_answers; i++) {
		const struct answer *one = &fx->answers[i];

		CHECK(one->record < (int)fx->n_records);
		if (one->record < 0)
			continue;
		if (one->err == OK) {
			CHECK(record_is_state(fx->records[one->record].kind));
			owing++;
		} else {
			CHECK(fx->records[one->record].kind == RECORD_DENY);
		}
	}
	for (size_t i = 0; i < fx->n_records; i++)
		if (fx->records[i].kind == RECORD_ACQUIRE || fx->records[i].kind == RECORD_RENEW ||
			fx->records[i].kind == RECORD_FREEZE)
			CHECK(owing-- > 0);
}

/* Whether this answer has to become ERR_LOG when its record could not be written. */
static bool must_be_logged(const struct effects *fx, const struct answer *answer)
{
	const struct record *record = answer->record < 0 ? NULL : &fx->records[answer->record];

	return record && (record_can_be_undone(record->kind) || record_outlives_machine(record));
}

/* Appends, then answers. */
static void flush(struct world *world)
{
	struct effects *fx = &world->fx;
	bool logged = journal_append(&world->journal, fx->records, fx->n_records);

	check_answers(fx);
	if (!logged)
		tell(world, "not logged:");
	for (size_t i = 0; i < fx->n_records; i++) {
		if (fx->records[i].kind == RECORD_ACQUIRE)
			world->requests[fx->records[i].id - 1].token = fx->records[i].token;
		tell_record(world, &fx->records[i]);
	}
	if (!logged)
		journal_undo(&world->journal, world->engine, fx->records, fx->n_records);
	for (size_t i = 0; i < fx->n_answers; i++) {
		const struct answer *one = &fx->answers[i];

		answer(world, one, !logged && must_be_logged(fx, one) ? ERR_LOG : one->err);
	}
	fx->n_records = fx->n_answers = 0;
	if (!logged) {
		struct event event = {.kind = EVENT_LOG, .now = world->now};

		world->step(world->engine, &event, fx);
	}
}

void world_flush(struct world *world)
{
	while (world->fx.n_records || world->fx.n_answers)
		flush(world);
}

static void deadlines_fire(struct world *world)
{
	for (int n = 0; engine_deadline(world->engine) <= world->now.mono_ns; n++) {
		struct event event = {.kind = EVENT_TICK, .now = world->now};

		CHECK(n < 10000); /* a deadline that never passes */
		world->step(world->engine, &event, &world->fx);
		world_flush(world);
	}
}

void world_tick(struct world *world)
{
	void *request;

	do
		deadlines_fire(world);
	while (world_suspect(world));
	while ((request = engine_notice(world->engine))) {
		const struct request *told = &world->requests[(uintptr_t)request - 1];

		CHECK(!told->closed);
		tell(world, "%s is told of %s", told->who, told->name);
	}
}

void world_step(struct world *world, struct event *event)
{
	event->now = world->now;
	CHECK(effects_room(&world->fx));
	world->step(world->engine, event, &world->fx);
	if (world->batching)
		return;
	world_flush(world);
	world_tick(world);
}
