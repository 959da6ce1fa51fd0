/* See hooks.h. */
#include "mosaic/hooks.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "freeze.h"
#include "mosaic/board.h"
#include "mosaic/evidence.h"
#include "mosaic/mosaic.h"
#include "mosaic/plan.h"
#include "mosaic/victim.h"
#include "when.h"

#define KILL_TRIES 20      /* a tick */
#define KILL_PATIENCE 5000 /* ms: so long a holder is looked for */
#define NOTE_MS 4000       /* so long a note is news */

void hooks_note(struct hooks *hooks, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(hooks->note, sizeof(hooks->note), format, args);
	va_end(args);
	hooks->note_ms = when_ms() + NOTE_MS;
}

/* Freezes the lock, or lifts that. Whether it was done. */
static bool hooks_freeze(struct hooks *hooks, bool freeze)
{
	const struct mosaic *mosaic = hooks->mosaic;
	char time[WHEN_TEXT];
	int err = freeze ? freeze_write(&mosaic->mount, mosaic->name, hooks->plan->freeze_ms)
			 : freeze_lift(&mosaic->mount, mosaic->name);

	when_spell(time, hooks->plan->freeze_ms);
	if (err == ENOENT)
		hooks_note(hooks, "it is not frozen");
	else if (err)
		hooks_note(hooks, "%s: %s", freeze ? "cannot freeze" : "cannot unfreeze",
			strerror(err));
	else if (freeze)
		hooks_note(hooks, "frozen for %s: u lifts it", time);
	else
		hooks_note(hooks, "unfrozen");
	return err == 0;
}

static void kill_try(struct hooks *hooks)
{
	pid_t pid = 0;

	for (int i = 0; i < KILL_TRIES && pid == 0; i++)
		pid = victim_kill(hooks->mosaic, hooks->crew);
	if (pid == 0 && when_ms() - hooks->killing_ms < KILL_PATIENCE)
		return;
	hooks->killing = false;
	if (pid < 0)
		hooks_note(hooks, "the holder is none of the workers");
	else if (pid == 0)
		hooks_note(hooks, "nobody holds it");
	else
		hooks_note(hooks, "killed the holder, pid %d", (int)pid);
	if (pid <= 0 || hooks->killed)
		return;
	hooks->killed = hooks->evidence->victim = pid;
	hooks->killed_at = board_percent(hooks->board);
}

static void kill_begin(struct hooks *hooks)
{
	if (hooks->killing)
		return;
	hooks->killing = true;
	hooks->killing_ms = when_ms();
}

void hooks_tick(struct hooks *hooks)
{
	uint64_t done = hooks->board->done, total = hooks->board->total;
	const struct plan *plan = hooks->plan;

	if (*hooks->note && when_ms() > hooks->note_ms)
		*hooks->note = '\0';
	if (done == total) /* whoever has the lock now only looks that there is nothing left */
		return;
	if (!hooks->frozen && plan->freeze_at != PLAN_NEVER &&
		done * 100 >= total * plan->freeze_at) {
		hooks->frozen_at = board_percent(hooks->board);
		hooks->evidence->freezing = hooks->frozen = hooks_freeze(hooks, true);
	}
	if (!hooks->killed && plan->kill_at != PLAN_NEVER && done * 100 >= total * plan->kill_at)
		kill_begin(hooks);
	if (hooks->killing)
		kill_try(hooks);
	if (!hooks->corrupt && plan->corrupt_at != PLAN_NEVER &&
		done * 100 >= total * plan->corrupt_at) {
		hooks->corrupt = true;
		hooks->corrupted_at = board_percent(hooks->board);
	}
}

void hooks_key(struct hooks *hooks, char key)
{
	if (!mosaic_locked(hooks->mosaic))
		hooks_note(hooks, "there is no lock");
	else if (key == 'k')
		kill_begin(hooks);
	else
		hooks_freeze(hooks, key == 'f');
}
