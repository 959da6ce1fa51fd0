/* lokt freeze, lokt unfreeze: refuse new holds on a lock for a while. */
#include "freeze.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
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

/* Says how long it is frozen, as the mount has it. */
static void freeze_report(const struct mount *mount, const char *name)
{
	char path[PATH_MAX], text[WHEN_TEXT];
	cJSON *freeze = mount_path(mount, "freezes", name, path) == 0 ? json_read(path) : NULL;
	int64_t left = json_int(freeze, "remaining_ms", 0);

	when_spell(text, left < 1000 ? left : (left + 500) / 1000 * 1000);
	if (freeze)
		printf("%s is frozen for %s\n",
			strcmp(name, EVERYTHING) == 0 ? "the whole mount" : name, text);
	cJSON_Delete(freeze);
}

int freeze_main(int argc, char **argv)
{
	const char *where = NULL;
	int64_t ttl_ms = WHEN_UNSET;
	const struct flag flags[] = {
		{"ttl", FLAG_TIME, &ttl_ms, "DUR", "for how long (default: the mount's)", 1},
		FLAG_MOUNT(&where),
	};
	struct args args = {"freeze", "NAME [--ttl DUR]",
		"Refuses every new hold on NAME until DUR has passed or lokt unfreeze; who holds\n"
		"it keeps it. Freezing again changes the time. @all is all of the mount.\n",
		flags, 2};
	struct mount mount;
	int code, err;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	if (args.noperands != 1)
		return args_refuse(&args, "it takes one NAME");
	if (!freeze_name_check(args.operands[0]))
		return CODE_USAGE;
	if (mount_find(&mount, where) < 0)
		return CODE_ERROR;
	err = freeze_write(&mount, args.operands[0], ttl_ms);
	if (err)
		return refusal_say(&mount, args.operands[0], err, 0);
	freeze_report(&mount, args.operands[0]);
	return CODE_OK;
}

int unfreeze_main(int argc, char **argv)
{
	const char *where = NULL;
	const struct flag flags[] = {FLAG_MOUNT(&where)};
	struct args args = {"unfreeze", "NAME",
		"Lifts the freeze of NAME, or of all of the mount with @all. 3: it is not "
		"frozen.\n",
		flags, 1};
	struct mount mount;
	int code, err;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	if (args.noperands != 1)
		return args_refuse(&args, "it takes one NAME");
	if (!freeze_name_check(args.operands[0]))
		return CODE_USAGE;
	if (mount_find(&mount, where) < 0)
		return CODE_ERROR;
	err = freeze_lift(&mount, args.operands[0]);
	if (err == 0)
		return CODE_OK;
	if (err != ENOENT)
		return refusal_say(&mount, args.operands[0], err, 0);
	say("%s is not frozen", args.operands[0]);
	return CODE_NOT_FOUND;
}
