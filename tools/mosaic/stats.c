/* See stats.h. */
#include "mosaic/stats.h"

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

int stats_open(struct stats *stats, const char *dir)
{
	*stats = (struct stats){0};
	stats->fd = mosaic_open(dir, MOSAIC_REPORTS, O_RDONLY);
	lines_init(&stats->lines, stats->fd);
	return stats->fd < 0 ? -1 : 0;
}

void stats_close(struct stats *stats)
{
	lines_finish(&stats->lines);
	if (stats->fd >= 0)
		close(stats->fd);
	stats->fd = -1;
}

void stats_pull(struct stats *stats)
{
	uint64_t number;
	char *line;
	size_t len;

	while (lines_next(&stats->lines, &line, &len) > 0) {
		int report = 0;

		while (report < REPORTS && !json_u64(line, words[report], &number))
			report++;
		if (report == REPORTS)
			continue;
		if (report == REPORT_WAIT)
			stats->waits_us[stats->counts[report] % STATS_WAITS] = number;
		if (report == REPORT_ERROR)
			stats->error = (int)number;
		stats->counts[report]++;
	}
}

static int wait_order(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

uint64_t stats_percentile(const struct stats *stats, unsigned percent)
{
	uint64_t count = stats->counts[REPORT_WAIT], sorted[STATS_WAITS];

	if (count > STATS_WAITS)
		count = STATS_WAITS;
	if (count == 0)
		return 0;
	memcpy(sorted, stats->waits_us, count * sizeof(sorted[0]));
	qsort(sorted, count, sizeof(sorted[0]), wait_order);
	return sorted[(count * percent + 99) / 100 - 1];
}
