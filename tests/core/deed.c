/* See story.h: what people do, as the events that it makes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/duration.h"
#include "deed.h"
#include "teller.h"

struct actor actor_of(const char *who, char owner[OWNER_MAX + 1])
{
	const char *slash = strchr(who, '/');
	size_t len = slash ? (size_t)(slash - who) : strlen(who);
	uint32_t number = 1001 + (uint32_t)(who[0] - 'a') + 100 * (uint32_t)atoi(who + 1);

	memcpy(owner, who, len);
	owner[len] = '\0';

	struct actor actor = {.process = {.pid = (int32_t)number, .start_ns = number * 7ULL},
		.uid = number,
		.owner = owner};

	if (slash && strcmp(slash, "/0") == 0) {
		actor.process = (struct process_id){0};
		return actor;
	}
	if (strcmp(owner, "root") == 0)
		actor.uid = 0;
	actor.privileged = strcmp(owner, "root") == 0 || strcmp(owner, "ops") == 0;
	actor.tid = (int32_t)number * 10 + (slash ? atoi(slash + 1) : 1);
	return actor;
}

uint64_t request_add(struct world *world, struct event *event, const char *who, const char *name)
{
	if (world->n_requests == world->room) {
		world->room = world->room * 2 + 64;
		world->requests = realloc(world->requests, world->room * sizeof(*world->requests));
		CHECK(world->requests);
	}
	struct request *request = &world->requests[world->n_requests++];

	*request =
		(struct request){.lease = event->kind == EVENT_LEASE_TAKE, .id = world->n_requests};
	request->acquire = request->lease || event->kind == EVENT_ACQUIRE;
	snprintf(request->who, sizeof(request->who), "%s", who);
	snprintf(request->name, sizeof(request->name), "%s", name);
	world->pending++;
	event->request = (void *)(uintptr_t)world->n_requests;
	return world->n_requests;
}

/* The number of the newest request of `who` for `name`. */
static uint64_t request_find(const struct world *world, const char *who, const char *name)
{
	for (size_t i = world->n_requests; i-- > 0;)
		if (world->requests[i].acquire && strcmp(world->requests[i].who, who) == 0 &&
			strcmp(world->requests[i].name, name) == 0)
			return i + 1;
	check_fail(__FILE__, __LINE__, "%s never asked for %s", who, name);
}

const struct spec *spec_of(const char *text, struct spec *spec)
{
	const struct spec_defaults none = {TIME_NONE, TIME_NONE};

	CHECK(spec_parse(text, strlen(text), &none, spec) == OK);
	return spec;
}

/* Who was interrupted and comes back with the same has his place again. */
static void comes_back(struct world *world, const char *who, const char *spec)
{
	for (size_t i = 0; i < world->n_requests; i++) {
		struct request *before = &world->requests[i];

		if (!before->interrupted_ns || strcmp(before->who, who) != 0 ||
			strcmp(before->spec, spec) != 0)
			continue;
		before->interrupted_ns = 0;
		return;
	}
}

uint64_t opens(struct world *world, const char *who, const char *text)
{
	char owner[OWNER_MAX + 1];
	struct spec spec;
	struct event event = {.kind = EVENT_ACQUIRE, .who = actor_of(who, owner)};

	event.spec = spec_of(text, &spec);
	comes_back(world, who, text);
	if (spec.owner[0])
		event.who.owner = spec.owner;
	event.id = request_add(world, &event, who, spec.names);
	snprintf(world->requests[event.id - 1].spec, sizeof(world->requests->spec), "%s", text);
	tell(world, "%s > acquire %s", who, text);
	world_step(world, &event);
	return event.id;
}

uint64_t ttl_of(const char *text)
{
	uint64_t ms = TIME_NONE;

	CHECK(!text || duration_parse(text, strlen(text), &ms) == OK);
	return ms;
}

static uint64_t renew(
	struct world *world, const char *who, uint64_t id, const char *name, const char *ttl)
{
	char owner[OWNER_MAX + 1];
	struct event event = {
		.kind = EVENT_RENEW, .who = actor_of(who, owner), .id = id, .ttl_ms = ttl_of(ttl)};
	uint64_t number = request_add(world, &event, who, name);

	tell(world, "%s > renew %s%s%s", who, name, ttl ? " " : "", ttl ? ttl : "");
	world_step(world, &event);
	return number;
}

uint64_t renews(struct world *world, const char *who, const char *name, const char *ttl)
{
	return renew(world, who, world->requests[request_find(world, who, name) - 1].id, name, ttl);
}

