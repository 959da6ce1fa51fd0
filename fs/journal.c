/* See journal.h. */
#include "journal.h"

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "core/timer.h"
#include "message.h"
#include "note.h"

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

int journal_append(struct host *host, const struct record *records, size_t count)
{
	const struct chain_head before = host->chain.head;
	const uint64_t end = disk_end(&host->disk);
	const bool look = clock_mono_coarse() - host->looked_ns > LOOK_NS;
	const bool owed = host->seen->syncing; /* by a server before, for lines of its own */
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
	host->seen->syncing = owed || sync;
	err = host->batch.failed ? ENOMEM
				 : disk_append(&host->disk, host->batch.data, host->batch.len);
	if (host->disk.state == DISK_DOUBTED) /* a safe checkpoint follows */
		sync = false;
	if (err == 0 && sync && (err = disk_sync(&host->disk)) != 0)
		disk_cut(&host->disk, end);
	host->seen->syncing = owed && !(err == 0 && sync);
	if (err != 0) {
		host->chain.head = before;
		return err;
	}
	host->sealed += count;
	seen_set(host->seen, &host->chain.head, disk_end(&host->disk));
	if (look)
		note_end_write(host->disk.dir, &host->chain.head);
	return 0;
}

void journal_own(const struct host *host, struct record *record, enum record_kind kind)
{
	record_init(record, kind, clock_now().wall_ms);
	record->uid = geteuid();
	record->pid = getpid();
	strcpy(record->boot, host->boot);
	strcpy(record->mount, host->mount);
}

struct record *journal_record(struct host *host, enum record_kind kind)
{
	struct record *record = effects_record(host->fx, kind, 0);

	journal_own(host, record, kind);
	return record;
}

int journal_rotate(struct host *host, bool safe)
{
	const struct chain_head before = host->chain.head;
	const uint64_t left = engine_tokens_left(host->engine);
	const bool owed = host->seen->syncing;
	struct record record;
	int err;

	journal_own(host, &record, RECORD_CHECKPOINT);
	engine_checkpoint(host->engine, &record);
	if (!safe)
		record.token_limit = record.next_token + left;
	host->batch.len = 0;
	host->batch.failed = false;
	line_add(host, &record);
	err = host->batch.failed ? ENOMEM : 0;
	if (err == 0 && safe)
		err = note_tokens_raise(host->disk.dir, record.token_limit);
	host->seen->syncing = owed || safe;
	if (err == 0)
		err = disk_rotate(&host->disk, host->batch.data, host->batch.len, safe);
	host->seen->syncing = owed && !(err == 0 && safe);
	if (err != 0) {
		host->chain.head = before;
		return err;
	}
	host->sealed++;
	seen_set(host->seen, &host->chain.head, disk_end(&host->disk));
	engine_checkpointed(host->engine, &record);
	note_end_write(host->disk.dir, &host->chain.head); /* or nobody would miss this file */
	return 0;
}

void journal_refused(struct host *host, int err)
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

int journal_rotate_if_due(struct host *host)
{
	const bool safe = engine_tokens_left(host->engine) <= TOKENS_LEAST;

	if (!safe && !disk_full(&host->disk))
		return 0;
	if (host->retry_ns != NEVER || host->rotate_ns > clock_mono())
		return 0;
	int err = journal_rotate(host, safe);

	/* The old file goes on for as long as its checkpoint vouches for tokens. */
	host->rotate_ns = err ? clock_mono() + RETRY_MS * 1000000ULL : 0;
	if (err != 0 && err != host->rotate_err)
		message(LOG_ERR, "cannot begin a new log file in %s: %s", host->disk.path,
			strerror(err));
	host->rotate_err = err;
	return host->disk.state != DISK_WHOLE ? err : 0;
}

int journal_renew(struct host *host)
{
	const bool gone = host->disk.state == DISK_GONE;
	struct record record;
	int err = gone || !host->n_owed ? 0 : journal_append(host, host->owed, host->n_owed);

	if (err != 0)
		return err;
	if (!gone)
		host->n_owed = 0;
	if ((err = journal_rotate(host, true)) != 0)
		return err;
	journal_own(host, &record, RECORD_RECOVER);
	strcpy(record.detail, "new-file");
	record.count = host->n_owed; /* lines that are not told: the checkpoint has what they did */
	host->n_owed = 0;
	return journal_append(host, &record, 1);
}
