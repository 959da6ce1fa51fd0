/* See view.h. */
#include "view.h"

#include <string.h>

#include "lease.h"
#include "state.h"

static void element(struct text *text)
{
	char last = text->len ? text->data[text->len - 1] : '[';

	if (last != '[')
		text_put(text, ",");
}

static const char *mode_word(enum mode mode)
{
	return mode == MODE_SHARED ? "shared" : "exclusive";
}

/* The wall time of a deadline on a clock that now stands at `now_ns`. `said_ms` is what it was when it
 * was set: it stays that, to the millisecond, unless the clocks have parted since. */
static int64_t wall_of(
	const struct view *view, uint64_t deadline_ns, uint64_t now_ns, int64_t said_ms)
{
	int64_t ms = view->now.wall_ms + ((int64_t)deadline_ns - (int64_t)now_ns) / 1000000;

	return ms - said_ms <= 2 && said_ms - ms <= 2 ? said_ms : ms;
}

static uint64_t ms_since(uint64_t then_ns, uint64_t now_ns)
{
	return now_ns > then_ns ? (now_ns - then_ns) / 1000000 : 0;
}

/* "ttl_ms" and "expires_at", null without a TTL. */
static void ttl_write(const struct view *view, const struct claim *claim, struct text *text)
{
	if (claim->ttl_ms == TIME_NONE) {
		text_put(text, ",\"ttl_ms\":null,\"expires_at\":null");
		return;
	}
	int64_t until_ms = claim->until_wall_ms;

	if (claim->state == CLAIM_HELD)
		until_ms = wall_of(
			view, claim->timer.deadline_ns, claim_clock(claim, &view->now), until_ms);
	text_key_u64(text, "ttl_ms", claim->ttl_ms);
	text_key_time(text, "expires_at", until_ms);
}

/* "names" of a group, sorted; nothing for a claim on one name. */
static void group_write(const struct claim *claim, struct text *text)
{
	if (claim->links == 1)
		return;
	text_key(text, "names");
	for (uint32_t i = 0; i < claim->links; i++) {
		text_put(text, i == 0 ? "[" : ",");
		text_string(text, claim->link[i].lock->name);
	}
	text_put(text, "]");
}

/* Who has the hold of a mount that is gone; nothing of any other. */
static void orphan_write(const struct view *view, const struct claim *claim, struct text *text)
{
	int32_t pid;

	if (!claim->orphan)
		return;
	pid = view->keeper ? view->keeper(view->context, claim->id) : 0;
	text_put(text, ",\"orphan\":true");
	if (pid)
		text_key_u64(text, "kept_by", (uint64_t)pid);
	else
		text_put(text, ",\"kept_by\":null");
}

static void holder_write(const struct view *view, const struct claim *claim, struct text *text)
{
	text_put(text, "{");
	text_key_string(text, "owner", claim->owner);
	text_key_u64(text, "uid", claim->user->uid);
	text_key_string(text, "host", view->host);
	text_key_u64(text, "pid", (uint64_t)claim->process.pid);
	text_key_u64(text, "pid_start_ns", claim->process.start_ns);
	text_key_string(text, "pid_status", view->pid_status(claim->process));
	text_key_string(text, "kind", claim->kind == HOLD_LEASE ? "lease" : "open");
	text_key_string(text, "mode", mode_word(claim->mode));
	text_key_u64(text, "token", claim->token);
	text_key_time(text, "acquired_ts", claim->acquired_wall_ms);
	text_key_u64(text, "age_ms", claim_age_ms(claim, &view->now));
	ttl_write(view, claim, text);
	if (claim->ttl_ms == TIME_NONE)
		text_put(text, ",\"remaining_ms\":null");
	else
		text_key_u64(text, "remaining_ms",
			ms_since(claim_clock(claim, &view->now), claim->timer.deadline_ns));
	text_key_u64(text, "renewals", claim->renewals);
	if (claim->slots > 1)
		text_key_u64(text, "slots", claim->slots);
	group_write(claim, text);
	orphan_write(view, claim, text);
	text_put(text, "}");
}

