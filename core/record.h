/* One line of the log: what happened, to whom, and enough to do it again. */
#ifndef CORE_RECORD_H
#define CORE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "scan.h"
#include "spec.h"
#include "text.h"

/* The contract's table of events. */
enum record_kind {
	RECORD_ACQUIRE,
	RECORD_RELEASE,
	RECORD_RENEW,
	RECORD_DENY,
	RECORD_STALE_BREAK,
	RECORD_AUTO_PRUNE,
	RECORD_FORCE_BREAK,
	RECORD_CORRUPT_BREAK,
	RECORD_FREEZE,
	RECORD_UNFREEZE,
	RECORD_THAW,
	RECORD_START,
	RECORD_STOP,
	RECORD_RECOVER,
	RECORD_CHECKPOINT,
	RECORD_KINDS
};

/* Why somebody was denied, or how a holder ended. */
enum reason {
	REASON_NONE,
	REASON_HELD,
	REASON_TIMEOUT,
	REASON_FROZEN,
	REASON_DEADLOCK,
	REASON_LIMIT,
	REASON_PERMISSION,
	REASON_CANCELLED,
	REASON_KILLED,
	REASON_EXITED,
	REASON_REBOOT,
	REASON_UNKNOWN,
	REASONS
};

/* What kind of hold: an open descriptor, or a lease, which needs none. */
enum hold_kind { HOLD_OPEN, HOLD_LEASE };

#define DETAIL_MAX 127 /* bytes of a free text for operators */

struct record {
	enum record_kind kind;
	int64_t wall_ms; /* when, in milliseconds since 1970 */
	uint64_t token;  /* 0: none */
	uint32_t uid;
	int32_t pid;

	/* What an event needs besides; a member that its kind does not have stays zero. */
	uint64_t waited_ms, held_ms;
	enum mode mode;
	enum hold_kind hold;
	enum bind bind;
	uint32_t slots;
	uint64_t ttl_ms;   /* or TIME_NONE */
	uint64_t at_ns;    /* where a TTL runs from: CLOCK_MONOTONIC, for a lease CLOCK_BOOTTIME */
	uint64_t start_ns; /* of the holder's process, CLOCK_BOOTTIME */
	uint32_t renewals;
	uint32_t lost; /* 1: of a checkpoint's hold that is lost, and its descriptor open */
	enum reason reason;
	int32_t signal;
	uint64_t count;
	uint32_t by_uid;
	int32_t by_pid;
	uint64_t until_ns; /* when a freeze (CLOCK_BOOTTIME) or a checkpoint's hold ends; NEVER */
	int64_t until_wall_ms; /* the same by wall time, for the next boot */
	uint64_t next_token, token_limit;

	/* Not written. */
	uint64_t id;     /* the claim that was granted or renewed */
	uint64_t old_ns; /* what a renewal or a freeze replaced, to take it back */
	uint64_t old_ttl_ms;
	int64_t old_since_ms, old_until_ms;

	/* Members for readers alone, as they are written: `,"key":value`; NULL for none. Not owned: it
	 * has to last until the record is written. */
	const char *more;

	/* Texts, empty for none; they come last so that a record is quick to make. */
	char names[SPEC_MAX + 1]; /* as spec::names; the daemon's own events have none */
	char owner[OWNER_MAX + 1];
	char boot[DETAIL_MAX + 1];     /* the machine's boot id */
	char mount[DETAIL_MAX + 1];    /* which mount the daemon serves, see host.h */
	char detail[DETAIL_MAX + 1];   /* what an operator should know */
	char old_owner[OWNER_MAX + 1]; /* not written, as above */
};

/* Makes a record that says nothing but its kind and its time. */
void record_init(struct record *record, enum record_kind kind, int64_t wall_ms);
static inline struct record record_new(enum record_kind kind, int64_t wall_ms)
{
	struct record record;

	record_init(&record, kind, wall_ms);
	return record;
}

/* Writes the members of a line after `"seq":N`, those of prev and h excepted. */
void record_write(const struct record *record, const char *host, struct text *text);

/* Writes `record` as an object of a checkpoint: the same members, in braces, without an event. */
void record_write_part(const struct record *record, struct text *text);

/* Reads an object as either of the above wrote it; `scan` stands before its '{'. Arrays named
 * "holds" and "freezes" are handed to `part` one object at a time (NULL: skipped); members that are
 * not known are skipped. OK, ERR_CORRUPT for anything that is not such an object, or the first error
 * of `part`. */
typedef int record_part(void *context, const struct record *part);
int record_read(struct scan *scan, struct record *record, record_part *part, void *context);

/* The word for a kind or a reason in the log. */
const char *record_kind_word(enum record_kind kind);
const char *reason_word(enum reason reason);

#endif
