/* See host.h. */
#include "host.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "core/timer.h"
#include "findings.h"
#include "journal.h"
#include "message.h"
#include "mounts.h"
#include "note.h"
#include "recovery.h"

/* Keeps a record for the time when the log can be written again. */
static void owe(struct host *host, const struct record *record)
{
	struct record *more = realloc(host->owed, (host->n_owed + 1) * sizeof(*host->owed));

	if (!more) {
		message(LOG_CRIT, "no memory to remember a %s of %s for the log",
			record_kind_word(record->kind), record->names);
		return;
	}
	host->owed = more;
	host->owed[host->n_owed++] = *record;
}

/* The batch could not be appended: takes back what can be, and owes the log the rest. */
static void batch_undo(struct host *host, const struct effects *fx)
{
	for (size_t i = fx->n_records; i-- > 0;)
		engine_undo(host->engine, &fx->records[i]);
	for (size_t i = 0; i < fx->n_records; i++)
		if (record_is_owed(fx->records, i))
			owe(host, &fx->records[i]);
}

/* Tells the engine whether grants can be logged from now on. */
static void log_state(struct host *host, bool writable)
{
	struct event event = {.kind = EVENT_LOG, .writable = writable};

	host->retry_ns = writable ? NEVER : clock_mono() + RETRY_MS * 1000000ULL;
	host_step(host, &event);
}

/* Whether nobody may be told that it is done while its record is not in the log. */
static bool must_be_logged(const struct record *record)
{
	return record_can_be_undone(record->kind) || record_outlives_machine(record);
}

/* Gives the answers of a batch; `failed` turns those that needed its records into ERR_LOG. */
static void answers_give(struct host *host, const struct effects *fx, bool failed)
{
	for (size_t i = 0; i < fx->n_answers; i++) {
		struct answer answer = fx->answers[i];

		if (failed && answer.record >= 0 && must_be_logged(&fx->records[answer.record]))
			answer.err = ERR_LOG;
		if (answer.record >= 0 && fx->records[answer.record].kind == RECORD_ACQUIRE)
			answer.token = fx->records[answer.record].token;
		host->answer(host->context, &answer);
	}
}

/* The log cannot be written: nothing is granted until log_retry() finds that it can. */
static void log_down(struct host *host, int err)
{
	if (host->retry_ns == NEVER)
		host->down_ns = clock_mono();
	journal_refused(host, err);
	log_state(host, false);
}

/* Makes room for what follows from the answers of a batch while they are given. */
static struct effects *effects_another(struct host *host)
{
	struct effects *fx = host->spare;

	host->spare = NULL;
	while (!fx && !(fx = calloc(1, sizeof(*fx))))
		usleep(1000); /* nothing can be left out here: wait for memory */
	return fx;
}

/* Appends what the steps logged, then gives their answers. */
static void batch_flush(struct host *host)
{
	struct effects *fx = host->fx;
	const bool down = host->retry_ns != NEVER;
	int err = 0;

	host->fx = effects_another(host);
	if (fx->n_records && !down) {
		host->promise(host->context, fx, host->chain.head.seq + 1);
		err = journal_append(host, fx->records, fx->n_records);
	}
	const bool failed = fx->n_records && (down || err != 0);

	if (failed)
		batch_undo(host, fx);
	answers_give(host, fx, failed);
	fx->n_records = fx->n_answers = 0;
	free(host->spare);
	host->spare = fx;
	if (host->fx->n_records == 0 &&
		host->fx->n_answers == 0) { /* the same again: it is cached */
		host->spare = host->fx;
		host->fx = fx;
	}
	if (err != 0)
		log_down(host, err);
}

void host_flush(struct host *host)
{
	int err;

	while (host->fx->n_records || host->fx->n_answers)
		batch_flush(host);
	if ((err = journal_rotate_if_due(host)) != 0)
		log_down(host, err);
}

/* Writes what is owed, and why. 0, or an errno. */
static int owed_write(struct host *host)
{
	const char *why = strerrorname_np(host->write_err);
	struct record record;
	int err = host->n_owed ? journal_append(host, host->owed, host->n_owed) : 0;

	if (err != 0)
		return err;
	host->n_owed = 0;
	journal_own(host, &record, RECORD_RECOVER);
	snprintf(record.detail, sizeof(record.detail), "writable-again,error=%s,ms=%" PRIu64,
		why ? why : "unknown", (clock_mono() - host->down_ns) / 1000000);
	return journal_append(host, &record, 1);
}

/* Tries to make the log one that can be written again, and to write what is owed. */
static void log_retry(struct host *host)
{
	int err;

	host_flush(host); /* or a checkpoint would have what is still to be logged */
	err = disk_mend(&host->disk);
	if (err == ESTALE)
		err = journal_renew(host);
	else if (err == 0)
		err = owed_write(host);
	if (err != 0) {
		host->retry_ns = clock_mono() + RETRY_MS * 1000000ULL;
		journal_refused(host, err);
		return;
	}
	if (host->told)
		message(LOG_NOTICE, "the log in %s can be written again", host->disk.path);
	host->told = false;
	log_state(host, true);
	findings_aside(host);
}

void host_step(struct host *host, struct event *event)
{
	if (!effects_room(host->fx))
		host_flush(host);
	if (event->now.mono_ns == 0)
		event->now = clock_now();
	engine_step(host->engine, event, host->fx);
}

