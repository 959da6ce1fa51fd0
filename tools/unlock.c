/* lokt unlock: the end of a lease, or by force of any hold. */
#include "commands.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "hold.h"
#include "json.h"
#include "label.h"
#include "lease.h"
#include "mount.h"
#include "name.h"
#include "refusal.h"
#include "say.h"

/* What a user wants to be released. */
struct wish {
	struct mount mount;
	const char *name;
	char label[LABEL_ROOM];
	bool force, json;
};

static bool unlock_parse(struct wish *wish, int argc, char **argv, int *code)
{
	const char *where = NULL, *owner = NULL;
	const struct flag flags[] = {
		{"force", FLAG_ON, &wish->force, NULL, "break it whoever holds it, and however"},
		FLAG_OWNER(&owner),
		{"json", FLAG_ON, &wish->json, NULL, "print the tokens of what was released"},
		FLAG_MOUNT(&where),
	};
	struct args args = {"unlock", "NAME [--force] [flags]",
		"Gives back the lease that lokt lock took, under the same label. --force breaks\n"
		"every hold that there is on NAME by now; who had it is told, and the log says\n"
		"who did it. 3: there is nothing to release, 4: it is not yours.\n",
		flags, sizeof(flags) / sizeof(flags[0])};

	if (!args_parse(&args, argc, argv, code))
		return false;
	wish->name = args.operands[0];
	*code = CODE_USAGE;
	if (args.noperands != 1)
		args_refuse(&args, "it takes one NAME");
	else if (name_check(wish->name) && label_choose(&args, owner, wish->label))
		*code = mount_find(&wish->mount, where) < 0 ? CODE_ERROR : CODE_OK;
	return *code == CODE_OK;
}

/* Says whose the lease is that is not the caller's, by its user or by its label. */
static int unlock_refuse(const struct wish *wish, const cJSON *holder)
{
	char text[REFUSAL_TEXT];

	holder_spell(text, holder);
	if (lease_mine(holder, NULL))
		say("%s is %s: not under this label; lokt unlock %s --owner %s", wish->name, text,
			wish->name, json_text(holder, "owner"));
	else
		say("%s is %s: not yours; who may break it says --force", wish->name, text);
	return CODE_NOT_YOURS;
}

/* Says that there is no lease, and what there is. */
static int absent_say(const struct wish *wish, const cJSON *status)
{
	char text[REFUSAL_TEXT];

	if (obstacle_spell(text, status))
		say("there is no lease on %s: it is %s%s", wish->name, text,
			json_object(status, "holder") ? "; who may break that says --force" : "");
	else
		say("there is no lease on %s: nobody holds it", wish->name);
	return CODE_NOT_FOUND;
}

/* Gives one's lease back. */
static int unlock_lease(const struct wish *wish, const cJSON *status, cJSON *tokens)
{
	const cJSON *holder = json_object(status, "holder");
	int err;

	if (!holder || strcmp(json_text(holder, "kind"), "lease") != 0)
		return absent_say(wish, status);
	if (!lease_mine(holder, wish->label))
		return unlock_refuse(wish, holder);
	err = lease_drop(&wish->mount, wish->name, wish->label);
	if (err == EPERM)
		return unlock_refuse(wish, holder);
	if (err == ENOENT)
		return absent_say(wish, NULL);
	if (err)
		return refusal_say(&wish->mount, DEED_LEASE, wish->name, err, 0);
	cJSON_AddItemToArray(tokens, cJSON_CreateNumber((double)json_int(holder, "token", 0)));
	return CODE_OK;
}

/* Breaks every hold that `status` has. */
static int unlock_force(const struct wish *wish, const cJSON *status, cJSON *tokens)
{
	const cJSON *holder;
	char text[REFUSAL_TEXT];

	cJSON_ArrayForEach(holder, cJSON_GetObjectItemCaseSensitive(status, "holders"))
	{
		int64_t token = json_int(holder, "token", 0);
		int err = hold_break(&wish->mount, wish->name, (uint64_t)token);

		holder_spell(text, holder);
		if (err == EPERM || err == EACCES) {
			say("%s is %s: not yours to break", wish->name, text);
			return CODE_NOT_YOURS;
		}
		if (err && err != ESTALE && err != ENOENT)
			return refusal_say(&wish->mount, DEED_HOLD, wish->name, err, 0);
		if (err == 0)
			cJSON_AddItemToArray(tokens, cJSON_CreateNumber((double)token));
		if (err == 0 && !wish->json)
			printf("broken: %s was %s\n", wish->name, text);
	}
	if (cJSON_GetArraySize(tokens) > 0)
		return CODE_OK;
	say("nobody holds %s", wish->name);
	return CODE_NOT_FOUND;
}

/* {"name":"deploy","released":[91]} */
static void tokens_print(const struct wish *wish, const cJSON *tokens)
{
	char *list = cJSON_PrintUnformatted(tokens);

	printf("{\"name\":\"%s\",\"released\":%s}\n", wish->name, list ? list : "[]");
	cJSON_free(list);
}

int unlock_main(int argc, char **argv)
{
	struct wish wish = {0};
	cJSON *status, *tokens;
	int code;

	if (!unlock_parse(&wish, argc, argv, &code))
		return code;
	status = mount_status(&wish.mount, wish.name);
	if (!status)
		return refusal_say(&wish.mount, DEED_READ, wish.name, errno, 0);
	tokens = cJSON_CreateArray();
	code = wish.force ? unlock_force(&wish, status, tokens)
			  : unlock_lease(&wish, status, tokens);
	if (wish.json && code == CODE_OK)
		tokens_print(&wish, tokens);
	cJSON_Delete(tokens);
	cJSON_Delete(status);
	return code;
}
