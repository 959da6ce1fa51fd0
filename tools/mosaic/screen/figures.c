/* See figures.h. */
#include "mosaic/screen/figures.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "bar.h"
#include "mosaic/link.h"
#include "mosaic/mosaic.h"
#include "mosaic/screen/layout.h"
#include "mosaic/screen/paint.h"
#include "mosaic/screen/side.h"
#include "mosaic/reports.h"
#include "mosaic/watch.h"

#define FIGURES 12
#define LEAST 19 /* columns of one */
#define GAP 4    /* between two, where there is room */

/* A label and a number. */
struct figure {
	const char *label;
	char value[24];
	enum tint tint;
};

struct figures {
	struct figure all[FIGURES];
	int count;
};

static void figure_add(struct figures *figures, enum tint tint, const char *label,
	const char *format, ...) __attribute__((format(printf, 4, 5)));

static void figure_add(
	struct figures *figures, enum tint tint, const char *label, const char *format, ...)
{
	struct figure *figure = &figures->all[figures->count++];
	va_list args;

	figure->label = label;
	figure->tint = tint;
	va_start(args, format);
	vsnprintf(figure->value, sizeof(figure->value), format, args);
	va_end(args);
}

/* A count of what should not be; in a colour once there is any. */
static void count_add(struct figures *figures, enum tint tint, const char *label, uint64_t count)
{
	figure_add(figures, count ? tint : TINT_PLAIN, label, "%" PRIu64, count);
}

static void wait_add(struct figures *figures, const char *label, uint64_t us)
{
	if (us < 100000)
		figure_add(figures, TINT_PLAIN, label, "%.1f ms", (double)us / 1000);
	else if (us < 10000000)
		figure_add(figures, TINT_PLAIN, label, "%" PRIu64 " ms", us / 1000);
	else
		figure_add(figures, TINT_PLAIN, label, "%" PRIu64 " s", us / 1000000);
}

/* The important ones first. */
static void figures_fill(struct figures *figures, const struct side *side)
{
	const uint64_t *counts = side->reports->counts;
	bool locked = mosaic_locked(side->mosaic);

	figures->count = 0;
	figure_add(figures, TINT_PLAIN, "rate 1 s", "%.1f /s", side->rate);
	figure_add(figures, TINT_PLAIN, "10 s", "%.1f /s", side->rate_long);
	if (locked) {
		wait_add(figures, "wait p50", side->wait_half);
		wait_add(figures, "p95", side->wait_most);
	}
	figure_add(figures, TINT_PLAIN, "workers", "%" PRIu64, side->news->alive);
	if (!locked)
		return;
	figure_add(figures, TINT_PLAIN, "waiting", "%" PRIu64, side->sight->waiting);
	count_add(figures, TINT_WAIT, "timeouts", counts[REPORT_TIMEOUT]);
	count_add(figures, TINT_WAIT, "impatient", counts[REPORT_IMPATIENT]);
	count_add(figures, TINT_BAD, "killed", side->news->killed);
	count_add(figures, TINT_GOOD, "recovered", counts[REPORT_RECOVERED]);
	count_add(figures, TINT_WAIT, "lost", counts[REPORT_LOST]);
	count_add(figures, TINT_GOOD, "fenced", counts[REPORT_FENCED]);
}

static int columns_of(int wide)
{
	return wide / LEAST < 1 ? 1 : wide / LEAST;
}

int figures_lines(const struct side *side, int wide)
{
	struct figures figures;

	figures_fill(&figures, side);
	return (figures.count + columns_of(wide) - 1) / columns_of(wide);
}

void figures_draw(const struct side *side, const struct box *box, int lines)
{
	int columns = columns_of(box->wide), gap = box->wide / columns > LEAST + 1 ? GAP : 2;
	int wide = (box->wide + gap) / columns - gap;
	struct figures figures;

	figures_fill(&figures, side);
	for (int i = 0; i < figures.count && i < lines * columns; i++) {
		const struct figure *figure = &figures.all[i];
		int y = box->y + i / columns, x = box->x + i % columns * (wide + gap);
		int used = text_draw(y, x, wide, paint_tint(TINT_QUIET), figure->label) + 1;

		text_right(y, x + used, wide - used, paint_tint(figure->tint), figure->value);
	}
}
