/* Colours on the screen of ncurses: pairs of them, as many as are needed. */
#ifndef MOSAIC_SCREEN_PAINT_H
#define MOSAIC_SCREEN_PAINT_H

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

#include <ncurses.h>

#include "mosaic/screen/depth.h"

/* What a text is about; quiet colours, and without any, weights. */
enum tint {
	TINT_PLAIN,
	TINT_QUIET,  /* labels, and what matters little */
	TINT_STRONG, /* what one looks at first */
	TINT_GOOD,
	TINT_WAIT,
	TINT_COLD, /* frozen */
	TINT_BAD,
	TINTS
};

/* After newterm(). */
void paint_start(enum depth depth);

attr_t paint_tint(enum tint tint);

/* Whether there are colours at all. */
bool paint_is_coloured(void);

/* Whether a cell can have two colours of its own. */
bool paint_has_halves(void);

/* Puts a character at a place in two colours; `fore` and `back` may be NULL for the terminal's
 * own. */
void paint_put(int y, int x, wchar_t c, attr_t attr, const uint8_t *fore, const uint8_t *back);

/* True once there are so many pairs that they are all forgotten: then all is to be put anew. */
bool paint_renew(void);

#endif
