/* Other processes, as far as /proc shows them to the caller. */
#ifndef TOOLS_PROCESS_H
#define TOOLS_PROCESS_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#define PROCESS_NAME 64

/* The name of the command that a holder's process runs (proc_pid_comm(5)), with what guard runs,
 * and whether it is stopped; cleaned. `holder` is as status/<name>.json has it. False if it cannot
 * be known: it runs elsewhere, has ended, or hides. */
bool process_name(const cJSON *holder, char out[PROCESS_NAME]);

#endif
