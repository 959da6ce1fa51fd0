/* When the frames are due, and how well that is kept. */
#ifndef MOSAIC_SCREEN_CLOCK_H
#define MOSAIC_SCREEN_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct clock {
	int fd; /* of a timer, to be polled; owned; -1 */
	int64_t period_us;
	int64_t due_us;   /* when the present frame was due */
	int64_t drawn_us; /* when the last one was done; 0: there is none to measure from */
	uint32_t frames, late, slowest_ms; /* see struct link_word */
};

/* Begins, with so many frames a second. False with errno. */
bool clock_open(struct clock *clock, uint64_t fps);

/* Begins anew, after a pause that is nobody's fault. */
void clock_start(struct clock *clock, uint64_t fps);

/* Whether a frame is due now. Those that were missed meanwhile count as late. */
bool clock_tick(struct clock *clock);

/* The frame is drawn. */
void clock_drawn(struct clock *clock);

#endif
