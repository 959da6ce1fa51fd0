/* The server as its supervisor starts it. */
#ifndef TESTS_SIM_VMOUNT_H
#define TESTS_SIM_VMOUNT_H

/* Serves with these options of -o, on a new mount or where another server died. The exit code. */
int server_run(const char *words);

#endif
