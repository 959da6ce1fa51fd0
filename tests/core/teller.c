/* See teller.h. */
#include "teller.h"

#include <inttypes.h>
#include <stdio.h>

#include "story.h"

static const char *const err_words[] = {
	[OK] = "OK",
	[ERR_INVALID] = "ERR_INVALID",
	[ERR_TOO_LONG] = "ERR_TOO_LONG",
	[ERR_WOULD_WAIT] = "ERR_WOULD_WAIT",
	[ERR_TIMEOUT] = "ERR_TIMEOUT",
	[ERR_FROZEN] = "ERR_FROZEN",
	[ERR_INTERRUPTED] = "ERR_INTERRUPTED",
	[ERR_LOG] = "ERR_LOG",
	[ERR_STOPPING] = "ERR_STOPPING",
	[ERR_LOST] = "ERR_LOST",
	[ERR_HELD] = "ERR_HELD",
	[ERR_ABSENT] = "ERR_ABSENT",
	[ERR_EXISTS] = "ERR_EXISTS",
	[ERR_DEADLOCK] = "ERR_DEADLOCK",
	[ERR_LIMIT] = "ERR_LIMIT",
	[ERR_PERMISSION] = "ERR_PERMISSION",
	[ERR_NO_MEMORY] = "ERR_NO_MEMORY",
	[ERR_CORRUPT] = "ERR_CORRUPT",
};

void tell(struct world *world, const char *format, ...)
{
	char line[512];
	va_list args;

	text_printf(&world->story, "[%6" PRIu64 "] ",
		(world->now.boot_ns - world->start.boot_ns) / 1000000);
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	text_put(&world->story, line);
	text_put(&world->story, "\n");
}

void tell_answer(struct world *world, const char *who, enum err err)
{
	tell(world, "%s < %s", who, err_words[err]);
}

static void tell_hold(struct world *world, const struct record *r)
{
	const char *name = r->names, *owner = r->owner;

	switch (r->kind) {
	case RECORD_ACQUIRE:
		tell(world, "%s: %s to %s, token %" PRIu64, name,
			r->hold == HOLD_LEASE ? "leased" : "granted", owner, r->token);
		break;
	case RECORD_RELEASE:
		tell(world, "%s: released by %s after %" PRIu64, name, owner, r->held_ms);
		break;
	case RECORD_RENEW:
		if (r->ttl_ms == TIME_NONE)
			tell(world, "%s: renewed by %s", name, owner);
		else
			tell(world, "%s: renewed by %s for %" PRIu64, name, owner, r->ttl_ms);
		break;
	case RECORD_STALE_BREAK: tell(world, "%s: expired under %s", name, owner); break;
	case RECORD_AUTO_PRUNE:
		tell(world, "%s: pruned, %s %s %d", name, owner, reason_word(r->reason), r->signal);
		break;
	default:
		tell(world, "%s: %s's token %" PRIu64 " broken by uid %u", name, owner, r->token,
			r->by_uid);
	}
}

void tell_record(struct world *world, const struct record *r)
{
	switch (r->kind) {
	case RECORD_DENY:
		if (r->count)
			tell(world, "%s: denied to %s, %s, %" PRIu64 " times", r->names, r->owner,
				reason_word(r->reason), r->count);
		else
			tell(world, "%s: denied to %s, %s%s", r->names, r->owner,
				reason_word(r->reason), r->more ? r->more : "");
		break;
	case RECORD_FREEZE:
		tell(world, "%s: frozen by %s for %" PRIu64, r->names, r->owner, r->ttl_ms);
		break;
	case RECORD_UNFREEZE: tell(world, "%s: unfrozen by %s", r->names, r->owner); break;
	case RECORD_THAW: tell(world, "%s: thawed", r->names); break;
	case RECORD_RECOVER:
		tell(world, "%s: token %" PRIu64 " stays, %s", r->names, r->token, r->detail);
		break;
	default: tell_hold(world, r);
	}
}
