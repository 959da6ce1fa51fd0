/* See recent.h. */
#include "top/recent.h"

#include <stdio.h>
#include <string.h>

#include "json.h"

void recent_add(struct recent *recent, const char *line)
{
	struct happened *happened = &recent->ring[recent->count % RECENT_ROOM];
	cJSON *event = strstr(line, "\"event\":\"checkpoint\"") ? NULL : json_parse(line);
	const char *ts = event ? json_text(event, "ts") : "";

	if (!event)
		return;
	snprintf(happened->time, sizeof(happened->time), "%s", strlen(ts) > 11 ? ts + 11 : "");
	snprintf(happened->kind, sizeof(happened->kind), "%s", json_text(event, "event"));
	event_spell(happened->text, event);
	cJSON_Delete(event);
	recent->count++;
}

const struct happened *recent_get(const struct recent *recent, size_t ago)
{
	if (ago >= recent->count || ago >= RECENT_ROOM)
		return NULL;
	return &recent->ring[(recent->count - 1 - ago) % RECENT_ROOM];
}
