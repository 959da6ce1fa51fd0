/* Text on the screen of ncurses, and a line of short notes: the least important go when there is too
 * little room. */
#ifndef TOOLS_BAR_H
#define TOOLS_BAR_H

#include <stddef.h>

#include <ncurses.h>

#define BAR_NOTES 12
#define BAR_TEXT 200

struct bar {
	struct note {
		char key[12], text[BAR_TEXT]; /* the key is bold */
		attr_t attr;
		int rank; /* the highest goes first; -1: hidden */
	} notes[BAR_NOTES];
	size_t count;
};

/* Adds a note; `key` may be "". */
void bar_add(struct bar *bar, int rank, attr_t attr, const char *key, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* Draws it at a place of the screen, within `room` columns. */
void bar_draw(struct bar *bar, int y, int x, int room);

/* Draws text at a place of the screen, within `room` columns; what is cut off shows. Returns the
 * columns that it took. */
int text_draw(int y, int x, int room, attr_t attr, const char *text);

/* The same, at the right end of those columns. */
void text_right(int y, int x, int room, attr_t attr, const char *text);

/* Columns that `text` takes on a terminal. Needs setlocale(3), as all of this does. */
size_t text_width(const char *text);

/* Draws all of a text on the last lines of the screen, and what looks like a cursor after it. */
void text_draw_last(attr_t attr, const char *text, bool cursor);

#endif
