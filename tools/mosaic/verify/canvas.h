/* The picture as whoever opens it sees it, from the first byte to the last. */
#ifndef MOSAIC_VERIFY_CANVAS_H
#define MOSAIC_VERIFY_CANVAS_H

struct mosaic;
struct verdict;

/* Judges the picture in `fd`: its header, every pixel, and that nothing follows. Shares no
 * arithmetic with the painters (picture.c), so that a fault of theirs shows. 0 or an errno. */
int canvas_judge(const struct mosaic *mosaic, int fd, struct verdict *verdict);

#endif
