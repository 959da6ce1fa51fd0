/* lokt exists: whether anybody holds a lock. */
#include "commands.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "json.h"
#include "mount.h"
#include "name.h"
#include "refusal.h"
#include "say.h"

int exists_main(int argc, char **argv)
{
	const char *where = NULL;
	bool json = false, held;
	const struct flag flags[] = {
		{"json", FLAG_ON, &json, NULL, "print it too"},
		FLAG_MOUNT(&where),
	};
	struct args args = {"exists", "NAME [--json]",
		"Says by its exit code whether anybody holds NAME: 0 yes, 3 no. Prints nothing.\n",
		flags, sizeof(flags) / sizeof(flags[0])};
	struct mount mount;
	cJSON *status;
	int code;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	code = name_settle(&args, name_check, &mount, where);
	if (code != CODE_OK)
		return code;
	status = mount_status(&mount, args.operands[0]);
	if (!status)
		return refusal_say(&mount, DEED_READ, args.operands[0], errno, 0);
	held = strcmp(json_text(status, "state"), "held") == 0;
	if (json)
		printf("{\"name\":\"%s\",\"exists\":%s}\n", args.operands[0],
			held ? "true" : "false");
	cJSON_Delete(status);
	return say_end(held ? CODE_OK : CODE_NOT_FOUND);
}
