/* What ? shows: the keys, and what colours and words mean. */
#ifndef MOSAIC_SCREEN_HELP_H
#define MOSAIC_SCREEN_HELP_H

#include <stdbool.h>

/* Puts it over everything else, in the middle; `locked`: there is a lock to freeze. */
void help_draw(bool locked);

#endif
