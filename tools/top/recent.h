/* The last events, as a list that forgets. */
#ifndef TOOLS_TOP_RECENT_H
#define TOOLS_TOP_RECENT_H

#include <stddef.h>

#include "event.h"

#define RECENT_ROOM 128

struct happened {
	char time[9], kind[16], text[EVENT_TEXT];
};

struct recent {
	struct happened ring[RECENT_ROOM];
	size_t count; /* of all that were added */
};

/* Adds an event, a line of the log, unless it is one that says nothing to an operator. */
void recent_add(struct recent *recent, const char *line);

/* The last but `ago`; NULL: there is none, any more or yet. */
const struct happened *recent_get(const struct recent *recent, size_t ago);

#endif
