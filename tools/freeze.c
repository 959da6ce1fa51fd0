/* lokt freeze, lokt unfreeze: refuse new holds on a lock for a while. */
#include "freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "commands.h"
#include "json.h"
#include "mount.h"
#include "name.h"
#include "refusal.h"
#include "say.h"
#include "when.h"

#define EVERYTHING "@all"

static bool freeze_name_check(const char *name)
{
	return strcmp(name, EVERYTHING) == 0 || name_check(name);
}

int freeze_write(const struct mount *mount, const char *name, int64_t ttl_ms)
{
	char path[PATH_MAX], text[32];
	int err = mount_path(mount, "freezes", name, path), fd, len;

	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;
	len = ttl_ms == WHEN_UNSET ? snprintf(text, sizeof(text), "\n")
				   : snprintf(text, sizeof(text), "%" PRId64 "ms\n", ttl_ms);
	if (write(fd, text, (size_t)len) != len)
		err = errno;
	close(fd);
	return err;
}

int freeze_lift(const struct mount *mount, const char *name)
{
	char path[PATH_MAX];
	int err = mount_path(mount, "freezes", name, path);

	return err == 0 && unlink(path) < 0 ? errno : err;
}

static const char *freeze_what(const char *name)
{
	return strcmp(name, EVERYTHING) == 0 ? "the whole mount" : name;
}

/* Says how long it is frozen, as the mount has it. */
static void freeze_report(const struct mount *mount, const char *name, bool as_json)
{
	char path[PATH_MAX], text[WHEN_TEXT];
	int err = mount_path(mount, "freezes", name, path);
	cJSON *freeze = err || as_json ? NULL : json_read(path);
	int64_t left = json_int(freeze, "remaining_ms", 0);

	if (!err && as_json)
		json_copy(path);
	when_spell(text, left < 1000 ? left : (left + 500) / 1000 * 1000);
	if (freeze)
		printf("%s is frozen for %s\n", freeze_what(name), text);
	cJSON_Delete(freeze);
}

int freeze_main(int argc, char **argv)
{
	const char *where = NULL;
	int64_t ttl_ms = WHEN_UNSET;
	bool json = false;
	const struct flag flags[] = {
		{"ttl", FLAG_TIME, &ttl_ms, "DUR", "for how long (default: the mount's)", 1},
		{"json", FLAG_ON, &json, NULL, "the freeze as the mount's own JSON"},
		FLAG_MOUNT(&where),
	};
	struct args args = {"freeze", "NAME [--ttl DUR] [--json]",
		"Refuses every new hold on NAME until DUR has passed or lokt unfreeze; who holds\n"
		"it keeps it. Freezing again changes the time. @all is all of the mount.\n",
		flags, sizeof(flags) / sizeof(flags[0])};
	struct mount mount;
	int code, err;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	code = name_settle(&args, freeze_name_check, &mount, where);
	if (code != CODE_OK)
		return code;
	err = freeze_write(&mount, args.operands[0], ttl_ms);
	if (err == EPERM || err == EACCES) {
		say("%s is not yours to freeze: its holder's user may, the mount's owner, an admin",
			freeze_what(args.operands[0]));
		return CODE_NOT_YOURS;
	}
	if (err)
		return refusal_say(&mount, DEED_FREEZE, args.operands[0], err, 0);
	freeze_report(&mount, args.operands[0], json);
	return CODE_OK;
}

/* What to say when `name` itself is not frozen, or not any more: the freeze of all may be left. */
static void unfreeze_report(const struct mount *mount, const char *name, bool lifted)
{
	cJSON *status = strcmp(name, EVERYTHING) == 0 ? NULL : mount_status(mount, name);
	const cJSON *freeze = json_object(status, "freeze");
	char text[REFUSAL_TEXT];

	if (freeze) {
		freeze_spell(text, freeze, true);
		say("%s is still %s; lokt unfreeze %s", name, text, json_text(freeze, "name"));
	} else if (!lifted) {
		say("%s is not frozen", freeze_what(name));
	}
	cJSON_Delete(status);
}

int unfreeze_main(int argc, char **argv)
{
	const char *where = NULL;
	bool json = false;
	const struct flag flags[] = {
		{"json", FLAG_ON, &json, NULL, "say it as JSON"},
		FLAG_MOUNT(&where),
	};
	struct args args = {"unfreeze", "NAME [--json]",
		"Lifts the freeze of NAME, or of all of the mount with @all. 3: it is not "
		"frozen.\n",
		flags, sizeof(flags) / sizeof(flags[0])};
	struct mount mount;
	int code, err;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	code = name_settle(&args, freeze_name_check, &mount, where);
	if (code != CODE_OK)
		return code;
	err = freeze_lift(&mount, args.operands[0]);
	if (err == EPERM || err == EACCES) {
		say("%s is not yours to unfreeze: who froze it may, its holder's user, the mount's "
		    "owner, an admin",
			freeze_what(args.operands[0]));
		return CODE_NOT_YOURS;
	}
	if (err && err != ENOENT)
		return refusal_say(&mount, DEED_FREEZE, args.operands[0], err, 0);
	unfreeze_report(&mount, args.operands[0], err == 0);
	if (err == 0 && json)
		printf("{\"unfrozen\":\"%s\"}\n", args.operands[0]);
	return err == 0 ? CODE_OK : CODE_NOT_FOUND;
}
