/* One event of the audit log, in words. */
#ifndef TOOLS_EVENT_H
#define TOOLS_EVENT_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#define EVENT_TEXT 1536 /* room for event_spell() */

/* Whether the event is about the lock `name`, alone or in a group. */
bool event_concerns(const cJSON *event, const char *name);

/* Whether such an event ends a hold. */
bool event_ends(const char *kind);

/* All but its time and kind: "deploy  ada  pid 4123  token 91  waited 12 ms". */
void event_spell(char out[EVENT_TEXT], const cJSON *event);

/* The escape sequence for the colour of a kind of event; "" for none. */
const char *event_colour(const char *kind);

#endif
