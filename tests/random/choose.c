/* See choose.h. */
#include "choose.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>

#define HOUR_MS 3600000
#define TRIES 30 /* to find somebody who can do what was chosen */
#define COPIES 3 /* descriptors of one hold that a worker may have */

/* xorshift64*: Vigna, "An experimental exploration of Marsaglia's xorshift generators" (2016). */
static unsigned below(struct chooser *c, unsigned limit)
{
	c->state ^= c->state >> 12;
	c->state ^= c->state << 25;
	c->state ^= c->state >> 27;
	return (unsigned)((c->state * 0x2545f4914f6cdd1dULL) >> 33) % limit;
}

/* A worker who has something to do (`waits`), or not; NOBODY when none was found. */
static int worker_choose(struct chooser *c, const struct model *m, bool waits)
{
	for (int tries = 0; tries < TRIES; tries++) {
		int i = (int)below(c, WORKERS);

		if (m->workers[i].alive && (m->workers[i].waits != NOBODY) == waits)
			return i;
	}
	return NOBODY;
}

static int place_choose(struct chooser *c, const struct model *m)
{
	for (int tries = 0; tries < TRIES; tries++) {
		int i = (int)below(c, WORKERS);

		if (!m->workers[i].alive)
			return i;
	}
	return NOBODY;
}

/* An idle worker and a hold of which it has a descriptor. */
static bool descriptor_choose(struct chooser *c, const struct model *m, struct act *act)
{
	for (int tries = 0; tries < 10 * TRIES; tries++) {
		act->worker = (int)below(c, WORKERS);
		act->hold = (int)below(c, HOLDS);
		if (m->workers[act->worker].alive && m->workers[act->worker].waits == NOBODY &&
			m->holds[act->hold].copies[act->worker] > 0)
			return true;
	}
	return false;
}

static int hold_unused(const struct model *m)
{
	for (int i = 0; i < HOLDS; i++)
		if (m->holds[i].stage == UNUSED)
			return i;
	return NOBODY;
}

/* How many more can be told to do something. */
static int idle(const struct model *m)
{
	int count = 0;

	for (int i = 0; i < WORKERS; i++)
		count += m->workers[i].alive && m->workers[i].waits == NOBODY;
	return count;
}

static void label_choose(struct chooser *c, char label[16])
{
	static const char *const labels[] = {"", "", "", "ci", "stage-2"};

	strcpy(label, labels[below(c, 5)]);
}

static uint64_t ttl_choose(struct chooser *c)
{
	static const uint64_t ttls[] = {0, 0, HOUR_MS, 2 * HOUR_MS, 90 * 60000};

	return ttls[below(c, 5)];
}

/* What to write as a duration: mostly one that does not end, now and then one that does at once. */
static uint64_t duration_choose(struct chooser *c)
{
	return below(c, 5) ? HOUR_MS + 60000 * below(c, 30) : BRIEF_MS;
}

/* ---- locks ---- */

/* The first three names are mostly for one, or for readers; the others have two slots. */
static void mode_choose(struct chooser *c, struct ask *ask)
{
	bool slots = ask->names >= 1U << 3;

	if (!below(c, 30))
		slots = !slots;
	if (slots)
		ask->slots = below(c, 30) ? 2 : 3;
	else if (ask->names < 1U << 2)
		ask->shared = below(c, 2);
	else
		ask->slots = below(c, 4) ? 0 : 1;
}

/* One name, or some: of those for one, or of the others, but now and then of all. */
static unsigned names_choose(struct chooser *c)
{
	static const unsigned likes[] = {7, 7, 7, 24, 24, 31};
	unsigned names = 0, like = likes[below(c, 6)];
	int count = below(c, 3) ? 1 : 1 + (int)below(c, 3);

	while (count > 0) {
		unsigned name = 1U << below(c, NAMES);

		names |= name & like;
		count -= (name & like) != 0;
	}
	return names;
}

