/* The clocks, read together. */
#ifndef FS_CLOCK_H
#define FS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"

/* This moment on every clock that the engine knows. */
struct now clock_now(void);

/* How the clocks stand to each other. */
struct clock_watch {
	uint64_t slept_ns; /* CLOCK_BOOTTIME beyond CLOCK_MONOTONIC */
	int64_t wall_ms;   /* the wall beyond CLOCK_BOOTTIME */
};

/* What happened to them, in seconds; 0: nothing. */
struct clock_jump {
	uint64_t slept_s, back_s; /* the machine slept; the wall clock was set back */
};

/* What happened since the last look. The first one, with a `watch` of zeros, finds nothing. */
struct clock_jump clock_look(struct clock_watch *watch, const struct now *now);

/* CLOCK_MONOTONIC in nanoseconds; the cheap one lags by some milliseconds at most. */
uint64_t clock_mono(void);
uint64_t clock_mono_coarse(void);

/* The random id of the machine's boot, /proc/sys/kernel/random/boot_id; "unknown" without one. False, with errno
 * set: it cannot be read for now. */
bool clock_boot_id(char id[DETAIL_MAX + 1]);

#endif
