/* See sample.h. */
#include "mosaic/sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "mosaic/board.h"
#include "mosaic/crew.h"
#include "mosaic/link.h"
#include "mosaic/reports.h"
#include "when.h"

void sample_write(int fd, const struct board *board, const struct reports *reports,
	const struct crew *crew, const struct link_word *word)
{
	const uint64_t *counts = reports->counts;
	char line[512], stamp[WHEN_STAMP];
	int len;

	when_stamp(stamp, 0);
	len = snprintf(line, sizeof(line),
		"{\"ts\":\"%s\",\"done\":%" PRIu64 ",\"total\":%" PRIu64
		",\"rate_1s\":%.1f,\"rate_10s\":%.1f,\"wait_p50_ms\":%.1f,\"wait_p95_ms\":%.1f"
		",\"timeouts\":%" PRIu64 ",\"impatient\":%" PRIu64 ",\"lost\":%" PRIu64
		",\"fenced\":%" PRIu64 ",\"recovered\":%" PRIu64
		",\"workers\":%zu,\"killed\":%zu,\"frames\":%u,\"late\":%u,\"slowest_ms\":%u}\n",
		stamp, board->done, board->total, board_rate(board, 1), board_rate(board, 10),
		(double)reports_percentile(reports, 50) / 1000,
		(double)reports_percentile(reports, 95) / 1000, counts[REPORT_TIMEOUT],
		counts[REPORT_IMPATIENT], counts[REPORT_LOST], counts[REPORT_FENCED],
		counts[REPORT_RECOVERED], crew->alive, crew->killed, word->frames, word->late,
		word->slowest_ms);
	if (write(fd, line, (size_t)len) < 0)
		return;
}
