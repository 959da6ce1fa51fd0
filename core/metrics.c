/* The engine's counters in Prometheus's text format. See view.h. */
#include "view.h"

static void metric(
	struct text *text, const char *name, const char *type, const char *help, uint64_t value)
{
	text_printf(text, "# HELP lokt_%s %s\n# TYPE lokt_%s %s\n", name, help, name, type);
	text_printf(text, "lokt_%s ", name);
	text_u64(text, value);
	text_put(text, "\n");
}

static void denials_write(const struct counters *counters, struct text *text)
{
	text_put(text,
		"# HELP lokt_denials_total Requests denied, by reason, since the server began.\n"
		"# TYPE lokt_denials_total counter\n");
	for (enum reason reason = REASON_HELD; reason <= REASON_CANCELLED; reason++) {
		text_printf(text, "lokt_denials_total{reason=\"%s\"} ", reason_word(reason));
		text_u64(text, counters->denials[reason]);
		text_put(text, "\n");
	}
}

void view_metrics(const struct view *view, struct text *text)
{
	const struct totals totals = engine_totals(view->engine);
	const struct counters *counters = engine_counters(view->engine);

	metric(text, "names", "gauge", "Names that are held, waited for or frozen.", totals.names);
	metric(text, "holders", "gauge", "Holds now.", totals.holders);
	metric(text, "leases", "gauge", "Those of them that are leases.", totals.leases);
	metric(text, "waiters", "gauge", "Waiters now.", totals.waiters);
	metric(text, "freezes", "gauge", "Freezes now.", totals.freezes);
	metric(text, "readers", "gauge", "Open readers of the audit stream.", totals.readers);
	metric(text, "grants_total", "counter", "Holds granted, since the server began.",
		counters->grants);
	metric(text, "releases_total", "counter",
		"Holds closed by their holder, since the server began.", counters->releases);
	metric(text, "renewals_total", "counter", "TTLs renewed, since the server began.",
		counters->renewals);
	metric(text, "expired_total", "counter",
		"Holds lost because their TTL passed, since the server began.", counters->expired);
	metric(text, "pruned_total", "counter", "Holds whose holder died, since the server began.",
		counters->pruned);
	metric(text, "broken_total", "counter", "Holds broken by somebody, since the server began.",
		counters->broken);
	metric(text, "freezes_total", "counter", "Freezes set or moved, since the server began.",
		counters->freezes);
	denials_write(counters, text);
}
