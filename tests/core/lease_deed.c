/* See story.h: what people do with leases and with the audit stream. */
#include <stdio.h>
#include <string.h>

#include "deed.h"
#include "teller.h"

/* Asks for a lease, or something of one. */
static uint64_t asks(struct world *world, struct event *event, const char *who, const char *text)
{
	char owner[OWNER_MAX + 1];
	struct spec spec;

	CHECK(lease_parse(text, strlen(text), &spec) == OK);
	if (event->kind == EVENT_LEASE_TAKE)
		spec.ttl_ms = event->ttl_ms;
	event->spec = &spec;
	event->who = actor_of(who, owner);
	if (spec.owner[0])
		event->who.owner = spec.owner;
	event->id = request_add(world, event, who, spec.names);
	snprintf(world->requests[event->id - 1].spec, sizeof(world->requests->spec), "%s", text);
	world_step(world, event);
	return event->id;
}

uint64_t takes(struct world *world, const char *who, const char *spec, const char *ttl)
{
	struct event event = {.kind = EVENT_LEASE_TAKE, .ttl_ms = ttl_of(ttl)};

	tell(world, "%s > take %s %s", who, spec, ttl);
	return asks(world, &event, who, spec);
}

uint64_t touches(struct world *world, const char *who, const char *spec, const char *ttl)
{
	struct event event = {.kind = EVENT_LEASE_RENEW, .ttl_ms = ttl_of(ttl)};

	tell(world, "%s > touch %s%s%s", who, spec, ttl ? " " : "", ttl ? ttl : "");
	return asks(world, &event, who, spec);
}

uint64_t reopens(struct world *world, const char *who, const char *spec)
{
	struct event event = {.kind = EVENT_LEASE_OPEN};

	tell(world, "%s > reopen %s", who, spec);
	return asks(world, &event, who, spec);
}

uint64_t removes(struct world *world, const char *who, const char *spec)
{
	struct event event = {.kind = EVENT_LEASE_REMOVE};

	tell(world, "%s > remove %s", who, spec);
	return asks(world, &event, who, spec);
}

uint64_t reads(struct world *world, const char *who)
{
	char owner[OWNER_MAX + 1];
	struct event event = {.kind = EVENT_ADMIT,
		.limit = LIMIT_READERS,
		.amount = 1,
		.who = actor_of(who, owner),
		.name = ""};

	tell(world, "%s > read audit", who);
	event.id = request_add(world, &event, who, "audit");
	world_step(world, &event);
	return event.id;
}

void stops_reading(struct world *world, const char *who)
{
	char owner[OWNER_MAX + 1];
	struct event event = {.kind = EVENT_DISMISS,
		.limit = LIMIT_READERS,
		.amount = 1,
		.who = actor_of(who, owner)};

	tell(world, "%s > close audit", who);
	world_step(world, &event);
}
