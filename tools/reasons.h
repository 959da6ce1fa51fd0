/* All that there is to say about why a lock cannot be had. */
#ifndef TOOLS_REASONS_H
#define TOOLS_REASONS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

struct mount;

#define DENIALS 3 /* the last ones that are told */

struct reasons {
	const char *name;
	cJSON *status;           /* as status/<name>.json, with "command" in what holds it */
	cJSON *denials[DENIALS]; /* events, the last is the latest; NULL in front if fewer */
	cJSON *end;              /* the event that ended the last hold; NULL: not known */
	bool owner;              /* the caller is root, or whose the mount is */
};

/* Asks the mount about `name`. Returns 0 or an errno; either way, finish it. */
int reasons_ask(struct reasons *reasons, const struct mount *mount, const char *name);
void reasons_finish(struct reasons *reasons);

/* Prints them for a person. */
void reasons_print(const struct reasons *reasons);

#endif
