/* The figures that are a number each: rates, waits, workers, and what went wrong. */
#ifndef MOSAIC_SCREEN_FIGURES_H
#define MOSAIC_SCREEN_FIGURES_H

struct box;
struct side;

/* The lines that they take in that width. */
int figures_lines(const struct side *side, int wide);

/* Draws so many lines of them from the beginning of the box. */
void figures_draw(const struct side *side, const struct box *box, int lines);

#endif
