/* The server as its supervisor starts it. */
#ifndef TESTS_SIM_VMOUNT_H
#define TESTS_SIM_VMOUNT_H

#include "world.h"

/* Whether a server that died now is followed by another, or the mount taken away: see server_ended() of fs/supervisor.c. */
bool supervisor_goes_on(void);

/* The memory that the supervisor keeps: makes it, once; each piece of it that is in use; all of it zero again. */
void carry_prepare(void);
void carry_each(void (*use)(struct span span));
void carry_clear(void);

#define CARRY_ROOM (8UL << 30) /* of addresses: what is never touched costs nothing */

/* Whether this is in it. */
static inline bool carry_has(const void *at)
{
	return (size_t)((const char *)at - world->carry) < CARRY_ROOM;
}

/* Serves with these options of -o, on a new mount or where another server died. The exit code. */
int server_run(const char *words);

#endif
