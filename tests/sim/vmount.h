/* The server as its supervisor starts it. */
#ifndef TESTS_SIM_VMOUNT_H
#define TESTS_SIM_VMOUNT_H

#include <stdbool.h>

/* Whether a server that died now is followed by another, or the mount taken away: see server_ended() of fs/supervisor.c. */
bool supervisor_goes_on(void);

/* Whether this is in the memory that the supervisor keeps. */
bool carry_has(const void *at);

/* Serves with these options of -o, on a new mount or where another server died. The exit code. */
int server_run(const char *words);

#endif
