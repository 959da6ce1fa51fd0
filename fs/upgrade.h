/* Another program is to serve a mount from now on: tried out first, and taken back if it does not serve. */
#ifndef FS_UPGRADE_H
#define FS_UPGRADE_H

#include <stdbool.h>

#include "control.h"
#include "options.h"

#define ROLE_TRY "--try" /* the first argument of a program that is asked whether it could go on */

struct upgrade {
	int client;   /* who asked, and waits for the answer; -1: nobody */
	int previous; /* the program that served before; -1: no upgrade is on its way */
};

/* Whether the program could go on from the log as it is; why not goes to `word`. */
bool upgrade_try(int program, const struct options *options, char word[CONTROL_WORD]);

/* What such a program does: reads the log, and changes nothing. The exit code. */
int upgrade_tried(const struct options *options);

#endif