uint64_t renews_id(struct world *world, uint64_t id, const char *ttl)
{
	const struct request request = world->requests[id - 1];

	return renew(world, request.who, request.id, request.name, ttl);
}

uint64_t renews_name(
	struct world *world, const char *who, const char *parent, const char *name, const char *ttl)
{
	char owner[OWNER_MAX + 1], parent_owner[OWNER_MAX + 1];
	struct actor actor = actor_of(who, owner);
	struct process_id family[] = {actor.process, actor_of(parent, parent_owner).process, {0}};
	struct event event = {.kind = EVENT_RENEW_NAME,
		.who = actor,
		.name = name,
		.ttl_ms = ttl_of(ttl),
		.family = family,
		.relatives = sizeof(family) / sizeof(family[0])};
	uint64_t number = request_add(world, &event, who, name);

	tell(world, "%s, child of %s > renew by name %s", who, parent, name);
	world_step(world, &event);
	return number;
}

/* The common part of what is asked for with a name alone. */
static uint64_t asks(struct world *world, struct event *event, const char *who, const char *name)
{
	char owner[OWNER_MAX + 1];

	event->who = actor_of(who, owner);
	event->name = name;
	uint64_t number = request_add(world, event, who, name);

	world_step(world, event);
	return number;
}

uint64_t breaks(struct world *world, const char *who, const char *name, uint64_t token)
{
	struct event event = {.kind = EVENT_BREAK, .token = token};

	tell(world, "%s > break %s token %" PRIu64, who, name, token);
	return asks(world, &event, who, name);
}

uint64_t freezes(struct world *world, const char *who, const char *name, const char *ttl)
{
	struct event event = {.kind = EVENT_FREEZE, .ttl_ms = ttl_of(ttl)};

	tell(world, "%s > freeze %s %s", who, name, ttl);
	return asks(world, &event, who, name);
}

uint64_t unfreezes(struct world *world, const char *who, const char *name)
{
	struct event event = {.kind = EVENT_UNFREEZE};

	tell(world, "%s > unfreeze %s", who, name);
	return asks(world, &event, who, name);
}

/* The descriptor of request `id` is gone. */
static void closed(struct world *world, uint64_t id, enum reason reason, int signal)
{
	struct request *request = &world->requests[id - 1];
	struct event event = {
		.kind = EVENT_CLOSE, .id = request->id, .reason = reason, .signal = signal};

	CHECK(!request->closed);
	request->closed = true;
	world_step(world, &event);
}

void closes_id(struct world *world, uint64_t id)
{
	tell(world, "%s > close %s", world->requests[id - 1].who, world->requests[id - 1].name);
	closed(world, id, REASON_NONE, 0);
}

void closes(struct world *world, const char *who, const char *name)
{
	closes_id(world, request_find(world, who, name));
}

void dies_id(struct world *world, uint64_t id, int signal)
{
	tell(world, "%s dies holding %s", world->requests[id - 1].who,
		world->requests[id - 1].name);
	closed(world, id, signal ? REASON_KILLED : REASON_EXITED, signal);
}

void dies(struct world *world, const char *who, const char *name, int signal)
{
	dies_id(world, request_find(world, who, name), signal);
}

void survived_id(struct world *world, uint64_t id, int signal)
{
	struct event event = {.kind = EVENT_PRUNE,
		.id = world->requests[id - 1].id,
		.reason = signal ? REASON_KILLED : REASON_EXITED,
		.signal = signal};

	tell(world, "%s dies, survived by %s", world->requests[id - 1].who,
		world->requests[id - 1].name);
	world_step(world, &event);
}

void survived(struct world *world, const char *who, const char *name, int signal)
{
	survived_id(world, request_find(world, who, name), signal);
}

void interrupted_id(struct world *world, uint64_t id)
{
	struct event event = {.kind = EVENT_INTERRUPT, .id = id};
	struct request *request = &world->requests[id - 1];

	tell(world, "%s is interrupted", request->who);
	if (!request->answered && !strstr(request->who, "/0")) {
		request->queued_ns = engine_queued_ns(world->engine, id);
		request->interrupted_ns = world->now.mono_ns;
	}
	world_step(world, &event);
}

void interrupted(struct world *world, const char *who, const char *name)
{
	interrupted_id(world, request_find(world, who, name));
}

void watches(struct world *world, const char *who, const char *name)
{
	tell(world, "%s watches %s", who, name);
	engine_watch(world->engine, world->requests[request_find(world, who, name) - 1].id);
}
