/* See summary.h. */
#include "mosaic/summary.h"

#include <inttypes.h>
#include <stdio.h>

#include "json.h"
#include "mosaic/board.h"
#include "mosaic/crew.h"
#include "mosaic/link.h"
#include "mosaic/mosaic.h"
#include "mosaic/reports.h"
#include "when.h"

/* What came in between, each with its number; nothing of what did not. */
static void mishaps_print(const struct summary *summary)
{
	const uint64_t *counts = summary->reports->counts;
	const struct {
		uint64_t count;
		const char *word;
	} all[] = {{counts[REPORT_TIMEOUT] + counts[REPORT_IMPATIENT], "timed out"},
		{summary->crew->killed, "killed"}, {counts[REPORT_LOST], "lost"},
		{counts[REPORT_FENCED], "refused for an old token"},
		{counts[REPORT_RECOVERED], "recovered"}};
	const char *comma = "";

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		if (!all[i].count)
			continue;
		printf("%s%" PRIu64 " %s", comma, all[i].count, all[i].word);
		comma = ", ";
	}
	if (*comma)
		putchar('\n');
}

/* How long the log is by now, and where its chain ends. */
static void log_print(const struct mosaic *mosaic)
{
	cJSON *status = mosaic_locked(mosaic) ? mount_status(&mosaic->mount, NULL) : NULL;
	const cJSON *log = json_object(status, "log");

	if (log)
		printf("The audit log has %" PRId64 " chained events, to %.12s\n",
			json_int(log, "seq", 0), json_text(log, "h"));
	cJSON_Delete(status);
}

/* What it was like, once it is over. */
void summary_print(const struct summary *summary)
{
	char took[WHEN_TEXT];

	when_spell(took, summary->took_ms);
	printf("%" PRIu64 " of %" PRIu64 " tiles by %" PRIu64 " worker%s in %s%s",
		summary->board->done, summary->board->total, summary->mosaic->workers,
		summary->mosaic->workers == 1 ? "" : "s", took,
		summary->stopped ? "; stopped" : "");
	if (mosaic_locked(summary->mosaic))
		printf("; wait p50 %.0f ms, p95 %.0f ms\n",
			(double)reports_percentile(summary->reports, 50) / 1000,
			(double)reports_percentile(summary->reports, 95) / 1000);
	else
		puts("; NO LOCK");
	mishaps_print(summary);
	if (summary->word->frames)
		printf("%.1f frames a second, the longest pause %u ms\n",
			summary->word->frames * 1000.0 / (double)summary->took_ms,
			summary->word->slowest_ms);
	log_print(summary->mosaic);
}
