/* lokt lock: a hold that outlives the command. */
#include "commands.h"

#include <errno.h>
#include <stdio.h>

#include "args.h"
#include "hold.h"
#include "json.h"
#include "label.h"
#include "lease.h"
#include "mount.h"
#include "name.h"
#include "refusal.h"
#include "say.h"
#include "spec.h"
#include "turn.h"
#include "when.h"

/* A hold that only stands in the queue for a lease: over soon, should this process be stopped. */
#define QUEUE_TTL_MS 5000

/* What a user asks of a lease. */
struct wish {
	struct mount mount;
	const char *name;
	char label[LABEL_ROOM];
	int64_t ttl_ms, timeout_ms; /* WHEN_UNSET, milliseconds, or WHEN_NONE for the wait */
	bool wait, try, json;
};

static bool lock_parse(struct wish *wish, int argc, char **argv, int *code)
{
	const char *where = NULL, *owner = NULL;
	const struct flag flags[] = {
		{"ttl", FLAG_TIME, &wish->ttl_ms, "DUR", "for how long (default: the mount's)", 1},
		FLAG_OWNER(&owner),
		{"wait", FLAG_ON, &wish->wait, NULL,
			"wait, for a thaw too; others who wait may go first"},
		{"timeout", FLAG_LIMIT, &wish->timeout_ms, "DUR", "wait, and give up after DUR"},
		{"try", FLAG_ON, &wish->try, NULL, "do not wait (it does not anyway)"},
		{"json", FLAG_ON, &wish->json, NULL, "the lease as the mount's own JSON"},
		FLAG_MOUNT(&where),
	};
	struct args args = {"lock", "NAME [--ttl DUR] [--wait] [--timeout DUR] [flags]",
		"Takes the lock NAME as a lease, which outlives this command and belongs to you\n"
		"and your label. It ends with lokt unlock, or when its time has passed; writing a\n"
		"duration to leases/NAME with >> renews it. 2: somebody has it.\n",
		flags, sizeof(flags) / sizeof(flags[0])};

	if (!args_parse(&args, argc, argv, code))
		return false;
	wish->name = args.operands[0];
	*code = CODE_USAGE;
	if (args.noperands != 1)
		args_refuse(&args, "it takes one NAME");
	else if (wish->try && (wish->wait || wish->timeout_ms != WHEN_UNSET))
		args_refuse(&args, "--try does not wait: not with --wait or --timeout");
	else if (name_check(wish->name) && label_choose(&args, owner, wish->label))
		*code = mount_find(&wish->mount, where) < 0 ? CODE_ERROR : CODE_OK;
	return *code == CODE_OK;
}

/* Waits for the lock in its queue, and lets go of it again. Returns 0 or an errno. */
static int lock_queue(const struct wish *wish, int64_t timeout_ms)
{
	const struct spec spec = {.names = wish->name,
		.ttl_ms = QUEUE_TTL_MS,
		.timeout_ms = timeout_ms,
		.thaw = wish->wait,
		.owner = wish->label};
	struct hold hold;
	int err = turn_take(&hold, &wish->mount, &spec);

	hold_drop(&hold);
	return err;
}

/* Takes the lease. A lease cannot wait, so its turn is waited for in the queue of the lock; who came
 * to that queue meanwhile goes first, and the wait begins anew. Returns 0 or an errno. */
static int lock_take(const struct wish *wish, int64_t start_ms)
{
	bool wait = wish->wait || wish->timeout_ms != WHEN_UNSET;
	bool timed = wish->timeout_ms != WHEN_UNSET && wish->timeout_ms != WHEN_NONE;

	for (;;) {
		int64_t left = wish->timeout_ms - (when_ms() - start_ms);
		int err = lease_take(&wish->mount, wish->name, wish->label, wish->ttl_ms);

		if (!wait || (err != EEXIST && err != EAGAIN && (err != EBUSY || !wish->wait)))
			return err;
		if (timed && left <= 0)
			return ETIMEDOUT;
		err = lock_queue(wish, timed ? left : WHEN_NONE);
		if (err)
			return err;
	}
}

/* Prints what was got, as the mount has it. */
static void lock_report(const struct wish *wish)
{
	cJSON *status = wish->json ? NULL : mount_status(&wish->mount, wish->name);
	const cJSON *holder = json_object(status, "holder");
	char text[WHEN_TEXT], path[PATH_MAX];

	if (wish->json && lease_path(&wish->mount, wish->name, wish->label, path) == 0)
		json_copy(path);
	when_spell(text, json_int(holder, "ttl_ms", 0));
	if (holder)
		printf("%s is leased to %s for %s\n", wish->name, json_text(holder, "owner"), text);
	cJSON_Delete(status);
}

/* Says why not; of one's own lease, how to renew it. */
static int lock_refuse(const struct wish *wish, int err, int64_t waited_ms)
{
	cJSON *status = err == EEXIST ? mount_status(&wish->mount, wish->name) : NULL;
	const cJSON *holder = json_object(status, "holder");
	char text[REFUSAL_TEXT], path[PATH_MAX];
	int code = CODE_HELD;

	if (lease_mine(holder, wish->label) &&
		lease_path(&wish->mount, wish->name, wish->label, path) == 0) {
		holder_spell(text, holder);
		say("%s is %s already; to renew it: echo 15m >>%s", wish->name, text, path);
	} else {
		code = refusal_say(&wish->mount, DEED_LEASE, wish->name, err, waited_ms);
	}
	cJSON_Delete(status);
	return code;
}

int lock_main(int argc, char **argv)
{
	struct wish wish = {.ttl_ms = WHEN_UNSET, .timeout_ms = WHEN_UNSET};
	int64_t start = when_ms();
	int code, err;

	if (!lock_parse(&wish, argc, argv, &code))
		return code;
	err = lock_take(&wish, start);
	if (err)
		return lock_refuse(&wish, err, when_ms() - start);
	lock_report(&wish);
	return CODE_OK;
}
