/* Names of locks as users may write them on the command line. */
#ifndef TOOLS_NAME_H
#define TOOLS_NAME_H

#include <stdbool.h>

/* Whether `text` is one name of the contract; if not, says the rule. */
bool name_check(const char *text);

/* The same for what a hold may be of: one name, or several joined by '+'. */
bool name_check_group(const char *text);

struct args;
struct mount;

/* Settles what a command about one NAME begins with: that there is one, that `check` accepts it, and the mount
 * (`where`: --mount). CODE_OK, or the exit code after a message. */
int name_settle(const struct args *args, bool (*check)(const char *name), struct mount *mount,
	const char *where);

#endif
