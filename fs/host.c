/* See host.h. */
#include "host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "core/timer.h"
#include "mark.h"
#include "message.h"
#include "mounts.h"
#include "recovery.h"
#include "witness.h"

#define RETRY_MS 250           /* between two tries of a log that could not be written */
#define LOOK_NS 1000000000     /* between two looks whether the log is still in its directory */
#define TELL_NS 60000000000ULL /* between two words about the same */
#define TOKENS_LEAST 10000     /* left when the next checkpoint is due: many batches' worth */

/* Appends the line that a record says to the batch. */
static void line_add(struct host *host, const struct record *record)
{
	size_t start = host->batch.len;

	chain_begin(&host->chain, &host->batch);
	record_write(record, host->name, &host->batch);
	if (record->kind == RECORD_CHECKPOINT)
		engine_write_parts(host->engine, &host->batch);
	chain_seal(&host->chain, &host->batch, start);
}

/* Appends these records, all or none; what outlives the machine is synced. 0, or an errno. */
static int records_append(struct host *host, const struct record *records, size_t count)
{
	const struct chain_head before = host->chain.head;
	const uint64_t end = disk_end(&host->disk);
	const bool look = clock_mono_coarse() - host->looked_ns > LOOK_NS;
	bool sync = false;
	int err;

	if (look) {
		host->looked_ns = clock_mono_coarse();
		disk_look(&host->disk);
	}
	host->batch.len = 0;
	host->batch.failed = false;
	for (size_t i = 0; i < count; i++) {
		line_add(host, &records[i]);
		sync |= record_outlives_machine(&records[i]);
	}
	host->seen->syncing = sync;
	err = host->batch.failed ? ENOMEM
				 : disk_append(&host->disk, host->batch.data, host->batch.len);
	if (host->disk.state == DISK_DOUBTED) /* a safe checkpoint follows */
		sync = false;
	if (err == 0 && sync && (err = disk_sync(&host->disk)) != 0)
		disk_cut(&host->disk, end);
	host->seen->syncing = false;
	if (err != 0) {
		host->chain.head = before;
		return err;
	}
	host->sealed += count;
	seen_set(host->seen, &host->chain.head);
	if (look)
		witness_write(host->disk.dir, &host->chain.head);
	return 0;
}

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
		host->answer(host->context, &answer);
	}
}

/* The daemon's own line. */
static void own_init(const struct host *host, struct record *record, enum record_kind kind)
{
	record_init(record, kind, clock_now().wall_ms);
	record->uid = geteuid();
	record->pid = getpid();
	strcpy(record->boot, host->boot);
	strcpy(record->mount, host->mount);
}

/* Begins a new segment with a checkpoint of the state. It raises the limit of tokens if it is `safe` from a
 * crash of the machine, or says it again. 0, or an errno. */
static int rotate(struct host *host, bool safe)
{
	const struct chain_head before = host->chain.head;
	const uint64_t left = engine_tokens_left(host->engine);
	struct record record;
	int err;

	own_init(host, &record, RECORD_CHECKPOINT);
	engine_checkpoint(host->engine, &record);
	if (!safe)
		record.token_limit = record.next_token + left;
	host->batch.len = 0;
	host->batch.failed = false;
	line_add(host, &record);
	err = host->batch.failed ? ENOMEM : 0;
	if (err == 0 && safe)
		err = mark_raise(host->disk.dir, record.token_limit);
	host->seen->syncing = safe;
	if (err == 0)
		err = disk_rotate(&host->disk, host->batch.data, host->batch.len, safe);
	host->seen->syncing = false;
	if (err != 0) {
		host->chain.head = before;
		return err;
	}
	host->sealed++;
	seen_set(host->seen, &host->chain.head);
	engine_checkpointed(host->engine, &record);
	return 0;
}

