/* See findings.h. */
#include "mosaic/findings.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "lines.h"
#include "mosaic/evidence.h"
#include "mosaic/hooks.h"
#include "mosaic/mosaic.h"
#include "mosaic/plan.h"
#include "mosaic/reports.h"
#include "mosaic/verify/verdict.h"
#include "say.h"
#include "when.h"

/* Prints a line; returns what it got. */
static bool finding(bool seen, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool finding(bool seen, const char *format, ...)
{
	bool colour = say_colour(stdout);
	va_list args;

	printf("  %s%-8s%s  ",
		!colour        ? ""
			: seen ? "\033[32m"
			       : "\033[1;31m",
		seen ? "seen" : "NOT SEEN", colour ? "\033[0m" : "");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	return seen;
}

/* The mosaic is what it should be. */
static bool verified(const struct findings *findings)
{
	return findings->verdict && verdict_broken(findings->verdict) == 0;
}

/* Tiles of the ledger, by when they were painted and by whom. */
struct tally {
	uint64_t frozen, thawed; /* while the lock was frozen, and after */
	uint64_t recovered;      /* after the victim's hold was ended */
	uint64_t repaired;       /* after the damage of the log was found */
	uint64_t patient;        /* by workers that wait their time */
};

static bool pid_is_impatient(const struct findings *findings, pid_t pid)
{
	for (uint64_t i = 0; i < findings->mosaic->impatient; i++)
		if (findings->impatient[i] == pid)
			return true;
	return false;
}

static void line_tally(struct tally *tally, const struct findings *findings, const char *line)
{
	const struct evidence *evidence = findings->evidence;
	const char *ts = strstr(line, "\"ts\":\"");
	uint64_t pid = 0;

	if (!ts)
		return;
	ts += strlen("\"ts\":\"");

	size_t len = strcspn(ts, "\"");
	bool after = *evidence->thawed && strncmp(ts, evidence->thawed, len) >= 0;

	tally->thawed += after;
	tally->frozen += *evidence->frozen && !after && strncmp(ts, evidence->frozen, len) > 0;
	tally->recovered += *evidence->recovered && strncmp(ts, evidence->recovered, len) >= 0;
	tally->repaired += *evidence->corrupt && strncmp(ts, evidence->corrupt, len) > 0;
	tally->patient += json_u64(line, "pid", &pid) && !pid_is_impatient(findings, (pid_t)pid);
}

static struct tally tally_take(const struct findings *findings)
{
	int fd = mosaic_open(findings->mosaic->dir, MOSAIC_LEDGER, O_RDONLY);
	struct tally tally = {0};
	struct lines lines;
	char *line;
	size_t len;

	lines_init(&lines, fd);
	while (fd >= 0 && lines_next(&lines, &line, &len) > 0)
		line_tally(&tally, findings, line);
	lines_finish(&lines);
	if (fd >= 0)
		close(fd);
	return tally;
}

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* A freeze does not end the hold that there is: its tile may still come. */
static bool freeze_print(const struct findings *findings, const struct tally *tally)
{
	const struct evidence *evidence = findings->evidence;
	char time[WHEN_TEXT];
	int64_t thawed_ms;
	bool all;

	if (!*evidence->thawed)
		return finding(false, "the lock is frozen, and thaws");
	thawed_ms = when_age_ms(evidence->thawed); /* asked first: time goes on in between */
	when_spell(time, when_age_ms(evidence->frozen) - thawed_ms);
	all = finding(true, "the lock was frozen at %u %%, %s after %s", findings->hooks->frozen_at,
		evidence->lifted ? "and somebody lifted that" : "and thawed by itself", time);
	all &= finding(evidence->denied > 0,
		"the audit has the denials while it was frozen: %" PRIu64, evidence->denied);
	all &= finding(tally->frozen <= 1,
		"the painting stopped: %" PRIu64 " tile%s came meanwhile%s", tally->frozen,
		plural(tally->frozen), tally->frozen == 1 ? ", of who held the lock already" : "");
	all &= finding(tally->thawed > 0, "and went on after the thaw: %" PRIu64 " tile%s",
		tally->thawed, plural(tally->thawed));
	return all;
}

static bool kill_print(const struct findings *findings, const struct tally *tally)
{
	const struct evidence *evidence = findings->evidence;
	bool all;

	if (findings->hooks->killed <= 0)
		return finding(false, "the holder is killed");
	all = finding(true, "who held the lock was killed at %u %%: pid %d",
		findings->hooks->killed_at, (int)findings->hooks->killed);
	if (!*evidence->recovered)
		return finding(false, "the audit has the recovery of its hold");
	all &= finding(true, "the audit has the recovery of its hold: auto-prune, at %.12s",
		evidence->recovered + strlen("2026-01-01T"));
	all &= finding(tally->recovered > 0, "and the others went on: %" PRIu64 " tile%s",
		tally->recovered, plural(tally->recovered));
	all &= finding(verified(findings), "no tile was lost, none painted twice");
	return all;
}

static bool corrupt_print(const struct findings *findings, const struct tally *tally)
{
	const struct hooks *hooks = findings->hooks;
	const char *corrupt = findings->evidence->corrupt;
	bool all;

	if (!hooks->corrupted)
		return finding(false, "the lock service is killed and its log damaged");
	all = finding(true, "the lock service was killed at %u %%, its log damaged: %s",
		hooks->corrupted_at, hooks->damage);
	if (!*corrupt)
		return finding(false, "the audit has that: corrupt-break");
	all &= finding(true,
		"the audit has that: corrupt-break, at %.12s; what failed its check is set aside",
		corrupt + strlen("2026-01-01T"));
	all &= finding(tally->repaired > 0, "and it went on: %" PRIu64 " tile%s", tally->repaired,
		plural(tally->repaired));
	all &= finding(verified(findings), "no tile was lost, and the tokens went on growing");
	return all;
}

static bool nolock_print(const struct findings *findings)
{
	const struct fault *faults = findings->verdict ? findings->verdict->faults : NULL;

	if (!faults || (!faults[INVARIANT_ONCE].count && !faults[INVARIANT_CHAIN].count))
		return finding(false, "without the lock they get in each other's way");
	return finding(true,
		"without the lock it failed: %" PRIu64 " tiles painted twice, %" PRIu64
		" lines out of the chain",
		faults[INVARIANT_ONCE].count, faults[INVARIANT_CHAIN].count);
}

static bool impatient_print(const struct findings *findings, const struct tally *tally)
{
	uint64_t timeouts = findings->reports->counts[REPORT_IMPATIENT];
	uint64_t workers = findings->mosaic->impatient;
	bool all;

	if (timeouts == 0)
		return finding(false,
			"somebody gives up: no wait took %d ms; more workers, or a longer "
			"--chunk-delay",
			MOSAIC_IMPATIENT_MS);
	all = finding(true, "%" PRIu64 " worker%s gave up after %d ms, %" PRIu64 " time%s", workers,
		plural(workers), MOSAIC_IMPATIENT_MS, timeouts, plural(timeouts));
	all &= finding(tally->patient > 0, "while the others moved: %" PRIu64 " tile%s",
		tally->patient, plural(tally->patient));
	return all;
}

bool findings_print(const struct findings *findings)
{
	const struct plan *plan = findings->plan;
	struct tally tally = tally_take(findings);
	bool all = true;

	if (plan->scenario != SCENARIO_NONE)
		printf("Scenario %s, what was to be seen:\n", scenario_word(plan->scenario));
	else if (plan_is_set(plan))
		puts("What was to be seen:");
	if (plan->freeze_at != PLAN_NEVER)
		all &= freeze_print(findings, &tally);
	if (plan->kill_at != PLAN_NEVER)
		all &= kill_print(findings, &tally);
	if (plan->corrupt_at != PLAN_NEVER)
		all &= corrupt_print(findings, &tally);
	if (findings->mosaic->impatient)
		all &= impatient_print(findings, &tally);
	if (plan->scenario == SCENARIO_HAPPY)
		all &= finding(findings->evidence->renewals > 0,
			"the audit has the renewals of the holders: %" PRIu64,
			findings->evidence->renewals);
	if (plan->scenario == SCENARIO_NOLOCK)
		all &= nolock_print(findings);
	else if (plan->scenario != SCENARIO_NONE)
		all &= finding(verified(findings), "every tile is there, once");
	return all;
}
