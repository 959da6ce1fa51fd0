/* Names of locks as users may write them on the command line. */
#ifndef TOOLS_NAME_H
#define TOOLS_NAME_H

#include <stdbool.h>

/* Whether `text` is one name of the contract; if not, says the rule. */
bool name_check(const char *text);

/* The same for what a hold may be of: one name, or several joined by '+'. */
bool name_check_group(const char *text);

#endif