static void holders_write(const struct view *view, const struct lock *lock, struct text *text)
{
	text_key(text, "holder");
	if (lock && lock->holding)
		holder_write(
			view, container_of(lock->holders.next, struct link, place)->claim, text);
	else
		text_put(text, "null");
	text_key(text, "holders");
	text_put(text, "[");
	if (lock)
		list_each(item, following, &lock->holders)
		{
			element(text);
			holder_write(view, container_of(item, struct link, place)->claim, text);
		}
	text_put(text, "]");
}

static void waiters_write(const struct view *view, const struct lock *lock, struct text *text)
{
	uint64_t position = 0;

	text_key(text, "waiters");
	text_put(text, "[");
	list_each(item, following, &lock->waiters)
	{
		const struct claim *claim = container_of(item, struct link, place)->claim;

		if (claim->state == CLAIM_PAUSED)
			continue;
		element(text);
		text_put(text, "{");
		text_key_u64(text, "position", ++position);
		text_key_string(text, "owner", claim->owner);
		text_key_u64(text, "uid", claim->user->uid);
		text_key_u64(text, "pid", (uint64_t)claim->process.pid);
		text_key_string(text, "mode", mode_word(claim->mode));
		text_key_u64(text, "waited_ms", ms_since(claim->queued_ns, view->now.mono_ns));
		group_write(claim, text);
		text_put(text, "}");
	}
	text_put(text, "]");
}

static void freeze_write(const struct view *view, const struct freeze *freeze, struct text *text)
{
	text_put(text, "{");
	text_key_string(text, "name", freeze_name(freeze));
	text_key_string(text, "owner", freeze->owner);
	text_key_u64(text, "uid", freeze->uid);
	text_key_u64(text, "pid", (uint64_t)freeze->pid);
	text_key_time(text, "since", freeze->since_wall_ms);
	text_key_u64(text, "ttl_ms", freeze->ttl_ms);
	text_key_time(text, "expires_at",
		wall_of(view, freeze->timer.deadline_ns, view->now.boot_ns, freeze->until_wall_ms));
	text_key_u64(text, "remaining_ms", ms_since(view->now.boot_ns, freeze->timer.deadline_ns));
	text_put(text, "}");
}

void view_name(const struct view *view, const char *name, bool version, struct text *text)
{
	const struct lock *lock = lock_find(view->engine, name);
	const struct freeze *freeze =
		lock ? freeze_of(view->engine, lock) : view->engine->freeze_all;

	text_put(text, version ? "{\"version\":1" : "{");
	text_key_string(text, "name", name);
	text_key_string(text, "state", lock && lock->holding ? "held" : freeze ? "frozen" : "free");
	holders_write(view, lock, text);
	if (lock)
		waiters_write(view, lock, text);
	else
		text_put(text, ",\"waiters\":[]");
	text_key(text, "freeze");
	if (freeze)
		freeze_write(view, freeze, text);
	else
		text_put(text, "null");
	text_put(text, "}");
}

/* Whether anybody would say that the name is in use: lost holds keep a lock that shows nothing. */
static bool in_use(const struct lock *lock)
{
	return lock->holding || lock->waiting || lock->freeze;
}

void view_locks(const struct view *view, struct text *text)
{
	for (struct tree_node *n = tree_first(&view->engine->locks); n; n = tree_next(n)) {
		const struct lock *lock = container_of(n, struct lock, by_name);

		if (!in_use(lock))
			continue;
		element(text);
		view_name(view, lock->name, false, text);
	}
}

void view_freezes(const struct view *view, struct text *text)
{
	const struct tree *armed = &view->engine->thaws.armed;

	for (struct tree_node *n = tree_first(armed); n; n = tree_next(n)) {
		element(text);
		freeze_write(view, container_of(n, struct freeze, timer.node), text);
	}
}

