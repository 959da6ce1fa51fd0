/* What the coordinator and the renderer tell each other: over a socket that also tells when either
 * is gone. Neither waits for the other: what finds no room is dropped, and said anew later. */
#ifndef MOSAIC_LINK_H
#define MOSAIC_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From the coordinator: how the workers are, and what it has to say. */
struct link_news {
	uint64_t alive, killed; /* workers */
	char note[120];         /* what the last key or hook did; "" for nothing */
	bool over;              /* draw what there is once more, give the terminal back and end */
};

/* From the renderer, once a second and with every key that it does not act on itself. */
struct link_word {
	char key;            /* f, u, k or q; 0: none */
	uint32_t frames;     /* drawn so far */
	uint32_t late;       /* of those, more than half a frame's time late */
	uint32_t slowest_ms; /* the longest from one frame to the next */
};

/* Makes the two ends, close-on-exec and non-blocking. Returns 0 or an errno. */
int link_open(int ends[2]);

/* One of the two kinds of message, whole. */
void link_send(int fd, const void *message, size_t size);

/* The next message of that size. 1; 0: none yet; -1: the other end is gone. */
int link_receive(int fd, void *message, size_t size);

#endif
