/* What wakes a worker out of a wait: SIGTERM, and a bell that it sets itself. */
#ifndef MOSAIC_PAINT_WAKE_H
#define MOSAIC_PAINT_WAKE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

/* From now on SIGTERM asks this process to stop: whatever it waits in is interrupted, and again and
 * again, so that one which comes just before a wait is not missed. Other signals of the terminal
 * are not for it. */
void wake_init(void);

/* Whether it is to stop. */
bool wake_stopping(void);

/* The bell rings every `ms` milliseconds from now on; 0: no more. */
void wake_bell(int64_t ms);

/* What hold_take() is to look at when its wait is interrupted: set once the bell has rung after
 * this call, and for good once the process is to stop. */
const volatile sig_atomic_t *wake_listen(void);

/* Sleeps; anything that wakes ends it. */
void wake_sleep(int64_t us);

#endif
