/* The server's memory: what it allocates, and what libraries allocate for it, in a piece of its own. */
#ifndef TESTS_SIM_MEMORY_H
#define TESTS_SIM_MEMORY_H

/* Takes everything back that was allocated while world::in_server. */
void memory_clear(void);

#endif
