/* See worker.h. */
#include "mosaic/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hold.h"
#include "mosaic/colour.h"
#include "mosaic/ledger.h"
#include "mosaic/mosaic.h"
#include "mosaic/picture.h"
#include "mosaic/stats.h"
#include "when.h"

#define OWNER_ROOM 128

struct worker {
	const struct mosaic *mosaic;
	int ledger, next, picture, stats;
	struct hold hold; /* fd -1 in the mode without a lock */
	char owner[OWNER_ROOM];
	char spec[NAME_MAX + 1];
	uint64_t random;
	bool frozen; /* the last thing heard was that the lock is frozen */
};

/* What becomes of a turn. */
enum turn { TURN_AGAIN, TURN_COMPLETE, TURN_FAILED };

static volatile sig_atomic_t stopping;

static void on_stop(int sig)
{
	(void)sig;
	stopping = 1;
}

/* Sleeps at random, `least` to `most` milliseconds; a signal ends it. */
static void worker_rest(struct worker *worker, int64_t least, int64_t most)
{
	worker->random = splitmix64(worker->random);

	int64_t range = (most - least) * 1000 + 1;
	int64_t us = least * 1000 + (int64_t)(worker->random % (uint64_t)range);
	struct timespec time = {us / 1000000, us % 1000000 * 1000};

	if (us > 0 && !stopping)
		nanosleep(&time, NULL);
}

/* user@host, of characters that JSON takes as they are. */
static void owner_find(char out[OWNER_ROOM])
{
	const struct passwd *user = getpwuid(geteuid());
	char host[64] = "localhost";

	gethostname(host, sizeof(host) - 1);
	snprintf(out, OWNER_ROOM, "%.60s@%.60s", user ? user->pw_name : "nobody", host);
	for (char *at = out; *at; at++)
		if (*at < '!' || *at > '~' || *at == '"' || *at == '\\')
			*at = '_';
}

static void limit_spell(char out[32], int64_t ms)
{
	if (ms == WHEN_NONE)
		snprintf(out, 32, "none");
	else
		snprintf(out, 32, "%" PRId64 "ms", ms);
}

static int worker_open(struct worker *worker, const struct mosaic *mosaic)
{
	char ttl[32], timeout[32];

	*worker = (struct worker){.mosaic = mosaic, .hold = {.fd = -1}};
	worker->random = splitmix64((uint64_t)getpid() ^ (uint64_t)when_us() << 20);
	owner_find(worker->owner);
	limit_spell(ttl, mosaic->ttl_ms);
	limit_spell(timeout, mosaic->timeout_ms);
	snprintf(worker->spec, sizeof(worker->spec), "%s@ttl=%s,timeout=%s", mosaic->name, ttl,
		timeout);
	worker->stats = mosaic_open(mosaic->dir, MOSAIC_REPORTS, O_WRONLY | O_APPEND);
	worker->ledger = mosaic_open(mosaic->dir, MOSAIC_LEDGER, O_RDWR | O_APPEND);
	worker->next = mosaic_open(mosaic->dir, MOSAIC_NEXT, O_RDWR);
	worker->picture = mosaic_open(mosaic->dir, MOSAIC_PICTURE, O_RDWR);
	return worker->ledger < 0 || worker->next < 0 || worker->picture < 0 ? errno : 0;
}

/* Reads mosaic.next. UINT64_MAX if it holds no number. */
static uint64_t next_read(int fd)
{
	char text[32], *end;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	uint64_t number = strtoull(text, &end, 10);

	return end == text ? UINT64_MAX : number;
}

static int next_write(int fd, uint64_t number)
{
	char text[32];
	int len = snprintf(text, sizeof(text), "%" PRIu64 "\n", number);
	struct stat st;

	if (pwrite(fd, text, (size_t)len, 0) != len || fstat(fd, &st) < 0)
		return errno;
	if (st.st_size > len && ftruncate(fd, len) < 0)
		return errno;
	return fsync(fd) < 0 ? errno : 0;
}

/* Claims the next index. Under the lock the ledger's end is the truth: if mosaic.next says another
 * number, somebody died between writing it and the ledger, and the tile is painted again. */
static int worker_claim(struct worker *worker, struct ledger_end *end, uint64_t *i)
{
	bool locked = mosaic_locked(worker->mosaic);
	int err = ledger_find_end(worker->ledger, locked, end);

	if (err)
		return err;
	*i = next_read(worker->next);
	if (locked && *i != end->next) {
		report_write(worker->stats, REPORT_RECOVERED, end->next);
		*i = end->next;
	}
	if (*i >= mosaic_total(worker->mosaic))
		return 0;
	return next_write(worker->next, *i + 1);
}

