/* See sight.h. */
#include "sight.h"

#include <string.h>

#include "proc.h"
#include "process.h"
#include "search.h"

int orphan_compare(const void *a, const void *b)
{
	return strcmp(((const struct orphan *)a)->names, ((const struct orphan *)b)->names);
}

static bool device_wanted(void *context, dev_t device)
{
	return mounts_have(&((const struct look *)context)->mounts, device);
}

/* Which process this number is. */
static struct process_id process_of(struct look *look, int32_t pid)
{
	struct stat_line stat;

	if (look->process.pid != pid)
		look->process = (struct process_id){pid, stat_read(pid, &stat) ? stat.start_ns : 0};
	return look->process;
}

/* Whether the process that opened it runs still. */
static bool opener_runs(const struct orphan *orphan)
{
	int32_t signal;

	return orphan->opener && process_end(orphan->opener, &signal) == REASON_NONE;
}

/* The process has the hold, as far as is known. What is seen counts for more than what may be, and
 * of several the opener. With `bind=pid` another counts for nothing once the opener is gone. */
static void orphan_mark(struct orphan *orphan, struct process_id process, enum sight sight)
{
	const bool opener = process_same(process, orphan->grant.holder);

	if (orphan->sight == SIGHT_BLIND || orphan->sight > sight ||
		(orphan->sight == sight && !opener))
		return;
	if (orphan->bind == BIND_PID && !opener && !opener_runs(orphan))
		return;
	orphan->sight = sight;
	orphan->keeper = process;
}

/* The descriptor may be of this hold. */
static void orphan_seen(struct look *look, struct orphan *orphan, struct process_id process,
	const struct finding *finding)
{
	orphan_mark(orphan, process, SIGHT_SEEN);
	if (orphan->bind == BIND_PID || orphan->open || orphan->sight != SIGHT_SEEN)
		return;
	orphan->watch = closes_watch(look->closes, finding);
	orphan->open = orphan->watch != 0;
}

/* Whether a descriptor by this spec may be of the hold. */
static bool is_by(const struct orphan *orphan, const struct spec *spec)
{
	return orphan->mode == spec->mode && orphan->slots == spec->slots &&
		orphan->bind == spec->bind &&
		(!spec->owner[0] || strcmp(orphan->owner, spec->owner) == 0);
}

/* The first orphan whose names are not before these. */
static size_t orphans_from(const struct look *look, const char *names)
{
	size_t low = 0, high = look->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(look->orphans[middle].names, names) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void descriptor_found(void *context, const struct finding *finding)
{
	struct look *look = context;
	const struct process_id process = process_of(look, finding->pid);
	struct spec spec;
	bool told = finding->spec &&
		spec_parse(finding->spec, strlen(finding->spec), look->defaults, &spec) == OK;

	if (!told) /* it may be of any */
		for (size_t i = 0; i < look->count; i++)
			orphan_seen(look, &look->orphans[i], process, finding);
	for (size_t i = told ? orphans_from(look, spec.names) : look->count;
		i < look->count && strcmp(look->orphans[i].names, spec.names) == 0; i++)
		if (is_by(&look->orphans[i], &spec))
			orphan_seen(look, &look->orphans[i], process, finding);
}

struct hider hider_of(int32_t pid, enum hiding hiding)
{
	struct stat_line stat;

	return (struct hider){
		{pid, stat_read(pid, &stat) ? stat.start_ns : 0}, proc_user(pid), hiding};
}

bool hider_may_have(const struct hider *hider, const struct grant *grant)
{
	if (hider->hiding == HIDING_PASSED)
		return hider->uid == grant->uid;
	return process_same(hider->process, grant->holder) ||
		hider->process.start_ns + PROC_TICK_NS >= grant->at_ns;
}

static void process_hidden(void *context, int32_t pid, enum hiding hiding)
{
	struct look *look = context;
	const struct hider hider = hider_of(pid, hiding);
	const enum sight sight = hiding == HIDING_PASSED ? SIGHT_PASSED : SIGHT_HIDDEN;

	for (size_t i = 0; i < look->count; i++)
		if (hider_may_have(&hider, &look->orphans[i].grant))
			orphan_mark(&look->orphans[i], hider.process, sight);
}

static struct search search_for(struct look *look)
{
	return (struct search){device_wanted, descriptor_found, process_hidden, look};
}

void look_at(struct look *look, int32_t pid)
{
	const struct search search = search_for(look);

	search_process(&search, pid);
}

/* Whether one is not seen with anybody; `known`: what is open counts as seen. */
static bool look_lacks(const struct look *look, bool known)
{
	for (size_t i = 0; i < look->count; i++)
		if (look->orphans[i].sight == SIGHT_NONE && !(known && look->orphans[i].open))
			return true;
	return false;
}

bool look_at_all(struct look *look)
{
	const struct search search = search_for(look);

	for (int passes = 0; passes < PASSES; passes++)
		if (look_lacks(look, passes > 0) && !search_all(&search))
			return false;
	return true;
}
