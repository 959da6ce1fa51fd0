/* lokt guard: runs a command while holding a lock. */
#include "commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "label.h"
#include "mount.h"
#include "name.h"
#include "refusal.h"
#include "say.h"
#include "spec.h"
#include "turn.h"
#include "ward.h"
#include "when.h"

struct guard {
	struct mount mount;
	struct spec spec;
	char label[LABEL_ROOM];
	enum on_lost on_lost;
	char **command;
};

static int on_lost_parse(const struct args *args, const char *text, enum on_lost *on_lost)
{
	static const char *const names[] = {"kill", "term", "warn"};

	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(text, names[i]) == 0) {
			*on_lost = (enum on_lost)i;
			return CODE_OK;
		}
	}
	return args_refuse(args, "--on-lost is kill, term or warn, not '%s'", text);
}

/* What the flags and operands must be to one another. */
static int guard_check(struct guard *guard, const struct args *args)
{
	struct spec *spec = &guard->spec;

	if (args->noperands == 0)
		return args_refuse(args, "which NAME? Then -- and the command");
	if (args->noperands > 1)
		return args_refuse(args, "it takes one NAME; put -- before the command: %s -- %s",
			args->operands[0], args->operands[1]);
	if (!args->rest || !args->rest[0])
		return args_refuse(args, "which command? Put it behind --");
	if (spec->try && (spec->thaw || spec->timeout_ms != WHEN_UNSET))
		return args_refuse(args, "--try does not wait: not with --wait or --timeout");
	if (spec->shared && spec->slots)
		return args_refuse(args, "--shared and --slots exclude each other");
	guard->command = args->rest;
	spec->names = args->operands[0];
	spec->owner = guard->label;
	return name_check_group(spec->names) ? CODE_OK : CODE_USAGE;
}

static bool guard_parse(struct guard *guard, int argc, char **argv, int *code)
{
	const char *mount = NULL, *on_lost = "kill", *owner = NULL;
	struct spec *spec = &guard->spec;
	const struct flag flags[] = {
		{"ttl", FLAG_LIMIT, &spec->ttl_ms, "DUR",
			"hold for DUR, renewed at a third of it; none: until the end", 1},
		{"timeout", FLAG_LIMIT, &spec->timeout_ms, "DUR", "give up waiting after DUR"},
		{"wait", FLAG_ON, &spec->thaw, NULL, "wait for a thaw too, not only for holders"},
		{"try", FLAG_ON, &spec->try, NULL, "do not wait: exit 2 if it is held"},
		{"shared", FLAG_ON, &spec->shared, NULL, "share it with others that say so"},
		{"slots", FLAG_NUMBER, &spec->slots, "N", "be one of up to N holders", 1, 1000000},
		FLAG_OWNER(&owner),
		{"on-lost", FLAG_TEXT, &on_lost, "WHAT",
			"when the hold is lost: kill (default), term or warn"},
		FLAG_MOUNT(&mount),
	};
	struct args args = {
		.command = "guard",
		.synopsis = "NAME[+NAME…] [flags] -- COMMAND [ARG…]",
		.about = "Takes the lock NAME (waiting for it), or all of several, runs COMMAND,\n"
			 "gives the lock back, and exits as COMMAND did: its code, or 128+n if\n"
			 "signal n ended it; 2 if it did not get the lock. COMMAND inherits the\n"
			 "lock's descriptor (LOKT_FD says which, LOKT_TOKEN has the fencing\n"
			 "token), so the lock stays while a process of it still runs.\n",
		.flags = flags,
		.nflags = sizeof(flags) / sizeof(flags[0]),
		.takes_command = true,
	};

	if (!args_parse(&args, argc, argv, code))
		return false;
	*code = on_lost_parse(&args, on_lost, &guard->on_lost);
	if (*code == CODE_OK)
		*code = guard_check(guard, &args);
	if (*code == CODE_OK && !label_choose(&args, owner, guard->label))
		*code = CODE_USAGE;
	if (*code == CODE_OK && mount_find(&guard->mount, mount) < 0)
		*code = CODE_ERROR;
	return *code == CODE_OK;
}

/* Takes the lock, and tells the command to come its token. */
static int guard_take(struct guard *guard, struct hold *hold)
{
	int64_t start = when_ms();
	char token[32];
	int err = turn_take(hold, &guard->mount, &guard->spec);

	if (err)
		return refusal_say(
			&guard->mount, DEED_HOLD, guard->spec.names, err, when_ms() - start);
	snprintf(token, sizeof(token), "%" PRIu64, hold->token);
	return setenv("LOKT_TOKEN", token, 1) < 0 ? CODE_ERROR : CODE_OK;
}

int guard_main(int argc, char **argv)
{
	struct guard guard = {.spec = {.ttl_ms = WHEN_UNSET, .timeout_ms = WHEN_UNSET}};
	struct ward ward = {.hold = {.fd = -1}};
	int code;

	if (!guard_parse(&guard, argc, argv, &code))
		return code;
	code = guard_take(&guard, &ward.hold);
	ward.mount = &guard.mount;
	ward.names = guard.spec.names;
	ward.on_lost = guard.on_lost;
	if (code == CODE_OK)
		code = ward_run(&ward, guard.command);
	hold_drop(&ward.hold);
	mount_settle(&guard.mount); /* a release, and not the death of a holder */
	return code;
}