void view_totals(const struct view *view, struct text *text)
{
	const struct totals totals = engine_totals(view->engine);
	const struct counters *counters = engine_counters(view->engine);
	uint64_t denials = 0;

	for (int i = 0; i < REASONS; i++)
		denials += counters->denials[i];
	text_put(text, "{");
	text_key_u64(text, "names", totals.names);
	text_key_u64(text, "holders", totals.holders);
	text_key_u64(text, "leases", totals.leases);
	text_key_u64(text, "waiters", totals.waiters);
	text_key_u64(text, "freezes", totals.freezes);
	text_key_u64(text, "grants", counters->grants);
	text_key_u64(text, "releases", counters->releases);
	text_key_u64(text, "renewals", counters->renewals);
	text_key_u64(text, "expired", counters->expired);
	text_key_u64(text, "pruned", counters->pruned);
	text_key_u64(text, "broken", counters->broken);
	text_key_u64(text, "denials", denials);
	text_put(text, "}");
}

/* What a claim that holds, or held, says of itself: one line. */
static void hold_write(const struct view *view, const struct claim *claim, struct text *text)
{
	text_put(text, "{");
	if (claim->links == 1)
		text_key_string(text, "name", claim->link[0].lock->name);
	group_write(claim, text);
	text_key_u64(text, "token", claim->token);
	text_key_string(text, "mode", mode_word(claim->mode));
	text_key_string(text, "owner", claim->owner);
	text_key_u64(text, "uid", claim->user->uid);
	text_key_u64(text, "pid", (uint64_t)claim->process.pid);
	text_key_time(text, "acquired_ts", claim->acquired_wall_ms);
	ttl_write(view, claim, text);
	text_key_string(text, "state", claim->state == CLAIM_HELD ? "held" : "lost");
	text_put(text, "}\n");
}

bool view_hold(const struct view *view, uint64_t id, struct text *text)
{
	const struct claim *claim = claim_find(view->engine, id);

	if (!claim || claim->state == CLAIM_WAITING)
		return false;
	hold_write(view, claim, text);
	return true;
}

bool view_lease(const struct view *view, const char *name, struct text *text)
{
	const struct claim *claim = lease_find(view->engine, name);

	if (claim)
		hold_write(view, claim, text);
	return claim != NULL;
}

bool view_freeze(const struct view *view, const char *name, struct text *text)
{
	const struct freeze *freeze = freeze_find(view->engine, name);

	if (!freeze)
		return false;
	freeze_write(view, freeze, text);
	text_put(text, "\n");
	return true;
}

/* Whether the lock is to be listed among these. */
static bool listed(const struct lock *lock, enum listing listing)
{
	switch (listing) {
	case LISTING_FROZEN: return lock->freeze != NULL;
	case LISTING_LEASED:
		return lock->holding > 0 &&
			container_of(lock->holders.next, struct link, place)->claim->kind ==
			HOLD_LEASE;
	default: return in_use(lock);
	}
}

void view_names(const struct engine *engine, enum listing listing, struct text *text)
{
	if (listing == LISTING_FROZEN && engine->freeze_all)
		text_add(text, FREEZE_ALL, sizeof(FREEZE_ALL));
	for (struct tree_node *n = tree_first(&engine->locks); n; n = tree_next(n)) {
		const struct lock *lock = container_of(n, struct lock, by_name);

		if (listed(lock, listing))
			text_add(text, lock->name, strlen(lock->name) + 1);
	}
}

bool view_owner(const struct engine *engine, const char *names, uint32_t *uid, int64_t *wall_ms)
{
	char name[NAME_MAX_LEN + 1];

	for (const char *rest = names; names_next(&rest, name);) {
		const struct lock *lock = lock_find(engine, name);

		if (!lock || !lock->holding)
			continue;
		const struct claim *claim =
			container_of(lock->holders.next, struct link, place)->claim;

		*uid = claim->user->uid;
		*wall_ms = claim->acquired_wall_ms;
		return true;
	}
	while (names_next(&names, name))
		if (view_freeze_owner(engine, name, uid, wall_ms))
			return true;
	return false;
}

bool view_freeze_owner(
	const struct engine *engine, const char *name, uint32_t *uid, int64_t *wall_ms)
{
	const struct freeze *freeze = freeze_find(engine, name);

	if (!freeze)
		return false;
	*uid = freeze->uid;
	*wall_ms = freeze->since_wall_ms;
	return true;
}
