/* The terminal while the mosaic has it: another screen, no cursor, single keys. */
#ifndef MOSAIC_SCREEN_H
#define MOSAIC_SCREEN_H

#include <stdbool.h>

/* Whether standard output is a terminal to draw on. */
bool screen_is_there(void);

/* Takes the terminal, and gives it back as it was; both may be called again. */
void screen_open(void);
void screen_close(void);

/* Whether keys can be had from standard input (then it is to be polled). */
bool screen_has_keys(void);

/* The size in columns and rows; 80 by 24 if the terminal does not say. */
void screen_size(unsigned *columns, unsigned *rows);

/* Whether the terminal takes UTF-8, as far as the locale's name tells. */
bool screen_is_utf8(void);

#endif