void host_clocks(struct host *host, const struct now *now)
{
	const struct clock_jump jump = clock_look(&host->clocks, now);

	if (jump.slept_s)
		snprintf(journal_record(host, RECORD_RECOVER)->detail, DETAIL_MAX + 1,
			"slept_s=%" PRIu64, jump.slept_s);
	if (jump.back_s)
		snprintf(journal_record(host, RECORD_RECOVER)->detail, DETAIL_MAX + 1,
			"clock_back_s=%" PRIu64, jump.back_s);
}

void host_tick(struct host *host, const struct now *now)
{
	if (host->retry_ns <= now->mono_ns)
		log_retry(host);
	do { /* once at least: the engine does not know yet that the machine slept */
		struct event event = {.kind = EVENT_TICK, .now = *now};

		host_flush(host);
		host_step(host, &event);
	} while (engine_deadline(host->engine) <= now->mono_ns);
	host_flush(host);
}

uint64_t host_deadline(const struct host *host)
{
	uint64_t next = engine_deadline(host->engine);

	return next < host->retry_ns ? next : host->retry_ns;
}

static void host_name(struct host *host)
{
	struct utsname name;

	strcpy(host->name, "localhost");
	if (uname(&name) == 0 && name.nodename[0])
		snprintf(host->name, sizeof(host->name), "%.64s", name.nodename);
}

bool host_init(struct host *host, const char *state, int lock, uint64_t keep, struct seen *seen)
{
	const struct known known = {.boot = host->boot, .head = seen_head(seen)};

	*host = (struct host){.retry_ns = NEVER, .fx = calloc(1, sizeof(*host->fx)), .seen = seen};
	host_name(host);
	if (!clock_boot_id(host->boot))
		message(LOG_ERR, "cannot tell which boot this is: %s", strerror(errno));
	else if (!host->fx)
		message(LOG_ERR, "not enough memory");
	else if (disk_open(&host->disk, state, lock, known.head.seq ? &known.head : NULL, keep)) {
		if (recover(&host->disk, &known, &host->engine, &host->chain, &host->found))
			return true;
		disk_close(&host->disk);
	}
	engine_destroy(host->engine);
	free(host->fx);
	free(host->spare);
	*host = (struct host){0};
	return false;
}

void host_finish(struct host *host)
{
	engine_destroy(host->engine);
	if (host->disk.path)
		disk_close(&host->disk);
	text_finish(&host->batch);
	free(host->fx);
	free(host->spare);
	free(host->owed);
	*host = (struct host){0};
}

/* What the engine is to know of the log that was replayed. */
static struct event recover_event(const struct host *host)
{
	const struct recovery *found = &host->found;
	struct event event = {.kind = EVENT_RECOVER};

	event.same_boot = strcmp(found->boot, host->boot) == 0;
	event.trusted = !found->damaged && (event.same_boot || !found->boot[0]);
	if (found->damaged || host->disk.count == 0) /* what is lost may have granted any token */
		event.token = note_tokens(host->disk.dir);
	if (found->torn &&
		event.token < host_next_token(host) + EFFECTS_MAX) /* by the rest of that batch */
		event.token = host_next_token(host) + EFFECTS_MAX;
	if (found->damaged && event.token == 0)
		event.token = (uint64_t)clock_now().wall_ms * 1000;
	return event;
}

/* Begins a file where there is none, or where readers may have read on in what was set aside: no offset is used
 * again. Not in another boot, whose clocks the state does not know yet. If that cannot be, later. */
static void log_begin(struct host *host, bool again, bool same_boot)
{
	struct disk *disk = &host->disk;
	uint64_t reached = disk->reached;
	int err = disk->state == DISK_TORN ? disk->err : ENOENT;

	if (again && seen_end(host->seen) > reached)
		reached = seen_end(host->seen);
	if (disk->count > 0 && (!same_boot || !disk_skip(disk, reached)))
		return;
	if (disk->count == 0)
		disk_skip(disk, reached);
	if (disk->state == DISK_WHOLE)
		err = journal_rotate(host, disk->count == 0 || host->found.damaged);
	if (err == 0)
		return;
	disk->state = DISK_GONE;
	log_down(host, err);
}

void host_start(struct host *host, int signal)
{
	const bool again = signal >= 0;
	struct event event = recover_event(host);
	char own[DETAIL_MAX + 1];
	int err;

	event.keep = event.same_boot;
	strcpy(own, host->mount);
	mounts_join(host->mount, sizeof(host->mount), own,
		engine_recovering(host->engine) ? host->found.mount : "");
	log_begin(host, again, event.same_boot);
	findings_record(host, signal);
	do
		host_step(host, &event);
	while (!event.keep && engine_recovering(host->engine));
	host_flush(host);
	/* Who was to be answered after a sync may be told so by us; and a log that nobody knows is safe from here on. */
	if (!again || host->seen->syncing) {
		if ((err = disk_sync(&host->disk)) != 0)
			log_down(host, err);
		host->seen->syncing = err != 0;
	}
}

uint64_t host_next_token(const struct host *host)
{
	struct record record;

	engine_checkpoint(host->engine, &record);
	return record.next_token;
}

void host_stop(struct host *host)
{
	struct event event = {.kind = EVENT_STOP};

	do {
		host_step(host, &event);
		host_flush(host);
	} while (engine_deadline(host->engine) == 0);
	journal_record(host, RECORD_STOP)->count = engine_totals(host->engine).holders;
	host_flush(host);
	disk_sync(&host->disk);
	note_end_write(host->disk.dir, &host->chain.head);
}
