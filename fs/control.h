/* How `loktfs --upgrade` speaks to the supervisor of a mount: a socket whose name is the mount's device, so that
 * it is found also where no server answers. */
#ifndef FS_CONTROL_H
#define FS_CONTROL_H

#include "options.h"

#define CONTROL_WORD 400 /* bytes of an answer */

/* Where the supervisor listens; -1, after a message, if that cannot be: there is no upgrade then. */
int control_listen(const char *mountpoint);

/* Takes a call of somebody with the right to make it, root or our own user: the connection, and the program that
 * is to serve from now on. False: there was none. */
bool control_accept(int listener, int *client, int *program);

/* Answers, and ends the connection. `refusal` NULL: it is done. */
void control_answer(int client, const char *refusal);

/* Puts the program that runs behind the mount of these options. The exit code, after a line that says what
 * happened. */
int control_upgrade(const struct options *options);

#endif
