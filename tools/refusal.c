/* See refusal.h. */
#include "refusal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "history.h"
#include "json.h"
#include "mount.h"
#include "say.h"
#include "when.h"

/* "pid 4123", or what is known in its place. */
static void process_add(char out[REFUSAL_TEXT], const cJSON *item)
{
	int64_t pid = json_int(item, "pid", 0);

	if (strcmp(json_text(item, "kind"), "lease") == 0)
		text_add(out, REFUSAL_TEXT, "lease");
	else if (pid > 0)
		text_add(out, REFUSAL_TEXT, "pid %" PRId64, pid);
	else
		text_add(out, REFUSAL_TEXT, "a process that cannot be seen from the mount");
}

void orphan_spell(char out[REFUSAL_TEXT], const cJSON *holder)
{
	const int64_t keeper = json_int(holder, "kept_by", 0);

	*out = '\0';
	if (!cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(holder, "orphan")))
		return;
	text_add(out, REFUSAL_TEXT, "from a mount that is gone, ");
	if (keeper > 0)
		text_add(out, REFUSAL_TEXT, "process %" PRId64 " still has it", keeper);
	else
		text_add(out, REFUSAL_TEXT, "and who has it cannot be seen");
}

void holder_spell(char out[REFUSAL_TEXT], const cJSON *holder)
{
	int64_t remaining = json_int(holder, "remaining_ms", -1);
	char age[WHEN_TEXT], left[WHEN_TEXT];
	char names[REFUSAL_TEXT], orphan[REFUSAL_TEXT];

	when_spell(age, json_int(holder, "age_ms", 0));
	snprintf(out, REFUSAL_TEXT, "held by %.128s (", json_text(holder, "owner"));
	process_add(out, holder);
	text_add(out, REFUSAL_TEXT, ", %s", age);
	if (remaining >= 0) {
		when_spell(left, remaining);
		text_add(out, REFUSAL_TEXT, ", expires in %s", left);
	}
	json_names(names, sizeof(names), holder);
	orphan_spell(orphan, holder);
	text_add(out, REFUSAL_TEXT, "%s%s%s%s)", *names ? ", as " : "", names, *orphan ? ", " : "",
		orphan);
}

static bool is_shared(const cJSON *holder)
{
	return strcmp(json_text(holder, "mode"), "shared") == 0;
}

bool obstacle_spell(char out[REFUSAL_TEXT], const cJSON *status)
{
	const cJSON *holder = json_object(status, "holder");
	const cJSON *list =
		cJSON_GetObjectItemCaseSensitive(status, holder ? "holders" : "waiters");
	int64_t slots = json_int(holder, "slots", 1);
	int waiting = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(status, "waiters"));
	int more = cJSON_GetArraySize(list) - 1;

	if (holder) {
		holder_spell(out, holder);
	} else if (more >= 0) {
		snprintf(out, REFUSAL_TEXT, "free, but %.128s (", json_text(list->child, "owner"));
		process_add(out, list->child);
		text_add(out, REFUSAL_TEXT, ")");
	} else {
		return false;
	}
	if (more > 0)
		text_add(out, REFUSAL_TEXT, " and %d more", more);
	if (!holder)
		text_add(out, REFUSAL_TEXT, " wait%s for it first", more > 0 ? "" : "s");
	else if (slots > 1)
		text_add(out, REFUSAL_TEXT, ", %d of %" PRId64 " slots", more + 1, slots);
	if (holder && waiting > 0 && (slots > more + 1 || is_shared(holder)))
		text_add(out, REFUSAL_TEXT, "; %d wait%s for it first", waiting,
			waiting > 1 ? "" : "s");
	return true;
}

void freeze_spell(char out[REFUSAL_TEXT], const cJSON *freeze, bool scope)
{
	const char *owner = json_text(freeze, "owner");
	int64_t remaining = json_int(freeze, "remaining_ms", -1);
	char left[WHEN_TEXT] = "";

	if (remaining >= 0)
		when_spell(left, remaining);
	snprintf(out, REFUSAL_TEXT, "frozen%s%.128s%s%s%s", *owner ? " by " : "", owner,
		*left ? ", thaws in " : "", left,
		scope && strcmp(json_text(freeze, "name"), "@all") == 0 ? " (the whole mount is)"
									: "");
}

bool cycle_spell(char out[REFUSAL_TEXT], const cJSON *event)
{
	const cJSON *step, *cycle = cJSON_GetObjectItemCaseSensitive(event, "cycle");

	*out = '\0';
	cJSON_ArrayForEach(step, cycle)
	{
		text_add(out, REFUSAL_TEXT, "%spid %" PRId64 " waits for %s", *out ? ", " : "",
			json_int(step, "pid", 0), json_text(step, "name"));
	}
	return *out != '\0';
}

/* How many may hold the lock together, by those who use it now; 0 where that is one, and not said. */
static int64_t slots_in_use(const cJSON *status)
{
	const cJSON *waiters = cJSON_GetObjectItemCaseSensitive(status, "waiters");
	int64_t slots = json_int(json_object(status, "holder"), "slots", 0);

	return slots ? slots : json_int(waiters ? waiters->child : NULL, "slots", 0);
}

/* The text after "NAME is …" when its users do not agree on how many may hold it. False if nobody
 * uses it by now. */
