/* See log.h. */
#include "log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool log_open(struct log *log, const char *mount)
{
	char path[TEXT_MAX];

	snprintf(path, sizeof(path), "%s/audit", mount); /* its offsets outlive the daemon */
	log->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return log->fd >= 0;
}

void log_close(struct log *log)
{
	close(log->fd);
}

/* The line's name, or its names joined by '+'. */
static void names_read(const cJSON *line, char names[TEXT_MAX])
{
	const cJSON *name;
	char *at = names;

	if (cJSON_GetObjectItem(line, "name"))
		at = stpcpy(at, json_text(line, "name"));
	cJSON_ArrayForEach(name, cJSON_GetObjectItem(line, "names"))
	{
		if (at > names)
			*at++ = '+';
		at = stpcpy(at, cJSON_GetStringValue(name));
	}
}

/* Whether one of the names joined by '+' is this one. */
static bool has_name(const char *names, const char *name)
{
	const size_t len = strlen(name);

	for (const char *at = names; at; at = strchr(at, '+')) {
		at += *at == '+';
		if (strncmp(at, name, len) == 0 && (at[len] == '+' || at[len] == '\0'))
			return true;
	}
	return false;
}

static struct entry *entry_of(struct log *log, uint64_t token)
{
	for (int i = 0; i < HOLDS; i++)
		if (log->entries[i].token == token)
			return &log->entries[i];
	return NULL;
}

/* Whether the new one may hold this name beside those who do. */
static bool may_hold(const struct log *log, const struct entry *new, const char *name)
{
	unsigned others = 0;

	for (int i = 0; i < HOLDS; i++) {
		const struct entry *entry = &log->entries[i];

		if (strcmp(log->frozen[i], name) == 0 || strcmp(log->frozen[i], "@all") == 0)
			return false;
		if (entry->token == 0 || !has_name(entry->names, name))
			continue;
		if (entry->shared != new->shared || (!new->shared && ++others >= new->slots))
			return false;
	}
	return true;
}

static bool do_acquire(struct log *log, const cJSON *line)
{
	struct entry new = {.token = (uint64_t)json_number(line, "token")};
	const double slots = json_number(line, "slots");
	struct entry *place = entry_of(log, 0);
	char names[TEXT_MAX], *rest = names, *name;

	names_read(line, new.names);
	new.shared = strcmp(json_text(line, "mode"), "shared") == 0;
	new.slots = slots > 0 ? (unsigned)slots : 1;
	if (!place || new.token <= log->last_token)
		return false;
	strcpy(names, new.names);
	while ((name = strsep(&rest, "+")))
		if (!may_hold(log, &new, name))
			return false;
	log->last_token = new.token;
	*place = new;
	return true;
}

/* A renewal, or an end of whatever kind: of a hold that there is, by its names. */
static bool do_hold(struct log *log, const cJSON *line)
{
	struct entry *entry = entry_of(log, (uint64_t)json_number(line, "token"));
	char names[TEXT_MAX] = "";

	names_read(line, names);
	if (!entry || entry->token == 0 || strcmp(entry->names, names) != 0)
		return false;
	if (strcmp(json_text(line, "event"), "renew") == 0)
		entry->renewals++;
	else
		*entry = (struct entry){0};
	return true;
}

static bool do_freeze(struct log *log, const cJSON *line)
{
	const bool freezes = strcmp(json_text(line, "event"), "freeze") == 0;
	const char *name = json_text(line, "name");
	int place = -1;

	for (int i = HOLDS - 1; i >= 0; i--)
		if (log->frozen[i][0] == '\0')
			place = i;
	for (int i = 0; i < HOLDS; i++)
		if (strcmp(log->frozen[i], name) == 0)
			place = i;
	if (place < 0 || (!freezes && log->frozen[place][0] == '\0'))
		return false;
	snprintf(log->frozen[place], sizeof(log->frozen[place]), "%s", freezes ? name : "");
	return true;
}

static void line_take(struct log *log, const char *text)
{
	static const struct {
		const char *event;
		bool (*take)(struct log *, const cJSON *);
	} events[] = {{"acquire", do_acquire}, {"renew", do_hold}, {"release", do_hold},
		{"auto-prune", do_hold}, {"stale-break", do_hold}, {"force-break", do_hold},
		{"freeze", do_freeze}, {"unfreeze", do_freeze}, {"thaw", do_freeze}};
	cJSON *line = cJSON_Parse(text);
	bool ok = line != NULL;

	for (size_t i = 0; ok && i < sizeof(events) / sizeof(events[0]); i++)
		if (strcmp(json_text(line, "event"), events[i].event) == 0)
			ok = events[i].take(log, line);
	if (!ok && !log->wrong[0])
		snprintf(log->wrong, sizeof(log->wrong), "this cannot be: %s\n", text);
	cJSON_Delete(line);
}

/* Takes every whole line that is new. */
static void log_follow(struct log *log)
{
	static char lines[LOG_LINES + 1];
	char *at, *end;
	ssize_t len;

	while ((len = pread(log->fd, lines, LOG_LINES, log->offset)) > 0) {
		lines[len] = '\0';
		for (at = lines; (end = strchr(at, '\n')); at = end + 1) {
			*end = '\0';
			line_take(log, at);
		}
		if (at == lines)
			break;
		log->offset += at - lines;
	}
}

/* What the model has of the next higher token. */
static const struct hold *next_hold(const struct model *model, uint64_t token)
{
	const struct hold *next = NULL;

	for (const struct hold *h = model->holds; h < model->holds + HOLDS; h++)
		if (h->stage == HELD && h->token > token && (!next || h->token < next->token))
			next = h;
	return next;
}

static const struct entry *next_entry(const struct log *log, uint64_t token)
{
	const struct entry *next = NULL;

	for (const struct entry *e = log->entries; e < log->entries + HOLDS; e++)
		if (e->token > token && (!next || e->token < next->token))
			next = e;
	return next;
}

/* How many are frozen, and whether each is that is to be. */
static void frozen_compare(const struct log *log, struct look *look, const struct model *model)
{
	int wanted = 0, seen = 0, known = 0;
	char text[16];

	for (int i = 0; i < HOLDS; i++)
		seen += log->frozen[i][0] != '\0';
	for (int name = 0; name <= NAMES; name++) {
		wanted += model->freezes[name].on;
		for (int i = 0; model->freezes[name].on && i < HOLDS; i++)
			known += strcmp(log->frozen[i], model_name(model, name, text)) == 0;
	}
	picture_add(look->wanted, "frozen %d, known of them %d\n", wanted, wanted);
	picture_add(look->seen, "frozen %d, known of them %d\n", seen, known);
}

bool log_look(struct log *log, struct look *look, const struct model *model)
{
	const struct hold *h;
	const struct entry *e;

	log_follow(log);
	*look->wanted = *look->seen = '\0';
	picture_add(look->seen, "%s", log->wrong);
	for (uint64_t token = 0; (h = next_hold(model, token)); token = h->token)
		picture_add(look->wanted, "%" PRIu64 " %s renewals %u\n", h->token, h->names,
			h->renewals);
	for (uint64_t token = 0; (e = next_entry(log, token)); token = e->token)
		picture_add(look->seen, "%" PRIu64 " %s renewals %u\n", e->token, e->names,
			e->renewals);
	frozen_compare(log, look, model);
	return strcmp(look->wanted, look->seen) == 0;
}
