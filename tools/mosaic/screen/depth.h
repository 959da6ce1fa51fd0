/* How many colours the terminal on standard output has, by its terminfo(5) entry. */
#ifndef MOSAIC_SCREEN_DEPTH_H
#define MOSAIC_SCREEN_DEPTH_H

#include <stdint.h>

#define DEPTH_TERM 64 /* room for the name of an entry */

enum depth {
	DEPTH_NONE,   /* it has none, or the user wants none (no-color.org) */
	DEPTH_FEW,    /* the eight of ISO 6429 */
	DEPTH_MANY,   /* 256: those, a cube of 6 by 6 by 6, and greys */
	DEPTH_DIRECT, /* red, green and blue as they are */
};

/* Finds it, and which entry to use: TERM, or a relative of it that has direct colours where
 * COLORTERM says that the terminal does. `term` is "" if there is no entry at all. */
enum depth depth_find(char term[DEPTH_TERM]);

/* The number of a colour, or of the one nearest to it. */
int depth_number(enum depth depth, const uint8_t rgb[3]);

/* To print in colours without ncurses: after depth_begin(), before depth_end(), depth_set() sets
 * those of what is printed next; NULL is the terminal's own. */
void depth_begin(const char *term);
void depth_set(enum depth depth, const uint8_t *fore, const uint8_t *back);
void depth_end(void);

#endif
