/* See refusal.h. */
#include "refusal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "mount.h"
#include "say.h"
#include "when.h"

void holder_spell(char out[REFUSAL_TEXT], const cJSON *holder)
{
	int64_t remaining = json_int(holder, "remaining_ms", -1);
	char who[64], age[WHEN_TEXT], left[WHEN_TEXT] = "";

	if (strcmp(json_text(holder, "kind"), "lease") == 0)
		snprintf(who, sizeof(who), "lease");
	else
		snprintf(who, sizeof(who), "pid %" PRId64, json_int(holder, "pid", 0));
	when_spell(age, json_int(holder, "age_ms", 0));
	if (remaining >= 0)
		when_spell(left, remaining);
	snprintf(out, REFUSAL_TEXT, "held by %.128s (%s, %s%s%s)", json_text(holder, "owner"), who,
		age, *left ? ", expires in " : "", left);
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

/* The text after "NAME is …" for what now stands in the way of `name`. False if nothing does. */
static bool obstacle_spell(
	char out[REFUSAL_TEXT], const struct mount *mount, const char *name, bool frozen)
{
	cJSON *status = mount_status(mount, name);
	const cJSON *part = status ? json_object(status, frozen ? "freeze" : "holder") : NULL;

	if (part && frozen)
		freeze_spell(out, part, true);
	else if (part)
		holder_spell(out, part);
	cJSON_Delete(status);
	return part != NULL;
}

/* Says who holds, or who froze, the first of `names` that is held or frozen; `how` follows it. */
static void obstacle_say(const struct mount *mount, const char *names, bool frozen, const char *how)
{
	char list[256], text[REFUSAL_TEXT], *rest = list, *name;

	snprintf(list, sizeof(list), "%s", names);
	while ((name = strsep(&rest, "+"))) {
		if (obstacle_spell(text, mount, name, frozen)) {
			say("%s is %s%s", name, text, how);
			return;
		}
	}
	say("%s was %s until a moment ago%s", names, frozen ? "frozen" : "held", how);
}

int refusal_say(const struct mount *mount, const char *names, int err, int64_t waited_ms)
{
	char waited[WHEN_TEXT], how[WHEN_TEXT + 32];

	switch (err) {
	case EAGAIN: obstacle_say(mount, names, false, ""); return CODE_HELD;
	case ETIMEDOUT:
		when_spell(waited, waited_ms);
		snprintf(how, sizeof(how), "; gave up after %s", waited);
		obstacle_say(mount, names, false, how);
		return CODE_HELD;
	case EBUSY: obstacle_say(mount, names, true, ""); return CODE_HELD;
	case EDEADLK:
		obstacle_say(mount, names, false, "; waiting for it would never end (deadlock)");
		return CODE_HELD;
	case EINVAL:
		say("%s: the mount does not take that: it lacks a flag, or others use it "
		    "differently",
			names);
		return CODE_ERROR;
	case ENOLCK: say("%s: a limit of the mount is reached", names); return CODE_ERROR;
	case EACCES:
	case EPERM: say("%s: not yours: %s", names, strerror(err)); return CODE_NOT_YOURS;
	case ESHUTDOWN: say("%s: the daemon is being stopped", names); return CODE_ERROR;
	case ENOTCONN:
	case ECONNABORTED:
		say("%s: the daemon of the mount at %s is gone", names, mount->root);
		return CODE_ERROR;
	default: say("%s: the mount refuses it: %s", names, strerror(err)); return CODE_ERROR;
	}
}