/* Says why the log cannot be written: once a minute, and when it is another reason. */
static void log_refused(struct host *host, int err)
{
	const uint64_t now_ns = clock_mono();

	if (err == host->write_err && now_ns - host->told_ns < TELL_NS)
		return;
	message(LOG_ERR, "cannot write the log in %s: %s: nothing is granted until I can",
		host->disk.path, strerror(err));
	host->write_err = err;
	host->told_ns = now_ns;
	host->told = true;
}

/* The log cannot be written: nothing is granted until log_retry() finds that it can. */
static void log_down(struct host *host, int err)
{
	log_refused(host, err);
	log_state(host, false);
}

static void rotate_if_due(struct host *host)
{
	const bool safe = engine_tokens_left(host->engine) <= TOKENS_LEAST;

	if (!safe && !disk_full(&host->disk))
		return;
	if (host->retry_ns != NEVER || host->rotate_ns > clock_mono())
		return;
	int err = rotate(host, safe);

	/* The old file goes on for as long as its checkpoint vouches for tokens. */
	host->rotate_ns = err ? clock_mono() + RETRY_MS * 1000000ULL : 0;
	if (err != 0 && err != host->rotate_err)
		message(LOG_ERR, "cannot begin a new log file in %s: %s", host->disk.path,
			strerror(err));
	host->rotate_err = err;
	if (err != 0 && host->disk.state != DISK_WHOLE)
		log_down(host, err);
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
		err = records_append(host, fx->records, fx->n_records);
	}
	const bool failed = fx->n_records && (down || err != 0);

	if (failed)
		batch_undo(host, fx);
	answers_give(host, fx, failed);
	fx->n_records = fx->n_answers = 0;
	free(host->spare);
	host->spare = fx;
	if (host->fx->n_records == 0 && host->fx->n_answers == 0) { /* the same again: it is cached */
		host->spare = host->fx;
		host->fx = fx;
	}
	if (err != 0)
		log_down(host, err);
}

void host_flush(struct host *host)
{
	while (host->fx->n_records || host->fx->n_answers)
		batch_flush(host);
	rotate_if_due(host);
}

/* Nothing else will do than a new file: what is owed goes to the old one, if that is there. 0, or an
 * errno. */
static int log_renew(struct host *host)
{
	const bool gone = host->disk.state == DISK_GONE;
	struct record record;
	int err = gone || !host->n_owed ? 0 : records_append(host, host->owed, host->n_owed);

	if (err != 0)
		return err;
	if (!gone)
		host->n_owed = 0;
	if ((err = rotate(host, true)) != 0)
		return err;
	own_init(host, &record, RECORD_RECOVER);
	strcpy(record.detail, "new-file");
	record.count = host->n_owed; /* lines that are not told: the checkpoint has what they did */
	host->n_owed = 0;
	return records_append(host, &record, 1);
}

/* Tries to make the log one that can be written again, and to write what is owed. */
static void log_retry(struct host *host)
{
	int err;

	host_flush(host); /* or a checkpoint would have what is still to be logged */
	err = disk_mend(&host->disk);
	if (err == ESTALE)
		err = log_renew(host);
	else if (err == 0 && host->n_owed)
		err = records_append(host, host->owed, host->n_owed);
	if (err != 0) {
		host->retry_ns = clock_mono() + RETRY_MS * 1000000ULL;
		log_refused(host, err);
		return;
	}
	if (host->told)
		message(LOG_NOTICE, "the log in %s can be written again", host->disk.path);
	host->told = false;
	host->n_owed = 0;
	log_state(host, true);
}

