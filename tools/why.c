/* lokt why: why a lock cannot be had, and what to do about it. */
#include "commands.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "advice.h"
#include "args.h"
#include "json.h"
#include "mount.h"
#include "name.h"
#include "reasons.h"
#include "refusal.h"
#include "say.h"

static void advice_print(const struct advice *advice)
{
	int width = 0;

	for (size_t i = 0; i < advice->count; i++)
		if ((int)strlen(advice->lines[i].command) > width)
			width = (int)strlen(advice->lines[i].command);
	puts("What helps:");
	for (size_t i = 0; i < advice->count; i++)
		printf("  %-*s  %s\n", width, advice->lines[i].command, advice->lines[i].does);
}

/* The mount's status with what else is known: "denials", "ended" and "advice". */
static void json_print(struct reasons *reasons, const struct advice *advice)
{
	cJSON *all = reasons->status;
	cJSON *denials = cJSON_AddArrayToObject(all, "denials");
	char *text;

	for (int i = 0; i < DENIALS; i++)
		if (reasons->denials[i])
			cJSON_AddItemReferenceToArray(denials, reasons->denials[i]);
	if (reasons->end)
		cJSON_AddItemReferenceToObject(all, "ended", reasons->end);
	else
		cJSON_AddNullToObject(all, "ended");

	cJSON *commands = cJSON_AddArrayToObject(all, "advice");

	for (size_t i = 0; i < advice->count; i++)
		cJSON_AddItemToArray(commands, cJSON_CreateString(advice->lines[i].command));
	text = cJSON_PrintUnformatted(all);
	puts(text ? text : "{}");
	cJSON_free(text);
}

int why_main(int argc, char **argv)
{
	const char *where = NULL;
	bool json = false, free;
	const struct flag flags[] = {
		{"json", FLAG_ON, &json, NULL, "the mount's status and what is said here, as JSON"},
		FLAG_MOUNT(&where),
	};
	struct args args = {"why", "NAME [--json]",
		"Explains why NAME cannot be had: who holds it, who waits for it, what froze it,\n"
		"whom it was refused lately, and what can be done. 0: it is free, 2: it is not.\n",
		flags, sizeof(flags) / sizeof(flags[0])};
	struct reasons reasons;
	struct advice advice;
	struct mount mount;
	int code, err;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	code = name_settle(&args, name_check, &mount, where);
	if (code != CODE_OK)
		return code;
	err = reasons_ask(&reasons, &mount, args.operands[0]);
	if (err)
		return refusal_say(&mount, DEED_READ, args.operands[0], err, 0);
	advice_find(&advice, reasons.status, reasons.owner);
	free = strcmp(json_text(reasons.status, "state"), "free") == 0;
	if (json) {
		json_print(&reasons, &advice);
	} else {
		reasons_print(&reasons);
		advice_print(&advice);
	}
	reasons_finish(&reasons);
	return say_end(free ? CODE_OK : CODE_HELD);
}
