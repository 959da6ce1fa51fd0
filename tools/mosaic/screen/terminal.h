/* The terminal while the renderer has it: another screen, single keys, no cursor. See render.h for
 * what gives it back in place of a renderer that could not. */
#ifndef MOSAIC_SCREEN_TERMINAL_H
#define MOSAIC_SCREEN_TERMINAL_H

#include <stdbool.h>

/* Takes the terminal on standard output. False: it is none that could show this. */
bool terminal_open(void);

/* Whether the shell has it, or another job. */
bool terminal_is_anothers(void);

/* Gives it back as it was. */
void terminal_close(void);

/* Gives it back and stops the process, as Ctrl-Z would have. */
void terminal_suspend(void);

/* Takes it again after a stop, and puts all of it anew. */
void terminal_again(void);

/* Follows the terminal's size; true if it is another one now. */
bool terminal_resized(void);

/* The next key, as getch(3) has it; ERR: none yet. */
int terminal_key(void);

/* Whether keys come from standard input. */
bool terminal_has_keys(void);

#endif
