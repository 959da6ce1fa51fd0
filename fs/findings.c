/* See findings.h. */
#include "findings.h"

#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "journal.h"
#include "message.h"

void findings_aside(struct host *host)
{
	struct damage *damage = &host->disk.damage;
	struct record *record;

	if (damage->count == 0)
		return;
	record = journal_record(host, RECORD_CORRUPT_BREAK);
	record->count = damage->bytes;
	snprintf(record->detail, sizeof(record->detail), damage->count > 1 ? "%.80s+%u" : "%.80s",
		damage->name, damage->count - 1);
	damage->count = 0;
	damage->bytes = 0;
}

/* Says to the operator what it means that lines are missing, or others than were seen. */
static void damage_tell(const struct host *host, const struct recovery *found)
{
	const struct damage *damage = &host->disk.damage;
	char what[64] = "it is another than was written last", more[32] = "";

	if (found->missing > 0)
		snprintf(what, sizeof(what), "the last %llu lines are missing",
			(unsigned long long)found->missing);
	if (damage->count > 1)
		snprintf(more, sizeof(more), " and %u more", damage->count - 1);
	message(LOG_WARNING,
		"the log in %s is damaged: %s; holds, leases and freezes of which only such lines "
		"told are gone, and tokens jump above any that may have been granted; set aside: "
		"%s%s",
		host->disk.path, what, damage->count > 0 ? damage->name : "nothing", more);
}

/* What of the log is not what it was, and where it went. */
static void damage_record(struct host *host, const struct recovery *found)
{
	struct record *record;

	if (found->missing > 0 || found->another)
		damage_tell(host, found);
	findings_aside(host);
	if (found->missing > 0 || found->another) {
		record = journal_record(host, RECORD_CORRUPT_BREAK);
		record->count = found->missing;
		strcpy(record->detail, found->missing ? "end-missing" : "another-log");
	}
}

void findings_record(struct host *host, int signal)
{
	const struct recovery *found = &host->found;
	struct record *record;

	if (signal < 0) {
		record = journal_record(host, RECORD_START);
		recovery_text(found, record->detail);
		if (found->boot[0])
			message(LOG_INFO, "the log in %s: %s", host->disk.path, record->detail);
	}
	damage_record(host, found);
	if (signal >= 0 || (found->boot[0] && found->running)) {
		record = journal_record(host, RECORD_RECOVER);
		record->count = found->holds;
		record->signal = signal > 0 ? signal : 0;
	}
}
