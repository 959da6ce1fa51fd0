/* How a worker comes to a hold: it waits, reports what is refused, and asks again. */
#ifndef MOSAIC_PAINT_WAIT_H
#define MOSAIC_PAINT_WAIT_H

struct hold;
struct worker;

/* Takes the lock `name`, however often it has to ask, and reports how long the last wait was.
 * While the lock is frozen it waits for the thaw; it polls for nothing but the machine's own
 * troubles. `kept`, which may be NULL, is another hold, renewed meanwhile as well as can be.
 * Returns 0, EINTR if the worker is to stop, or an errno that it cannot go on from. */
int wait_take(struct worker *worker, struct hold *hold, const char *name, struct hold *kept);

/* The same for a worker with nothing else to do: it waits without a timeout, and no report says how
 * long. */
int wait_idle(struct worker *worker, struct hold *hold, const char *name);

/* Takes it if it can be had now. Returns as wait_take(), and EAGAIN if not. */
int wait_try(struct worker *worker, struct hold *hold, const char *name);

#endif
