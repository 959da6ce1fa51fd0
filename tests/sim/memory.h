/* The server's memory: what it allocates, and what libraries allocate for it, in a piece of its own. */
#ifndef TESTS_SIM_MEMORY_H
#define TESTS_SIM_MEMORY_H

#include "world.h"

/* Takes everything back that was allocated while world::in_server. */
void memory_clear(void);

/* Has it keep what is allocated now, until what memory_state() says is put back. */
void memory_keep(void);
struct span memory_state(void);

#endif
