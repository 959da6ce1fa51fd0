/* The engine's state as its users read it: JSON, names and metrics. Nothing here changes anything;
 * the same state at the same moment gives the same bytes. */
#ifndef CORE_VIEW_H
#define CORE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "engine.h"

/* What only the host knows of what is shown. */
struct view {
	const struct engine *engine;
	struct now now;
	const char *host;
	/* Whether the process still runs: "alive", "dead" or "unknown". */
	const char *(*pid_status)(struct process_id process);
	/* The process that was seen to have an orphan; 0: nobody was. NULL: nobody looks. */
	int32_t (*keeper)(const void *context, uint64_t id);
	const void *context;
};

/* The contract's object for one name, used or not; `version` puts {"version":1 first. */
void view_name(const struct view *view, const char *name, bool version, struct text *text);

/* Elements of the arrays "locks" and "freezes", with commas between them. */
void view_locks(const struct view *view, struct text *text);
void view_freezes(const struct view *view, struct text *text);

/* The object of counts for "totals". */
void view_totals(const struct view *view, struct text *text);

/* What the holder of this claim reads: one line, newline included. False: there is no such hold. */
bool view_hold(const struct view *view, uint64_t id, struct text *text);

/* The lease on this name, likewise. */
bool view_lease(const struct view *view, const char *name, struct text *text);

/* The freeze set on this very name as one line; false if there is none. */
bool view_freeze(const struct view *view, const char *name, struct text *text);

/* Counters and gauges in Prometheus's text format. */
void view_metrics(const struct view *view, struct text *text);

/* The names in use, only the frozen ones ("@all" first), or the leased ones, each ended by a NUL. */
enum listing { LISTING_USED, LISTING_FROZEN, LISTING_LEASED };
void view_names(const struct engine *engine, enum listing listing, struct text *text);

/* Who `ls -l` shows for names, as in spec::names: the user and the time (milliseconds since 1970) of the
 * first hold, else of the first freeze. False while there is neither. */
bool view_owner(const struct engine *engine, const char *names, uint32_t *uid, int64_t *wall_ms);
bool view_freeze_owner(
	const struct engine *engine, const char *name, uint32_t *uid, int64_t *wall_ms);

#endif
