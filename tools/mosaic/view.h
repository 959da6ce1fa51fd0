/* The mosaic as people see it: a picture with its figures, or a line of them. */
#ifndef MOSAIC_VIEW_H
#define MOSAIC_VIEW_H

struct mosaic;
struct board;
struct stats;
struct watch;
struct crew;

struct view {
	const struct mosaic *mosaic;
	const struct board *board;
	const struct stats *stats;
	const struct watch *watch;
	const struct crew *crew;
	unsigned columns, rows; /* of the terminal at the last frame */
	const char *note;       /* what the last key did; NULL: nothing */
};

/* Draws a frame on the terminal, from its upper left corner. */
void view_draw(struct view *view);

/* Prints the picture alone, below what is on the terminal. */
void view_print(const struct view *view);

/* Prints one line of figures. */
void view_line(const struct view *view);

#endif
