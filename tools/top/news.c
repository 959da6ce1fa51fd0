/* What lokt top makes of what the feed says. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "say.h"
#include "top/top.h"
#include "when.h"

#define MESSAGE_MS 5000
#define RATE_MS 1000 /* the least that a rate is worked out over */

const struct row *top_chosen(const struct top *top)
{
	const struct row *row = top->at < top->rows.count ? &top->rows.all[top->at] : NULL;

	return row && strcmp(row->name, top->chosen) == 0 ? row : NULL;
}

const cJSON *row_person(const struct row *row, size_t number)
{
	bool holder = number < row->holders;
	const cJSON *people =
		cJSON_GetObjectItemCaseSensitive(row->lock, holder ? "holders" : "waiters");

	return cJSON_GetArrayItem(people, (int)(holder ? number : number - row->holders));
}

void top_choose(struct top *top, size_t at)
{
	const struct rows *rows = &top->rows;

	top->at = at < rows->count ? at : rows->count > 0 ? rows->count - 1 : 0;
	if (top->at < rows->count)
		snprintf(top->chosen, sizeof(top->chosen), "%s", rows->all[top->at].name);
}

void top_say(struct top *top, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(top->message, sizeof(top->message), format, args);
	va_end(args);
	text_clean(top->message);
	top->message_ms = when_ms() + MESSAGE_MS;
}

/* Finds the chosen name among the rows. Gone: its neighbour is chosen, unless it is looked at, or a
 * question is open that should not slip to another. */
static void chosen_find(struct top *top)
{
	const struct rows *rows = &top->rows;
	size_t people;

	for (size_t i = 0; i < rows->count; i++) {
		if (strcmp(rows->all[i].name, top->chosen) != 0)
			continue;
		top->at = i;
		people = rows->all[i].holders + rows->all[i].waiters;
		if (top->person >= people)
			top->person = people > 0 ? people - 1 : 0;
		return;
	}
	if (top->page == PAGE_NAMES)
		top_choose(top, top->at);
}

void top_again(struct top *top)
{
	if (rows_again(&top->rows, top->filter, top->order))
		chosen_find(top);
}

/* Grants a second, over at least a second. */
static void rate_work_out(struct top *top)
{
	int64_t now = when_ms(), passed = now - top->rate_ms;
	int64_t grants = json_int(json_object(top->rows.status, "totals"), "grants", 0);

	if (top->rate_ms != 0 && passed < RATE_MS)
		return;
	top->rate = top->rate_ms != 0 && grants >= top->grants
		? (double)(grants - top->grants) * 1000 / (double)passed
		: -1;
	top->grants = grants;
	top->rate_ms = now;
}

static void status_take(struct top *top, const char *text)
{
	cJSON *status = json_parse(text);

	if (status && rows_set(&top->rows, status, top->filter, top->order)) {
		chosen_find(top);
		rate_work_out(top);
	}
	top->heard_ms = when_ms();
	feed_ready(&top->feed);
}

/* Says what came of a request. */
static void done_say(struct top *top, const char *text)
{
	char verb[16] = "", name[256] = "", spelt[WHEN_TEXT];
	int64_t number = 0;
	int err = EIO;

	sscanf(text, "%d %15s %" SCNd64 " %255s", &err, verb, &number, name);
	when_spell(spelt, number);
	if (err == EACCES || err == EPERM)
		top_say(top, "%s is not yours, and you are no admin of the mount", name);
	else if (err == ESTALE || err == ENOENT)
		top_say(top, "%s: that was over already", name);
	else if (err != 0)
		top_say(top, "%s: %s", name, strerror(err));
	else if (strcmp(verb, "break") == 0)
		top_say(top, "token %" PRId64 " of %s is broken", number, name);
	else if (strcmp(verb, "freeze") == 0)
		top_say(top, "%s is frozen for %s", name, spelt);
	else
		top_say(top, "%s is no longer frozen", name);
}

int top_news(struct top *top, enum news kind, char *text)
{
	switch (kind) {
	case NEWS_STATUS: status_take(top, text); break;
	case NEWS_EVENT: recent_add(&top->recent, text); break;
	case NEWS_WRITABLE: top->writable = *text == '1'; break;
	case NEWS_DONE: done_say(top, text); break;
	case NEWS_END: return atoi(text) ? atoi(text) : EIO;
	}
	return 0;
}
