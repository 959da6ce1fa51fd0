/* See label.h. */
#include "label.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"

static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			      "0123456789._:-";

/* What stands in the environment; NULL if nothing does. */
static const char *variable(const char *name)
{
	const char *text = getenv(name);

	return text && *text ? text : NULL;
}

bool label_choose(const struct args *args, const char *flag, char out[LABEL_ROOM])
{
	const char *from = flag ? flag : variable("LOKT_OWNER");
	size_t len;

	if (!from)
		from = variable("LOKT_AGENT_ID");
	len = from ? strlen(from) : 0;
	if (flag && (len == 0 || len >= LABEL_ROOM || strspn(flag, allowed) < len)) {
		args_refuse(args, "--owner takes 1 to %d of A-Z a-z 0-9 . _ : -, not '%s'",
			LABEL_ROOM - 1, flag);
		return false;
	}
	snprintf(out, LABEL_ROOM, "%s", from ? from : "");
	for (char *at = out; *(at += strspn(at, allowed));)
		*at = '_';
	return true;
}
