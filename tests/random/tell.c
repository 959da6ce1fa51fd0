/* See tell.h. */
#include "tell.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A duration, the brief one in milliseconds. */
static void duration_write(uint64_t ms, char *text, size_t room)
{
	if (ms % 60000 == 0)
		snprintf(text, room, "%" PRIu64 "m", ms / 60000);
	else
		snprintf(text, room, "%" PRIu64 "ms", ms);
}

/* The names of a group in another order than they are sorted, now and then. */
static void names_write(const struct model *model, const struct act *act, char *text)
{
	const unsigned names = act->ask.names;
	char name[16], *at = text;

	for (int i = 0; i < NAMES; i++) {
		int n = act->hold % 2 ? i : NAMES - 1 - i;

		if (names >> n & 1)
			at += sprintf(at, "%s%s", at > text ? "+" : "", model_name(model, n, name));
	}
}

static void spec_write(const struct model *model, const struct act *act, char *spec)
{
	static const char *const wrong[] = {"@shared,slots=2", "@ttl=0", "@try,timeout=1s",
		"@shared,shared", "@token=1", "@", "+", "@bind=none"};
	static const char *const patiences[] = {[PATIENT] = "",
		[AN_HOUR] = ",timeout=1h",
		[BRIEFLY] = ",timeout=10ms",
		[TRY] = ",try",
		[NONBLOCK] = ""};
	const struct ask *ask = &act->ask;
	char ttl[32], *at = spec, *options;

	names_write(model, act, at);
	if (ask->wrong) {
		strcat(spec, wrong[act->hold % 8]);
		return;
	}
	options = at += strlen(at);
	if (ask->shared)
		at += sprintf(at, ",shared");
	if (ask->slots)
		at += sprintf(at, ",slots=%u", ask->slots);
	at += sprintf(at, "%s", patiences[ask->patience]);
	duration_write(ask->ttl_ms, ttl, sizeof(ttl));
	if (ask->ttl_ms)
		at += sprintf(at, ",ttl=%s", ttl);
	if (ask->frozen_wait)
		at += sprintf(at, ",frozen=wait");
	if (ask->bind_pid)
		at += sprintf(at, ",bind=pid");
	if (ask->label[0])
		at += sprintf(at, ",owner=%s", ask->label);
	if (at > options)
		*options = '@';
}

/* The path below the mount, and what is written there. */
static void file_write(
	const struct model *model, const struct act *act, char path[TEXT_MAX], char text[TEXT_MAX])
{
	char name[16], ms[32] = "";

	model_name(model, act->name, name);
	if (act->ms)
		duration_write(act->ms, ms, sizeof(ms));
	strcpy(text, act->wrong ? "nonsense" : ms);
	switch (act->kind) {
	case ACT_OPEN: spec_write(model, act, stpcpy(path, "locks/")); break;
	case ACT_RENEW:
		sprintf(text, act->wrong ? "renewal" : "renew%s%s", act->ms ? " " : "", ms);
		break;
	case ACT_RENEW_NAME:
		strcpy(path, "renew");
		sprintf(text, "%s%s%s\n", name, act->ms ? " " : "", ms);
		break;
	case ACT_BREAK:
		names_write(model, act, stpcpy(path, "locks/"));
		sprintf(path + strlen(path), "@token=%" PRIu64, act->token);
		break;
	case ACT_REMOVE: names_write(model, act, stpcpy(path, "locks/")); break;
	case ACT_FREEZE:
	case ACT_UNFREEZE:
		sprintf(path, "freezes/%s", name);
		strcat(text, "\n");
		break;
	default:
		sprintf(path, "leases/%s%s%s", name, act->label[0] ? "@owner=" : "", act->label);
		strcat(text, "\n");
	}
}

