/* See worker.h. */
#include "mosaic/paint/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "mosaic/colour.h"
#include "mosaic/mosaic.h"
#include "mosaic/paint/fence.h"
#include "mosaic/paint/single.h"
#include "mosaic/paint/twophase.h"
#include "mosaic/paint/wake.h"
#include "mosaic/reports.h"
#include "when.h"

/* What becomes of a turn. */
enum turn { TURN_AGAIN, TURN_COMPLETE, TURN_FAILED };

uint64_t worker_random(struct worker *worker)
{
	worker->random = splitmix64(worker->random);
	return worker->random;
}

void worker_rest(struct worker *worker, int64_t least, int64_t most)
{
	uint64_t range = (uint64_t)(most - least) * 1000 + 1;

	wake_sleep(least * 1000 + (int64_t)(worker_random(worker) % range));
}

/* user@host, of characters that JSON takes as they are. */
static void owner_find(char out[WORKER_OWNER])
{
	const struct passwd *user = getpwuid(geteuid());
	char host[64] = "localhost";

	gethostname(host, sizeof(host) - 1);
	snprintf(out, WORKER_OWNER, "%.60s@%.60s", user ? user->pw_name : "nobody", host);
	for (char *at = out; *at; at++)
		if (*at < '!' || *at > '~' || *at == '"' || *at == '\\')
			*at = '_';
}

static int worker_open(struct worker *worker)
{
	const struct mosaic *mosaic = worker->mosaic;
	const struct {
		int *fd;
		const char *file;
		int flags;
		bool wanted;
	} files[] = {{&worker->reports, MOSAIC_REPORTS, O_WRONLY | O_APPEND, true},
		{&worker->ledger, MOSAIC_LEDGER, O_RDWR | O_APPEND, true},
		{&worker->next, MOSAIC_NEXT, O_RDWR, true},
		{&worker->picture, MOSAIC_PICTURE, O_RDWR, true},
		{&worker->claims, MOSAIC_CLAIMS, O_RDWR, mosaic->two_phase},
		{&worker->fence, MOSAIC_FENCE, O_RDWR, mosaic->check_token}};

	worker->random = splitmix64((uint64_t)getpid() ^ (uint64_t)when_us() << 20);
	owner_find(worker->owner);
	for (size_t k = 0; k < sizeof(files) / sizeof(*files); k++) {
		*files[k].fd = -1;
		if (files[k].wanted)
			*files[k].fd = mosaic_open(mosaic->dir, files[k].file, files[k].flags);
		if (files[k].wanted && *files[k].fd < 0)
			return errno;
	}
	return 0;
}

/* A tile, or none if somebody was faster or something came in between. */
static enum turn worker_turn(struct worker *worker)
{
	bool complete = false;
	int err = worker->mosaic->two_phase ? twophase_turn(worker, &complete)
					    : single_turn(worker, &complete);

	switch (err) {
	case 0: return complete ? TURN_COMPLETE : TURN_AGAIN;
	case EINTR: return TURN_AGAIN; /* stopping */
	case ESTALE: report_write(worker->reports, REPORT_LOST, 1); return TURN_AGAIN;
	case FENCE_REFUSED: report_write(worker->reports, REPORT_FENCED, 1); return TURN_AGAIN;
	default: report_write(worker->reports, REPORT_ERROR, (uint64_t)err); return TURN_FAILED;
	}
}

int worker_run(const struct mosaic *mosaic, uint64_t index)
{
	struct worker worker = {
		.mosaic = mosaic, .index = index, .hold = {.fd = -1}, .tile = {.fd = -1}};
	enum turn turn = TURN_AGAIN;
	int err;

	wake_init();
	err = worker_open(&worker);
	if (err) {
		report_write(worker.reports, REPORT_ERROR, (uint64_t)err);
		return 1;
	}
	while (turn == TURN_AGAIN && !wake_stopping()) {
		worker_rest(&worker, 0, mosaic->tile_delay_ms);
		if (!wake_stopping())
			turn = worker_turn(&worker);
	}
	if (mosaic_locked(mosaic))
		mount_settle(&mosaic->mount);
	return turn == TURN_FAILED;
}
