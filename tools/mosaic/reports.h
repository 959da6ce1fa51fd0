/* What the workers report while they paint: how long they waited, and what got in their way. Each
 * report is one short line, appended to a file by one write. */
#ifndef MOSAIC_REPORTS_H
#define MOSAIC_REPORTS_H

#include <stdint.h>

#include "lines.h"

#define REPORTS_WAITS 4096 /* the waits that the percentiles are of: the last so many */

enum report {
	REPORT_WAIT,      /* got the lock; the number is microseconds */
	REPORT_TIMEOUT,   /* gave up waiting */
	REPORT_IMPATIENT, /* the same, by one of the impatient */
	REPORT_FROZEN,    /* was refused for a freeze, the first time in a row */
	REPORT_LOST,      /* the hold was lost before the tile was in the ledger: not committed */
	REPORT_FENCED,    /* the files refused it: they had seen a newer token */
	REPORT_RECOVERED, /* took over the tile of that number: somebody died over it, or sleeps */
	REPORT_ERROR,     /* the number is an errno */
	REPORTS
};

struct reports {
	int fd; /* owned */
	struct lines lines;
	uint64_t counts[REPORTS];
	uint64_t waits_us[REPORTS_WAITS]; /* a ring of counts[REPORT_WAIT] entries */
	int error;                        /* the last errno reported; 0: none */
};

/* Appends a report of the calling worker's; an error is not worth stopping for. */
void report_write(int fd, enum report report, uint64_t number);

/* An errno that a worker reported, in words: the mount's own meanings first. */
const char *report_reason(int err);

/* Opens the mosaic's reports in `dir`. Returns 0, or -1 with errno. */
int reports_open(struct reports *reports, const char *dir);
void reports_close(struct reports *reports);

/* Takes in what was reported since the last time. */
void reports_pull(struct reports *reports);

/* Of the last waits, the one that `percent` of them do not exceed, in microseconds; 0 if none. */
uint64_t reports_percentile(const struct reports *reports, unsigned percent);

#endif