static const struct {
	const char *verb;
	enum deed deed;
	int flags;
} deeds[ACTS] = {
	[ACT_FORK] = {"forks", DEED_FORK, 0},
	[ACT_OPEN] = {"opens", DEED_OPEN, 0},
	[ACT_DUP] = {"copies its descriptor of", DEED_DUP, 0},
	[ACT_CLOSE] = {"closes a descriptor of", DEED_CLOSE, 0},
	[ACT_RENEW] = {"writes to its descriptor of", DEED_WRITE, 0},
	[ACT_READ] = {"reads", DEED_READ, 0},
	[ACT_POLL] = {"polls", DEED_POLL, 0},
	[ACT_RENEW_NAME] = {"writes to", DEED_PUT, O_WRONLY},
	[ACT_BREAK] = {"removes", DEED_UNLINK, 0},
	[ACT_REMOVE] = {"removes", DEED_UNLINK, 0},
	[ACT_FREEZE] = {"writes to", DEED_PUT, O_WRONLY | O_CREAT | O_TRUNC},
	[ACT_UNFREEZE] = {"removes", DEED_UNLINK, 0},
	[ACT_TAKE] = {"writes (>) to", DEED_PUT, O_WRONLY | O_CREAT | O_TRUNC},
	[ACT_EXTEND] = {"appends (>>) to", DEED_PUT, O_WRONLY | O_CREAT | O_APPEND},
	[ACT_TOUCH] = {"touches", DEED_TOUCH, 0},
	[ACT_DROP] = {"removes", DEED_UNLINK, 0},
	[ACT_SHOW] = {"shows", DEED_SHOW, 0},
};

bool tell_order(
	const struct model *model, const struct act *act, const char *mount, struct order *order)
{
	char path[TEXT_MAX] = "";

	*order = (struct order){.deed = deeds[act->kind].deed, .slot = act->hold};
	order->flags = deeds[act->kind].flags;
	if (act->kind == ACT_SPAWN || act->kind == ACT_SIGNAL ||
		(act->kind == ACT_DIE && act->signal))
		return false;
	if (act->kind == ACT_DIE) {
		order->deed = DEED_EXIT;
		order->slot = 0;
		return true;
	}
	if (act->kind == ACT_FORK)
		order->slot = act->other;
	if (act->kind == ACT_OPEN)
		order->flags = act->ask.access | (act->ask.patience == NONBLOCK ? O_NONBLOCK : 0);
	file_write(model, act, path, order->text);
	snprintf(order->path, sizeof(order->path), "%s/%s", mount, path);
	return true;
}

static void deed_line(const struct model *model, const struct act *act, char *line, size_t room)
{
	char path[TEXT_MAX] = "", text[TEXT_MAX] = "", slot[40] = "";

	file_write(model, act, path, text);
	text[strcspn(text, "\n")] = '\0';
	if (act->hold != NOBODY && act->kind != ACT_TAKE)
		snprintf(slot, sizeof(slot), "#%d", act->hold);
	if (act->kind == ACT_OPEN)
		snprintf(line, room, "opens %s%s%s as %s", path,
			act->ask.patience == NONBLOCK ? " (O_NONBLOCK)" : "",
			act->ask.access == O_RDONLY           ? " (O_RDONLY)"
				: act->ask.access == O_WRONLY ? " (O_WRONLY)"
							      : "",
			slot);
	else if (slot[0])
		snprintf(line, room, "%s %s (%s) %s", deeds[act->kind].verb, slot,
			model->holds[act->hold].names, text);
	else
		snprintf(line, room, "%s %s %s", deeds[act->kind].verb, path, text);
}

void tell_line(const struct model *model, const struct act *act, char *line, size_t room)
{
	const struct worker *worker = &model->workers[act->worker];
	const int user = act->kind == ACT_SPAWN ? act->user : worker->user;
	int used = snprintf(
		line, room, "w%d (%s, pid %d) ", act->worker, model->users[user], (int)worker->pid);

	line += used;
	room -= (size_t)used;
	switch (act->kind) {
	case ACT_SPAWN: snprintf(line, room, "begins"); break;
	case ACT_FORK: snprintf(line, room, "forks w%d", act->other); break;
	case ACT_SIGNAL: snprintf(line, room, "is interrupted and opens again"); break;
	case ACT_DIE: snprintf(line, room, "dies of signal %d", act->signal); break;
	default: deed_line(model, act, line, room);
	}
}
