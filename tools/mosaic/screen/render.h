/* The renderer: a process of its own that draws the mosaic and hands on the keys. It sees what any
 * process sees: the files of the mosaic and of the mount. */
#ifndef MOSAIC_SCREEN_RENDER_H
#define MOSAIC_SCREEN_RENDER_H

#include <stdbool.h>

struct mosaic;

/* Whether standard output is a terminal to draw on. */
bool render_can(void);

/* Draws on the terminal, mosaic->fps frames a second, and reads keys, until the coordinator at the
 * other end of `link` (see link.h) says that it is over, or is gone. Returns the exit code of the
 * process; the terminal is as it was. */
int render_run(const struct mosaic *mosaic, int link);

/* Gives back the terminal in place of a renderer that could not. render_keep() notes how it is,
 * before there is a renderer. */
void render_keep(void);
void render_restore(void);

#endif