static bool slots_spell(char out[REFUSAL_TEXT], const cJSON *status)
{
	int64_t slots = slots_in_use(status);

	if (!slots && !obstacle_spell(out, status))
		return false;
	if (slots)
		snprintf(out, REFUSAL_TEXT, "in use with --slots %" PRId64 ": say the same", slots);
	else
		snprintf(out, REFUSAL_TEXT, "in use without --slots");
	return true;
}

/* The text after "NAME is …" for what is in the way of it, by `err`. False if nothing is by now. */
static bool reason_spell(char out[REFUSAL_TEXT], const cJSON *status, int err)
{
	const cJSON *freeze = json_object(status, "freeze");

	if (err == EINVAL)
		return slots_spell(out, status);
	if (freeze && (err == EBUSY || !json_object(status, "holder")))
		freeze_spell(out, freeze, true);
	else if (err == EBUSY || !obstacle_spell(out, status))
		return false;
	return true;
}

/* Says what is in the way of the first of `names` that has something; `how` follows it. False if
 * none has by now. */
static bool reason_say(const struct mount *mount, const char *names, int err, const char *how)
{
	char list[REFUSAL_TEXT], text[REFUSAL_TEXT], *rest = list, *name;
	bool found = false;

	snprintf(list, sizeof(list), "%s", names);
	while (!found && (name = strsep(&rest, "+"))) {
		cJSON *status = mount_status(mount, name);

		found = status && reason_spell(text, status, err);
		if (found && strchr(names, '+'))
			say("%s: %s is %s%s", names, name, text, how);
		else if (found)
			say("%s is %s%s", name, text, how);
		cJSON_Delete(status);
	}
	return found;
}

static int held_say(const struct mount *mount, const char *names, int err, const char *how)
{
	if (!reason_say(mount, names, err, how))
		say("%s was %s until a moment ago%s", names, err == EBUSY ? "frozen" : "held", how);
	return CODE_HELD;
}

static int deadlock_say(const struct mount *mount, const char *names)
{
	char how[REFUSAL_TEXT + 64], cycle[REFUSAL_TEXT];
	cJSON *event = history_last(mount, "deny", "deadlock", "pid", getpid());
	bool known = cycle_spell(cycle, event);

	if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(event, "cycle")) == 1)
		snprintf(cycle, sizeof(cycle), "this runs under that hold");
	snprintf(how, sizeof(how), "; waiting for it would never end (deadlock%s%s)",
		known ? ": " : "", known ? cycle : "");
	cJSON_Delete(event);
	return held_say(mount, names, EDEADLK, how);
}

static int limit_say(const struct mount *mount, const char *names, enum deed deed)
{
	static const char *const limits[] = {
		[DEED_HOLD] = "max_holds=, max_waiters= or max_names",
		[DEED_LEASE] = "max_leases= or max_names",
		[DEED_FREEZE] = "max_freezes= or max_names",
		[DEED_READ] = "max_readers",
	};
	cJSON *event = history_last(mount, "deny", "limit", "pid", getpid());
	const char *limit = json_text(event, "limit");

	say("%s: a limit of the mount is reached, yours or that of all users; loktfs -o %s= "
	    "raises it",
		names, *limit ? limit : limits[deed]);
	cJSON_Delete(event);
	return CODE_ERROR;
}

static int invalid_say(const struct mount *mount, const char *names)
{
	if (!reason_say(mount, names, EINVAL, ""))
		say("%s: the mount does not take that: is loktfs as new as lokt?", names);
	return CODE_ERROR;
}

/* The errors that say nothing about the names. */
static int trouble_say(const struct mount *mount, const char *names, int err)
{
	switch (err) {
	case EIO:
		say("%s: the mount cannot write its log (is the disk full?), and grants nothing "
		    "until it can",
			names);
		break;
	case ENAMETOOLONG:
		say("%s: too long: the names and what is asked of them have 255 bytes", names);
		break;
	case ESTALE:
		say("%s: the hold was over before it could be used: a longer TTL?", names);
		break;
	case ESHUTDOWN: say("%s: the daemon is being stopped", names); break;
	case ENOTCONN:
	case ECONNABORTED: say("the daemon of the mount at %s is gone", mount->root); break;
	default: say("%s: the mount refuses it: %s", names, strerror(err));
	}
	return CODE_ERROR;
}

int refusal_say(
	const struct mount *mount, enum deed deed, const char *names, int err, int64_t waited_ms)
{
	char waited[WHEN_TEXT], how[WHEN_TEXT + 32];

	switch (err) {
	case EAGAIN:
	case EEXIST:
	case EBUSY: return held_say(mount, names, err, "");
	case ETIMEDOUT:
		when_spell(waited, waited_ms);
		snprintf(how, sizeof(how), "; gave up after %s", waited);
		return held_say(mount, names, err, how);
	case EDEADLK: return deadlock_say(mount, names);
	case EINVAL: return invalid_say(mount, names);
	case ENOLCK: return limit_say(mount, names, deed);
	case EACCES:
	case EPERM: say("%s: not yours: %s", names, strerror(err)); return CODE_NOT_YOURS;
	default: return trouble_say(mount, names, err);
	}
}

void waiting_say(const struct mount *mount, const char *names)
{
	reason_say(mount, names, EAGAIN, "; waiting");
}