static void ask_choose(struct chooser *c, struct ask *ask)
{
	static const enum patience patiences[] = {
		PATIENT, PATIENT, PATIENT, PATIENT, AN_HOUR, AN_HOUR, BRIEFLY, TRY, TRY, NONBLOCK};
	static const int accesses[] = {O_RDWR, O_RDWR, O_RDWR, O_RDONLY, O_WRONLY};

	ask->names = names_choose(c);
	mode_choose(c, ask);
	ask->patience = patiences[below(c, 10)];
	ask->frozen_wait = !below(c, 4);
	ask->bind_pid = !below(c, 4);
	ask->wrong = !below(c, 60);
	ask->access = accesses[below(c, 5)];
	ask->ttl_ms = ttl_choose(c);
	if (ask->patience >= TRY && !below(c, 6))
		ask->ttl_ms = BRIEF_MS;
	label_choose(c, ask->label);
}

static bool open_choose(struct chooser *c, const struct model *m, struct act *act)
{
	ask_choose(c, &act->ask);
	act->hold = hold_unused(m);
	act->worker = worker_choose(c, m, false);
	return act->hold != NOBODY && act->worker != NOBODY && idle(m) > 3 &&
		!model_unsure(m, &act->ask);
}

static bool dup_choose(struct chooser *c, const struct model *m, struct act *act)
{
	return descriptor_choose(c, m, act) && m->holds[act->hold].copies[act->worker] < COPIES;
}

static bool renew_choose(struct chooser *c, const struct model *m, struct act *act)
{
	if (!descriptor_choose(c, m, act) || m->holds[act->hold].ask.access == O_RDONLY)
		return false;
	act->ms = below(c, 3) ? duration_choose(c) : 0;
	act->wrong = m->holds[act->hold].stage == HELD && !below(c, 12);
	return true;
}

static bool read_choose(struct chooser *c, const struct model *m, struct act *act)
{
	return descriptor_choose(c, m, act) && m->holds[act->hold].ask.access != O_WRONLY;
}

/* An idle worker and a name. */
static bool name_choose(struct chooser *c, const struct model *m, struct act *act)
{
	act->worker = worker_choose(c, m, false);
	act->name = (int)below(c, NAMES);
	return act->worker != NOBODY;
}

/* Which of several of one's own is renewed, nobody says. */
static bool renew_name_choose(struct chooser *c, const struct model *m, struct act *act)
{
	act->ms = below(c, 3) ? duration_choose(c) : 0;
	return name_choose(c, m, act) && model_family(m, act->worker, act->name) <= 1;
}

/* Mostly a token that is held, and of this name, or by the names of its whole group. */
static bool break_choose(struct chooser *c, const struct model *m, struct act *act)
{
	const struct hold *hold;

	if (!name_choose(c, m, act))
		return false;
	act->ask.names = 1U << act->name;
	for (int tries = 0; tries < 10 * TRIES; tries++) {
		hold = &m->holds[below(c, HOLDS)];
		if (hold->token && (hold->stage == HELD || !below(c, 10)) &&
			(hold_is_of(hold, act->name) || !below(c, 20))) {
			act->token = hold->token + !below(c, 8);
			if (!below(c, 3))
				act->ask.names = hold->ask.names;
			if (!below(c, 6))
				act->ask.names |= 1U << below(c, NAMES);
			return true;
		}
	}
	return false;
}

static bool remove_choose(struct chooser *c, const struct model *m, struct act *act)
{
	act->ask.names = names_choose(c);
	act->worker = worker_choose(c, m, false);
	return act->worker != NOBODY;
}

/* ---- freezes ---- */

static bool freeze_choose(struct chooser *c, const struct model *m, struct act *act)
{
	if (!name_choose(c, m, act))
		return false;
	if (!below(c, 8))
		act->name = ALL;
	act->ms = below(c, 2) ? HOUR_MS * below(c, 3) : BRIEF_MS;
	act->wrong = !below(c, 20);
	return true;
}

static bool unfreeze_choose(struct chooser *c, const struct model *m, struct act *act)
{
	if (!name_choose(c, m, act))
		return false;
	if (m->freezes[ALL].on && below(c, 2))
		act->name = ALL;
	for (int tries = 0; tries < TRIES && below(c, 10) && !m->freezes[act->name].on; tries++)
		act->name = (int)below(c, NAMES);
	return m->freezes[act->name].on || !below(c, 4);
}

