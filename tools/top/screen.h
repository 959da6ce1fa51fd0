/* The terminal of lokt top: its beginning, its end, and what stands around a page. */
#ifndef TOOLS_TOP_SCREEN_H
#define TOOLS_TOP_SCREEN_H

#include <stdbool.h>

#include <ncurses.h>

struct top;

/* Takes the terminal. False when standard output is none, or none that could show this. */
bool screen_start(void);

/* Gives it back as it was. */
void screen_stop(void);

void screen_draw(struct top *top);

/* The colours, all quiet; next to nothing where the terminal has none. */
enum tint { TINT_NONE, TINT_WAIT, TINT_FROZEN, TINT_BAD, TINT_GOOD, TINTS };
attr_t screen_tint(enum tint which);

#endif
