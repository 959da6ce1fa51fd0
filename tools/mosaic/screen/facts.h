/* What is to be said of the lock and the ledger in words, and what happened last. */
#ifndef MOSAIC_SCREEN_FACTS_H
#define MOSAIC_SCREEN_FACTS_H

#include <stdbool.h>

struct box;
struct side;

/* The lines that the facts take in that width; `all`: the unimportant ones too. */
int facts_lines(const struct side *side, int wide, bool all);

/* Draws so many lines of them from the beginning of the box. */
void facts_draw(const struct side *side, const struct box *box, int lines);

/* The same of the last events. */
int latest_lines(int wide);
void latest_draw(const struct side *side, const struct box *box, int lines);

#endif
