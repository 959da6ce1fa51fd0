/* What fills the screen of lokt top: the table of names, the people of one, or the help. */
#ifndef TOOLS_TOP_PAGE_H
#define TOOLS_TOP_PAGE_H

struct top;

/* Draws the page on `lines` lines from line `y` on, moving it so that what is chosen is seen. */
void page_draw(struct top *top, int y, int lines);

/* Draws a rule, and below it the last events, the newest at the bottom. */
void events_draw(const struct top *top, int y, int lines);

#endif
