/* All that a run is at one moment, so that another can begin there and this one go on after it. */
#ifndef TESTS_SIM_STATE_H
#define TESTS_SIM_STATE_H

/* Makes room for it; once. */
void state_prepare(void);

/* Saves it, unless it is saved already; puts it back. The server's stack stays where it is. */
void state_save(void);
void state_restore(void);

#endif