/* ---- leases ---- */

static bool take_choose(struct chooser *c, const struct model *m, struct act *act)
{
	act->hold = hold_unused(m);
	act->ms = below(c, 3) ? duration_choose(c) : 0;
	act->wrong = !below(c, 12);
	label_choose(c, act->label);
	if (act->hold == NOBODY || !name_choose(c, m, act))
		return false;
	act->ask.names = 1U << act->name;
	return !model_unsure(m, &act->ask);
}

/* Mostly about a lease that there is, and with its label. */
static bool lease_choose(struct chooser *c, const struct model *m, struct act *act)
{
	const struct hold *lease;

	act->ms = act->kind == ACT_EXTEND && below(c, 3) ? duration_choose(c) : 0;
	act->wrong = act->kind == ACT_EXTEND && !below(c, 12);
	label_choose(c, act->label);
	if (!name_choose(c, m, act))
		return false;
	for (int tries = 0; tries < TRIES && below(c, 10) && !model_lease(m, act->name); tries++)
		act->name = (int)below(c, NAMES);
	lease = model_lease(m, act->name);
	if (lease && below(c, 3))
		strcpy(act->label, lease->label);
	return lease || !below(c, 6);
}

/* ---- the crew ---- */

static bool spawn_choose(struct chooser *c, const struct model *m, struct act *act)
{
	act->worker = place_choose(c, m);
	act->user = (int)below(c, (unsigned)m->n_users);
	return act->worker != NOBODY;
}

static bool fork_choose(struct chooser *c, const struct model *m, struct act *act)
{
	act->worker = worker_choose(c, m, false);
	act->other = place_choose(c, m);
	return act->worker != NOBODY && act->other != NOBODY;
}

static bool die_choose(struct chooser *c, const struct model *m, struct act *act)
{
	static const int signals[] = {SIGKILL, SIGKILL, SIGTERM, SIGHUP, SIGINT, SIGALRM, 0};
	bool waits = below(c, 3) == 0 || idle(m) <= 3;

	act->worker = worker_choose(c, m, waits);
	act->signal = signals[below(c, waits ? 6 : 7)];
	return act->worker != NOBODY;
}

static bool signal_choose(struct chooser *c, const struct model *m, struct act *act)
{
	act->worker = worker_choose(c, m, true);
	return act->worker != NOBODY;
}

void choose(struct chooser *c, const struct model *m, struct act *act)
{
	static const struct {
		unsigned chances;
		bool (*choose)(struct chooser *, const struct model *, struct act *);
	} kinds[ACTS] = {
		[ACT_SPAWN] = {10, spawn_choose},
		[ACT_FORK] = {7, fork_choose},
		[ACT_DIE] = {5, die_choose},
		[ACT_SIGNAL] = {3, signal_choose},
		[ACT_OPEN] = {36, open_choose},
		[ACT_DUP] = {2, dup_choose},
		[ACT_CLOSE] = {20, descriptor_choose},
		[ACT_RENEW] = {6, renew_choose},
		[ACT_READ] = {4, read_choose},
		[ACT_POLL] = {3, descriptor_choose},
		[ACT_RENEW_NAME] = {3, renew_name_choose},
		[ACT_BREAK] = {5, break_choose},
		[ACT_REMOVE] = {1, remove_choose},
		[ACT_FREEZE] = {2, freeze_choose},
		[ACT_UNFREEZE] = {7, unfreeze_choose},
		[ACT_TAKE] = {4, take_choose},
		[ACT_EXTEND] = {3, lease_choose},
		[ACT_TOUCH] = {1, lease_choose},
		[ACT_DROP] = {6, lease_choose},
		[ACT_SHOW] = {1, lease_choose},
	};
	unsigned sum = 0, n;

	for (int i = 0; i < ACTS; i++)
		sum += kinds[i].chances;
	do {
		*act = (struct act){.worker = NOBODY, .other = NOBODY, .hold = NOBODY};
		for (n = below(c, sum); n >= kinds[act->kind].chances; act->kind++)
			n -= kinds[act->kind].chances;
	} while (!kinds[act->kind].choose(c, m, act));
}
