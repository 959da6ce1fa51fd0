/* The host's log: lines are appended to it, it is begun anew with a checkpoint, and mended. */
#ifndef FS_JOURNAL_H
#define FS_JOURNAL_H

#include "host.h"

#define RETRY_MS 250 /* between two tries of a log that could not be written */

/* Appends these records, all or none; what outlives the machine is synced. 0, or an errno. */
int journal_append(struct host *host, const struct record *records, size_t count);

/* Begins a new segment with a checkpoint of the state. It raises the limit of tokens if it is `safe` from a crash
 * of the machine, or says it again. 0, or an errno. */
int journal_rotate(struct host *host, bool safe);

/* The same when it is time for it. 0, or an errno if the log cannot be written any more. */
int journal_rotate_if_due(struct host *host);

/* Nothing else will do than a new file: what is owed goes to the old one, if that is there. 0, or an errno. */
int journal_renew(struct host *host);

/* Says why the log cannot be written: once a minute, and when it is another reason. */
void journal_refused(struct host *host, int err);

/* Makes a line of the daemon's own. */
void journal_own(const struct host *host, struct record *record, enum record_kind kind);

/* The same for the batch, which must have room. */
struct record *journal_record(struct host *host, enum record_kind kind);

#endif