/* Before each chunk: rests, and sees to the hold. Gives the tile up once the hold is lost. */
static int worker_step(void *context, bool first)
{
	struct worker *worker = context;
	int64_t delay = worker->mosaic->chunk_delay_ms;

	if (!first)
		worker_rest(worker, delay, delay);
	return mosaic_locked(worker->mosaic) ? hold_confirm_if_due(&worker->hold) : 0;
}

/* Paints the next tile and enters it, the hold confirmed last thing before. 0, or an errno: ESTALE
 * when the hold was lost. `*complete`: there was no tile left. */
static int worker_tile(struct worker *worker, bool *complete)
{
	const struct mosaic *mosaic = worker->mosaic;
	struct ledger_entry entry = {
		.owner = worker->owner, .pid = getpid(), .token = worker->hold.token};
	struct ledger_line line;
	struct ledger_end end;
	int err = mosaic_locked(mosaic) ? hold_confirm_if_due(&worker->hold) : 0;

	if (err == 0)
		err = worker_claim(worker, &end, &entry.i);
	*complete = err == 0 && entry.i >= mosaic_total(mosaic);
	if (err || *complete)
		return err;
	entry.x = mosaic->places[entry.i] % mosaic->gx;
	entry.y = mosaic->places[entry.i] / mosaic->gx;
	colour_of(entry.rgb, entry.i, mosaic->seed);
	err = picture_paint(mosaic, worker->picture, entry.i, entry.rgb, worker_step, worker);
	if (err == 0)
		err = ledger_compose(&line, &end, &entry);
	if (err == 0 && mosaic_locked(mosaic))
		err = hold_confirm(&worker->hold);
	return err ? err : ledger_append(worker->ledger, &end, &line);
}

/* Not granted: waits as the reason asks for, or gives up. */
static enum turn worker_denied(struct worker *worker, int err)
{
	switch (err) {
	case EINTR: return TURN_AGAIN; /* stopping */
	case ETIMEDOUT:
	case EAGAIN:
		report_write(worker->stats, REPORT_TIMEOUT, 1);
		worker_rest(worker, 1, 20);
		return TURN_AGAIN;
	case EBUSY:
		if (!worker->frozen)
			report_write(worker->stats, REPORT_FROZEN, 1);
		worker->frozen = true;
		worker_rest(worker, 100, 500);
		return TURN_AGAIN;
	case ESTALE: report_write(worker->stats, REPORT_LOST, 1); return TURN_AGAIN;
	case EIO:
	case ENOLCK:
	case ENOMEM:
	case ENFILE:
	case EDEADLK:
		report_write(worker->stats, REPORT_ERROR, (uint64_t)err);
		worker_rest(worker, 100, 500);
		return TURN_AGAIN;
	default: report_write(worker->stats, REPORT_ERROR, (uint64_t)err); return TURN_FAILED;
	}
}

static enum turn worker_turn(struct worker *worker)
{
	bool complete = false;
	int64_t start = when_us();
	int err = 0;

	if (mosaic_locked(worker->mosaic)) {
		err = hold_take(&worker->hold, &worker->mosaic->mount, worker->spec, &stopping);
		if (err)
			return worker_denied(worker, err);
		report_write(worker->stats, REPORT_WAIT, (uint64_t)(when_us() - start));
		worker->frozen = false;
	}
	err = worker_tile(worker, &complete);
	hold_drop(&worker->hold);
	if (err == ESTALE) {
		report_write(worker->stats, REPORT_LOST, 1);
		return TURN_AGAIN;
	}
	if (err) {
		report_write(worker->stats, REPORT_ERROR, (uint64_t)err);
		return TURN_FAILED;
	}
	return complete ? TURN_COMPLETE : TURN_AGAIN;
}

int worker_run(const struct mosaic *mosaic)
{
	struct sigaction stop = {.sa_handler = on_stop}, ignore = {.sa_handler = SIG_IGN};
	enum turn turn = TURN_AGAIN;
	struct worker worker;
	int err;

	sigaction(SIGTERM, &stop, NULL);  /* without SA_RESTART: it ends a wait */
	sigaction(SIGINT, &ignore, NULL); /* a Ctrl-C is the coordinator's to act on */
	sigaction(SIGQUIT, &ignore, NULL);
	err = worker_open(&worker, mosaic);
	if (err) {
		report_write(worker.stats, REPORT_ERROR, (uint64_t)err);
		return 1;
	}
	while (turn == TURN_AGAIN && !stopping) {
		worker_rest(&worker, 0, mosaic->tile_delay_ms);
		if (!stopping)
			turn = worker_turn(&worker);
	}
	if (mosaic_locked(mosaic))
		mount_settle(&mosaic->mount);
	return turn == TURN_FAILED;
}
