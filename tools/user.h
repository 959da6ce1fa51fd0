/* Users by their names. */
#ifndef TOOLS_USER_H
#define TOOLS_USER_H

#include <stdint.h>

#define USER_TEXT 72

/* Writes the name of the user `uid`, cleaned, or the number if there is none: what the mount calls
 * a holder that has no label. */
void user_spell(char out[USER_TEXT], int64_t uid);

#endif
