/* The label under which a hold stands in status and audit. */
#ifndef TOOLS_LABEL_H
#define TOOLS_LABEL_H

#include <stdbool.h>

#define LABEL_ROOM 65 /* 64 characters of A-Z a-z 0-9 . _ : - */

struct args;

/* Chooses it: `flag` (--owner) if not NULL, else LOKT_OWNER, else LOKT_AGENT_ID, else "", which is
 * the user's name. What a label cannot have becomes '_' where it comes from the environment, and is
 * refused where it comes from the flag: false, having said so. */
bool label_choose(const struct args *args, const char *flag, char out[LABEL_ROOM]);

#define FLAG_OWNER(value)                                                                          \
	{                                                                                          \
		"owner", FLAG_TEXT, value, "LABEL",                                                \
			"the label (or LOKT_OWNER, LOKT_AGENT_ID; else your name)"                 \
	}

#endif
