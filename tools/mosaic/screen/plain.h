/* The mosaic as lines of text: while there is no terminal to draw on, and once it is over. */
#ifndef MOSAIC_SCREEN_PLAIN_H
#define MOSAIC_SCREEN_PLAIN_H

struct mosaic;
struct board;
struct reports;
struct watch;

/* Prints one line of figures, as it does every second without a terminal. */
void plain_line(const struct mosaic *mosaic, const struct board *board,
	const struct reports *reports, const struct watch *watch);

/* Prints the picture as it is when all is over, in the terminal's colours and width. */
void plain_picture(const struct mosaic *mosaic, const struct board *board);

#endif
