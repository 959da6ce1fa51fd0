/* See evidence.h. */
#include "mosaic/evidence.h"

#include <stdio.h>
#include <string.h>

#include "json.h"
#include "mosaic/mosaic.h"

void evidence_open(struct evidence *evidence, const struct mosaic *mosaic)
{
	*evidence = (struct evidence){.mosaic = mosaic};
	tail_open(&evidence->tail, mosaic);
}

void evidence_close(struct evidence *evidence)
{
	tail_close(&evidence->tail);
}

/* Notes when it happened, if it is the first time. */
static void stamp_take(char stamp[WHEN_STAMP], const cJSON *event)
{
	if (!*stamp)
		snprintf(stamp, WHEN_STAMP, "%s", json_text(event, "ts"));
}

static void event_take(struct evidence *evidence, const cJSON *event)
{
	const char *kind = json_text(event, "event");

	if (*evidence->frozen && strcmp(kind, "deny") == 0 &&
		strcmp(json_text(event, "reason"), "frozen") == 0)
		evidence->denied += (uint64_t)json_int(event, "count", 1);
	if (strcmp(kind, "corrupt-break") == 0)
		stamp_take(evidence->corrupt, event);
	if (evidence->freezing && strcmp(kind, "freeze") == 0)
		stamp_take(evidence->frozen, event);
	if (*evidence->frozen && !*evidence->thawed) {
		evidence->lifted = strcmp(kind, "unfreeze") == 0;
		if (evidence->lifted || strcmp(kind, "thaw") == 0)
			stamp_take(evidence->thawed, event);
	}
	if (strcmp(kind, "auto-prune") == 0 && evidence->victim &&
		json_int(event, "pid", 0) == evidence->victim)
		stamp_take(evidence->recovered, event);
}

/* Whether a line that is not parsed is about the mosaic's lock, or one of those for its tiles. */
static bool line_is_ours(const struct mosaic *mosaic, const char *line)
{
	static const char key[] = "\"name\":\"";
	const char *name = strstr(line, key);
	size_t len = strlen(mosaic->name);

	name = name ? name + strlen(key) : "";
	return strncmp(name, mosaic->name, len) == 0 && (name[len] == '"' || name[len] == '.');
}

/* Most lines are the acquire, renew and release of each tile: these are not parsed. */
static void line_take(struct evidence *evidence, const char *line)
{
	cJSON *event;

	evidence->events++;
	if (strstr(line, "\"event\":\"acquire\"") || strstr(line, "\"event\":\"release\""))
		return;
	if (strstr(line, "\"event\":\"renew\"")) {
		evidence->renewals += line_is_ours(evidence->mosaic, line);
		return;
	}
	event = json_parse(line);
	if (event && mosaic_concerned(evidence->mosaic, event))
		event_take(evidence, event);
	cJSON_Delete(event);
}

void evidence_pull(struct evidence *evidence)
{
	char *line;

	while ((line = tail_next(&evidence->tail)))
		line_take(evidence, line);
}
