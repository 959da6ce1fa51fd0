/* See wait.h. */
#include "mosaic/paint/wait.h"

#include <errno.h>

#include "hold.h"
#include "mosaic/mosaic.h"
#include "mosaic/paint/wake.h"
#include "mosaic/paint/worker.h"
#include "mosaic/reports.h"
#include "spec.h"
#include "when.h"

/* Opens once, and goes on waiting after every bell. */
static int wait_once(
	struct worker *worker, struct hold *hold, const struct spec *spec, struct hold *kept)
{
	char text[SPEC_ROOM];
	int err = EINTR;

	spec_write(spec, text);
	if (kept)
		hold_confirm_if_due(kept);
	while (err == EINTR && !wake_stopping()) {
		err = hold_take(hold, &worker->mosaic->mount, text, wake_listen());
		if (err == EINTR && kept)
			hold_renew(kept);
	}
	return err == ENOENT ? ENOTCONN : err; /* every lock is there, unless the mount is not */
}

static bool wait_impatient(const struct worker *worker)
{
	return worker->index < worker->mosaic->impatient;
}

/* Not granted: reports it, and rests where asking at once would be of no use. 0: to be asked for
 * again. */
static int wait_denied(struct worker *worker, int err)
{
	switch (err) {
	case ETIMEDOUT:
	case EAGAIN:
		report_write(worker->reports,
			wait_impatient(worker) ? REPORT_IMPATIENT : REPORT_TIMEOUT, 1);
		worker_rest(worker, 1, 20);
		return 0;
	case EBUSY: report_write(worker->reports, REPORT_FROZEN, 1); return 0;
	case ESTALE: report_write(worker->reports, REPORT_LOST, 1); return 0;
	case EIO:
	case ENOLCK:
	case ENOMEM:
	case ENFILE:
	case EDEADLK:
		report_write(worker->reports, REPORT_ERROR, (uint64_t)err);
		worker_rest(worker, 100, 500);
		return 0;
	default: return err;
	}
}

/* Waits until it is granted. `*waited_us` gets how long it last waited; -1 if that was for a thaw,
 * which is no matter of who else wants the lock. */
static int wait_granted(struct worker *worker, struct hold *hold, const struct spec *want,
	struct hold *kept, int64_t *waited_us)
{
	struct spec spec = *want;
	int64_t start;
	int err;

	wake_bell(kept ? kept->ttl_ms / 3 : 0);
	for (;;) {
		start = when_us();
		err = wait_once(worker, hold, &spec, kept);
		*waited_us = spec.thaw ? -1 : when_us() - start;
		spec.thaw = err == EBUSY;
		spec.timeout_ms = spec.thaw ? WHEN_NONE : want->timeout_ms;
		if (err == 0 || wait_denied(worker, err) != 0)
			break;
	}
	wake_bell(0);
	return err;
}

int wait_take(struct worker *worker, struct hold *hold, const char *name, struct hold *kept)
{
	const struct mosaic *mosaic = worker->mosaic;
	struct spec spec = {.names = name,
		.ttl_ms = mosaic->ttl_ms,
		.timeout_ms = wait_impatient(worker) ? MOSAIC_IMPATIENT_MS : mosaic->timeout_ms};
	int64_t waited_us;
	int err = wait_granted(worker, hold, &spec, kept, &waited_us);

	if (err == 0 && waited_us >= 0)
		report_write(worker->reports, REPORT_WAIT, (uint64_t)waited_us);
	return err;
}

int wait_idle(struct worker *worker, struct hold *hold, const char *name)
{
	struct spec spec = {
		.names = name, .ttl_ms = worker->mosaic->ttl_ms, .timeout_ms = WHEN_NONE};
	int64_t waited_us;

	return wait_granted(worker, hold, &spec, NULL, &waited_us);
}

int wait_try(struct worker *worker, struct hold *hold, const char *name)
{
	struct spec spec = {.names = name,
		.ttl_ms = worker->mosaic->ttl_ms,
		.timeout_ms = WHEN_UNSET,
		.try = true};

	int err = wait_once(worker, hold, &spec, NULL);

	return err && (err == EAGAIN || wait_denied(worker, err) == 0) ? EAGAIN : err;
}
