/* Tables of what the log must have: which records change the state, which are taken back when they
 * cannot be written, which are owed, and which have to be synced. */
#include <string.h>

#include "check.h"
#include "core/engine.h"
#include "core/timer.h"

static const struct {
	bool state, undone, open_synced, lease_synced;
} kinds[RECORD_KINDS] = {
	[RECORD_ACQUIRE] = {true, true, false, true},
	[RECORD_RELEASE] = {true, false, false, true},
	[RECORD_RENEW] = {true, true, false, true},
	[RECORD_STALE_BREAK] = {true, false, false, false},
	[RECORD_AUTO_PRUNE] = {true, false, false, false},
	[RECORD_FORCE_BREAK] = {true, false, false, true},
	[RECORD_FREEZE] = {true, true, true, true},
	[RECORD_UNFREEZE] = {true, false, true, true},
	[RECORD_THAW] = {true, false, false, false},
	[RECORD_CHECKPOINT] = {true, false, false, false},
};

static void what_a_record_does(void)
{
	for (enum record_kind kind = 0; kind < RECORD_KINDS; kind++) {
		struct record record = record_new(kind, 0);

		CHECK_EQUAL(record_is_state(kind), kinds[kind].state);
		CHECK_EQUAL(record_can_be_undone(kind), kinds[kind].undone);
		CHECK_EQUAL(record_outlives_machine(&record), kinds[kind].open_synced);
		record.hold = HOLD_LEASE;
		CHECK_EQUAL(record_outlives_machine(&record), kinds[kind].lease_synced);
	}
}

/* One record of a batch: what it is, of which name and grant. */
struct one {
	enum record_kind kind;
	const char *names;
	uint64_t token;
	bool first; /* of a freeze: there was none before */
};

/* Whether the last of them is owed when the batch could not be written. */
static const struct {
	const char *what;
	bool owed;
	struct one batch[4];
	size_t count;
} batches[] = {
	{"a release", true, {{RECORD_RELEASE, "a", 1}}, 1},
	{"a release of what was granted in the batch", false,
		{{RECORD_ACQUIRE, "a", 1}, {RECORD_RELEASE, "a", 1}}, 2},
	{"a release of another grant", true, {{RECORD_ACQUIRE, "b", 2}, {RECORD_RELEASE, "a", 1}},
		2},
	{"an unfreeze", true, {{RECORD_UNFREEZE, "a", 0}}, 1},
	{"an unfreeze of what was frozen in the batch", false,
		{{RECORD_FREEZE, "a", 0, true}, {RECORD_UNFREEZE, "a", 0}}, 2},
	{"an unfreeze of what was frozen longer in the batch", true,
		{{RECORD_FREEZE, "a", 0}, {RECORD_UNFREEZE, "a", 0}}, 2},
	{"an unfreeze of another name", true,
		{{RECORD_FREEZE, "b", 0, true}, {RECORD_UNFREEZE, "a", 0}}, 2},
	{"a thaw of what was frozen and frozen longer in the batch", false,
		{{RECORD_FREEZE, "a", 0, true}, {RECORD_FREEZE, "a", 0}, {RECORD_THAW, "a", 0}}, 3},
	{"the second unfreeze, of a freeze that began in between", false,
		{{RECORD_UNFREEZE, "a", 0}, {RECORD_FREEZE, "a", 0, true},
			{RECORD_UNFREEZE, "a", 0}},
		3},
	{"the second unfreeze, of a freeze from before the first", true,
		{{RECORD_FREEZE, "a", 0, true}, {RECORD_UNFREEZE, "a", 0}, {RECORD_FREEZE, "a", 0},
			{RECORD_UNFREEZE, "a", 0}},
		4},
	{"the second thaw, of a freeze from before the first", true,
		{{RECORD_THAW, "a", 0}, {RECORD_FREEZE, "a", 0}, {RECORD_THAW, "a", 0}}, 3},
	{"an unfreeze after a grant of the same name", true,
		{{RECORD_ACQUIRE, "a", 1}, {RECORD_UNFREEZE, "a", 0}}, 2},
	{"a grant", false, {{RECORD_ACQUIRE, "a", 1}}, 1},
	{"a denial", false, {{RECORD_DENY, "a", 0}}, 1},
	{"that a daemon came", true, {{RECORD_START, "", 0}}, 1},
	{"that a server went on", true, {{RECORD_RECOVER, "", 0}}, 1},
	{"that something is damaged", true, {{RECORD_CORRUPT_BREAK, "", 0}}, 1},
};

static void what_is_owed(void)
{
	for (size_t i = 0; i < sizeof(batches) / sizeof(batches[0]); i++) {
		struct record records[4];
		size_t last = batches[i].count - 1;

		for (size_t j = 0; j <= last; j++) {
			const struct one *one = &batches[i].batch[j];

			record_init(&records[j], one->kind, 0);
			strcpy(records[j].names, one->names);
			records[j].token = one->token;
			records[j].old_ns = one->first ? NEVER : 1;
		}
		if (record_is_owed(records, last) != batches[i].owed)
			check_fail(__FILE__, __LINE__, "%s is %sowed", batches[i].what,
				batches[i].owed ? "not " : "");
	}
}

int main(void)
{
	static const struct check_case cases[] = {
		{"what a record does to the state and the disk", what_a_record_does},
		{"what the log is owed of a batch", what_is_owed},
	};

	return CHECK_RUN(cases);
}
