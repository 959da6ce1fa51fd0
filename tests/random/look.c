/* See look.h. */
#include "look.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATUS_MAX (1 << 16)

/* The model learns the tokens of new grants; each must be higher than any of a step before. */
static void tokens_learn(struct model *model, const cJSON *lock)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, cJSON_GetObjectItem(lock, "holders"))
	{
		for (struct hold *h = model->holds; h < model->holds + HOLDS; h++)
			if (h->stage == HELD && h->token == 0 &&
				h->pid == json_number(item, "pid") &&
				strstr(h->names, json_text(lock, "name")) &&
				json_number(item, "token") > (double)model->last_token)
				h->token = (uint64_t)json_number(item, "token");
	}
}

/* A file of the mount as it is now, to be deleted; NULL if one read(2) does not give all of it. */
static cJSON *json_read(const char *mount, const char *file)
{
	static char text[STATUS_MAX];
	char path[2 * TEXT_MAX];
	ssize_t len = -1;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", mount, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, sizeof(text) - 1);
		close(fd);
	}
	text[len > 0 ? len : 0] = '\0';
	return cJSON_Parse(text);
}

bool look_status(struct look *look, struct model *model, const char *mount)
{
	cJSON *lock, *status = json_read(mount, "status.json");

	*look->wanted = *look->seen = '\0';
	cJSON_ArrayForEach(lock, cJSON_GetObjectItem(status, "locks"))
	{
		tokens_learn(model, lock);
		if (!is_unused(lock))
			name_see(look->seen, lock);
	}
	freezes_see(look->seen, status);
	totals_see(look->seen, cJSON_GetObjectItem(status, "totals"));
	cJSON_Delete(status);
	for (int name = 0; name < NAMES; name++)
		name_want(look->wanted, model, name);
	freezes_want(look->wanted, model);
	totals_want(look->wanted, model);
	return strcmp(look->wanted, look->seen) == 0;
}

/* Adds the names in a directory; of locks/ those alone that the model knows, since the place of one
 * who was interrupted keeps its name there. */
static void list_see(
	char *picture, const struct model *model, const char *mount, const char *directory)
{
	struct dirent **entries;
	char path[TEXT_MAX], text[16];
	int count;

	snprintf(path, sizeof(path), "%s/%s", mount, directory);
	count = scandir(path, &entries, NULL, alphasort);
	picture_add(picture, "%s:", directory);
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		bool known = strcmp(directory, "locks") != 0;

		for (int n = 0; n < NAMES; n++)
			known |= strcmp(name, model_name(model, n, text)) == 0;
		if (known && *name != '.')
			picture_add(picture, " %s", name);
		free(entries[i]);
	}
	picture_add(picture, "\n");
	if (count >= 0)
		free(entries);
}

bool look_around(struct look *look, const struct model *model, const char *mount, int name)
{
	char file[TEXT_MAX], text[16];
	cJSON *status;

	*look->wanted = *look->seen = '\0';
	lists_want(look->wanted, model);
	list_see(look->seen, model, mount, "locks");
	list_see(look->seen, model, mount, "freezes");
	list_see(look->seen, model, mount, "leases");
	snprintf(file, sizeof(file), "status/%s.json", model_name(model, name, text));
	status = json_read(mount, file);
	name_want(look->wanted, model, name);
	if (status && !is_unused(status))
		name_see(look->seen, status);
	cJSON_Delete(status);
	return strcmp(look->wanted, look->seen) == 0;
}

bool look_rest(struct look *look, const struct model *model, const char *mount)
{
	cJSON *status = json_read(mount, "status.json");
	const cJSON *totals = cJSON_GetObjectItem(status, "totals");
	int names = 0;

	*look->wanted = *look->seen = '\0';
	for (int i = 0; i < NAMES; i++)
		names += model->freezes[i].on || model_holder(model, i, 0) != NULL;
	picture_add(look->wanted, "%d names in use, 0 waiters\n", names);
	picture_add(look->seen, "%.0f names in use, %.0f waiters\n", json_number(totals, "names"),
		json_number(totals, "waiters"));
	cJSON_Delete(status);
	return strcmp(look->wanted, look->seen) == 0;
}

/* What the model has of the hold whose line an act reads. */
static const struct hold *line_of(struct model *model, const struct act *act, const cJSON *line)
{
	struct hold *hold;

	if (act->kind == ACT_SHOW)
		return model_lease(model, act->name);
	hold = &model->holds[act->hold];
	if (hold->token == 0) /* it was lost before status showed it */
		hold->token = (uint64_t)json_number(line, "token");
	return hold;
}

bool look_report(
	struct look *look, struct model *model, const struct act *act, const struct report *report)
{
	*look->wanted = *look->seen = '\0';
	if (act->kind == ACT_POLL) {
		poll_want(look->wanted, model, &model->holds[act->hold]);
		picture_add(look->seen, "poll %#x", (unsigned)report->value);
	} else if (act->kind == ACT_READ || (act->kind == ACT_SHOW && !report->err)) {
		cJSON *line = cJSON_Parse(report->text);

		line_want(look->wanted, model, line_of(model, act, line));
		line_see(look->seen, line);
		cJSON_Delete(line);
	}
	return strcmp(look->wanted, look->seen) == 0;
}
