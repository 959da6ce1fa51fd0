/* See reports.h. */
#include "mosaic/reports.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "mosaic/mosaic.h"

/* The member that a report's number is in. */
static const char *const words[REPORTS] = {
	"wait_us", "timeout", "impatient", "frozen", "lost", "fenced", "recovered", "errno"};

void report_write(int fd, enum report report, uint64_t number)
{
	char line[96];
	int len = snprintf(line, sizeof(line), "{\"pid\":%d,\"%s\":%" PRIu64 "}\n", (int)getpid(),
		words[report], number);

	if (write(fd, line, (size_t)len) < 0)
		return;
}

const char *report_reason(int err)
{
	switch (err) {
	case EIO:
		return "the lock service cannot write its log, so it grants nothing: is the disk "
		       "full?";
	case ENOTCONN:
	case ECONNABORTED:
	case ESHUTDOWN: return "the lock service is gone";
	case ENOLCK: return "a limit of the lock service is reached";
	default: return strerror(err);
	}
}

int reports_open(struct reports *reports, const char *dir)
{
	*reports = (struct reports){0};
	reports->fd = mosaic_open(dir, MOSAIC_REPORTS, O_RDONLY);
	lines_init(&reports->lines, reports->fd);
	return reports->fd < 0 ? -1 : 0;
}

void reports_close(struct reports *reports)
{
	lines_finish(&reports->lines);
	if (reports->fd >= 0)
		close(reports->fd);
	reports->fd = -1;
}

void reports_pull(struct reports *reports)
{
	uint64_t number;
	char *line;
	size_t len;

	while (lines_next(&reports->lines, &line, &len) > 0) {
		int report = 0;

		while (report < REPORTS && !json_u64(line, words[report], &number))
			report++;
		if (report == REPORTS)
			continue;
		if (report == REPORT_WAIT)
			reports->waits_us[reports->counts[report] % REPORTS_WAITS] = number;
		if (report == REPORT_ERROR)
			reports->error = (int)number;
		reports->counts[report]++;
	}
}

static int wait_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t reports_percentile(const struct reports *reports, unsigned percent)
{
	uint64_t count = reports->counts[REPORT_WAIT], sorted[REPORTS_WAITS];

	if (count > REPORTS_WAITS)
		count = REPORTS_WAITS;
	if (count == 0)
		return 0;
	memcpy(sorted, reports->waits_us, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), wait_order);
	return sorted[(count * percent + 99) / 100 - 1];
}