void host_step(struct host *host, struct event *event)
{
	if (!effects_room(host->fx))
		host_flush(host);
	if (event->now.mono_ns == 0)
		event->now = clock_now();
	engine_step(host->engine, event, host->fx);
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
	const struct known known = {.boot = host->boot, .head = seen_get(seen)};

	*host = (struct host){.retry_ns = NEVER, .fx = calloc(1, sizeof(*host->fx)), .seen = seen};
	host_name(host);
	clock_boot_id(host->boot);
	if (host->fx && disk_open(&host->disk, state, lock, known.head.seq == 0, keep)) {
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

static struct record *own_record(struct host *host, enum record_kind kind)
{
	struct record *record = effects_record(host->fx, kind, 0);

	own_init(host, record, kind);
	return record;
}

/* What of the log is not what it was, and where it went. */
static void damage_record(struct host *host, const struct recovery *found)
{
	const struct damage *damage = &host->disk.damage;
	struct record *record;

	if (damage->count > 0) {
		record = own_record(host, RECORD_CORRUPT_BREAK);
		record->count = damage->bytes;
		snprintf(record->detail, sizeof(record->detail),
			damage->count > 1 ? "%.80s+%u" : "%.80s", damage->name, damage->count - 1);
	}
	if (found->missing > 0 || found->another) {
		record = own_record(host, RECORD_CORRUPT_BREAK);
		record->count = found->missing;
		strcpy(record->detail, found->missing ? "end-missing" : "another-log");
		message(LOG_WARNING, "the log in %s is damaged: %s (%llu)", host->disk.path,
			record->detail, (unsigned long long)found->missing);
	}
}

/* Says what recovery found, and who comes: a daemon, or a server for one that died of `signal`. */
static void arrival_record(struct host *host, int signal)
{
	const struct recovery *found = &host->found;
	struct record *record;

	if (signal < 0) {
		record = own_record(host, RECORD_START);
		recovery_text(found, record->detail);
		if (found->boot[0])
			message(LOG_INFO, "the log in %s: %s", host->disk.path, record->detail);
	}
	damage_record(host, found);
	if (signal >= 0 || (found->boot[0] && found->running)) {
		record = own_record(host, RECORD_RECOVER);
		record->count = found->holds;
		record->signal = signal > 0 ? signal : 0;
	}
}

/* What the engine is to know of the log that was replayed. */
static struct event recover_event(const struct host *host)
{
	const struct recovery *found = &host->found;
	struct event event = {.kind = EVENT_RECOVER};

	event.same_boot = strcmp(found->boot, host->boot) == 0;
	event.trusted = !found->damaged && (event.same_boot || !found->boot[0]);
	if (found->damaged || host->disk.count == 0) /* what is lost may have granted any token */
		event.token = mark_read(host->disk.dir);
	if (found->torn) /* the rest of that batch may have granted some, if to nobody */
		event.token = host_next_token(host) + EFFECTS_MAX;
	if (found->damaged && event.token == 0)
		event.token = (uint64_t)clock_now().wall_ms * 1000;
	return event;
}

bool host_start(struct host *host, int signal)
{
	const bool again = signal >= 0;
	struct event event = recover_event(host);
	const bool unsynced = host->seen->syncing;
	char own[DETAIL_MAX + 1];

	event.keep = event.same_boot;
	strcpy(own, host->mount);
	mounts_join(host->mount, sizeof(host->mount), own,
		engine_recovering(host->engine) ? host->found.mount : "");
	if (host->disk.count == 0) {
		int err = rotate(host, true);

		if (err != 0) {
			message(LOG_ERR, "cannot write the log in %s: %s", host->disk.path,
				strerror(err));
			return false;
		}
	}
	arrival_record(host, signal);
	do
		host_step(host, &event);
	while (!event.keep && engine_recovering(host->engine));
	host_flush(host);
	/* Who was to be answered after that sync may be told so by us. */
	if (again && unsynced && disk_sync(&host->disk) != 0)
		message(LOG_ERR, "cannot sync the log in %s", host->disk.path);
	return again || host->retry_ns == NEVER;
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
	own_record(host, RECORD_STOP)->count = engine_totals(host->engine).holders;
	host_flush(host);
	disk_sync(&host->disk);
	witness_write(host->disk.dir, &host->chain.head);
}
