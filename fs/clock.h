/* The clocks, read together. */
#ifndef FS_CLOCK_H
#define FS_CLOCK_H

#include <stdint.h>

#include "core/event.h"

/* This moment on every clock that the engine knows. */
struct now clock_now(void);

/* CLOCK_MONOTONIC in nanoseconds; the cheap one lags by some milliseconds at most. */
uint64_t clock_mono(void);
uint64_t clock_mono_coarse(void);

/* The random id of the machine's boot, /proc/sys/kernel/random/boot_id; "unknown" without one. */
void clock_boot_id(char id[DETAIL_MAX + 1]);

#endif
