/* See judge.h: what a line of the log may say. */
#include <linux/fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "judge.h"
#include "people.h"
#include "story.h"

#define WALL_SLACK_MS 1500 /* over a reboot time is told by the wall */

/* The call of this process that a line is about: its thread keeps that it was logged. */
static void logged(int32_t pid, enum op op, enum place place, uint64_t seq)
{
	struct process *process = process_of(pid);

	for (unsigned t = 0; process && t < process->n_threads; t++) {
		struct thread *thread = &process->threads[t];
		enum place at = thread->file ? thread->file->place : thread->place;

		if (thread->op == op && thread->request && (at == place || op == OP_UNLINK) &&
			!thread->logged_seq) {
			thread->logged_seq = seq;
			return;
		}
	}
}

/* The request that a grant answers; NULL: who asked is gone. */
static struct request *granted_request(const struct entry *entry)
{
	struct request *best = NULL;

	for (size_t i = 0; i < world->kernel.n_requests; i++) {
		struct request *request = &world->kernel.requests[i];

		if (request->used && request->waits && !request->granted &&
			request->process->pid == entry->pid &&
			same_wish(&request->wish, &entry->wish) &&
			(!best || request->returning > best->returning ||
				request->order < best->order))
			best = request;
	}
	return best;
}

/* Whether the request had been refused by then, and came again because its server died before it said so. */
static bool was_refused(const struct request *request, const struct hold *other)
{
	const uint64_t timeout_ms = request->wish.timeout_ms;

	return (request->refused_seq && request->refused_seq < other->seq) ||
		(timeout_ms != NONE &&
			other->since_ns >= request->thread->began_ns + timeout_ms * MS);
}

/* First come, first served: nobody who came later may have been granted what this one waited for. */
static void order_check(const struct request *request, const struct hold *hold)
{
	for (unsigned i = 0; i < world->judge.n_holds; i++) {
		const struct hold *other = &world->judge.holds[i];

		if (other != hold && !other->lease && other->mount_id == hold->mount_id &&
			other->order > request->order && wishes_meet(&other->wish, &hold->wish) &&
			!was_refused(request, other))
			fail("request %llu was overtaken: the %s answers request %llu",
				(unsigned long long)request->order, hold_shown(other),
				(unsigned long long)other->order);
	}
}

static struct term term_of(const struct entry *entry)
{
	return (struct term){
		.until_ns = entry->ttl_ms == NONE ? NONE : entry->at_ns + entry->ttl_ms * MS,
		.ttl_ms = entry->ttl_ms,
		.until_wall_ms = entry->wall_ms + (int64_t)entry->ttl_ms};
}

static struct hold *hold_add(const struct entry *entry)
{
	struct judge *judge = &world->judge;

	if (judge->n_holds == HOLDS) {
		fail("more than %d grants: too many for this simulation", HOLDS);
		return &judge->holds[0];
	}
	struct hold *hold = &judge->holds[judge->n_holds++];

	*hold = (struct hold){.token = entry->token,
		.wish = entry->wish,
		.lease = entry->lease,
		.pid = entry->pid,
		.since_ns = entry->at_ns,
		.uid = entry->uid,
		.term = term_of(entry),
		.seq = entry->seq,
		.mount_id = world->kernel.mount_id};
	return hold;
}

static void acquired(const struct entry *entry)
{
	struct judge *judge = &world->judge;

	if (entry->token <= judge->token)
		fail("token %llu was granted after %llu", (unsigned long long)entry->token,
			(unsigned long long)judge->token);
	judge->token = entry->token;
	judge->granted_ns = world->mono_ns;
	for (unsigned i = 0; i < judge->n_holds; i++)
		if (hold_bars(&judge->holds[i], &entry->wish))
			fail("%s was granted to %d, but there is the %s", entry->wish.names[0],
				entry->pid, hold_shown(&judge->holds[i]));
	if (freezes_bar(&entry->wish))
		fail("%s was granted to %d, but it is frozen", entry->wish.names[0], entry->pid);
	for (size_t i = 0; i < world->kernel.n_requests; i++)
		if (world->kernel.requests[i].used && world->kernel.requests[i].waits &&
			wishes_meet(&world->kernel.requests[i].wish, &entry->wish))
			world->kernel.requests[i].thread->was_taken = true;
	struct hold *hold = hold_add(entry);
	struct request *request = entry->lease ? NULL : granted_request(entry);

	if (entry->lease)
		logged(entry->pid, OP_OPEN, AT_LEASES, entry->seq);
	if (!request)
		return;
	request->granted = true;
	request->thread->logged_seq = entry->seq;
	hold->order = request->returning ? 0 : request->order;
	order_check(request, hold);
}

static void denied(const struct entry *entry)
{
	struct request *request = granted_request(entry);

	if (request)
		request->refused_seq = entry->seq;
}

bool asked_to_break(const struct hold *hold)
{
	for (size_t i = 0; i < PEOPLE; i++)
		for (unsigned t = 0; t < world->people[i].n_threads; t++) {
			const struct thread *thread = &world->people[i].threads[t];
			bool by_rm =
				thread->op == OP_UNLINK && wishes_meet(&thread->wish, &hold->wish);

			if (thread->request && by_rm &&
				(hold->lease || thread->wish.token == hold->token))
				return true;
			if (thread->request && thread->op == OP_WRITE && hold->lease &&
				thread->file->place == AT_LEASES)
				return true;
		}
	return false;
}

/* Whether who asked for the hold is still there to be told of it. */
static bool is_awaited(const struct hold *hold)
{
	for (size_t i = 0; i < world->kernel.n_requests; i++)
		if (world->kernel.requests[i].used && world->kernel.requests[i].granted &&
			world->kernel.requests[i].thread->logged_seq == hold->seq)
			return true;
	return false;
}

static void closed(const struct entry *entry, const struct hold *hold)
{
	const struct process *process = process_of(hold->pid);

	if (hold->lease && !hold->dropped && !asked_to_break(hold))
		fail("the %s ended as %s, but nobody removed it", hold_shown(hold), entry->event);
	if (hold->lease || hold->released)
		return;
	if (hold->wish.bind && (!process || !process->alive || process->dying))
		return;
	if (hold->claimed || is_awaited(hold))
		fail("the %s ended as %s, but it is open", hold_shown(hold), entry->event);
}

/* Whether its renewal was on its way before its time was over. */
static bool renewal_pending(const struct hold *hold)
{
	for (size_t i = 0; i < world->kernel.n_requests; i++) {
		const struct request *request = &world->kernel.requests[i];

		if (request->used && request->opcode == FUSE_WRITE && request->thread &&
			request->thread->file->hold == hold &&
			request->sent_ns < hold->term.until_ns &&
			strncmp(request->thread->text, "renew", 5) == 0)
			return true;
	}
	return false;
}

static void expired(const struct hold *hold)
{
	const uint64_t now_ns = hold->lease ? world->boot_ns : world->mono_ns;
	const uint64_t slack_ns = hold->term.by_wall ? WALL_SLACK_MS * MS : 0;

	if (hold->term.until_ns == NONE || now_ns + slack_ns < hold->term.until_ns)
		fail("the %s expired before its time", hold_shown(hold));
	if (!hold->lease && renewal_pending(hold))
		fail("the %s expired, but its renewal had come in time", hold_shown(hold));
}

/* The lines of a lease say whose it is, and not who did it: all calls like this one of its user's, by its label. */
static void lease_logged(const struct hold *hold, enum op op, uint64_t seq)
{
	for (size_t i = 0; i < PEOPLE; i++)
		for (unsigned t = 0; t < world->people[i].n_threads; t++) {
			const struct process *process = &world->people[i];
			struct thread *thread = &world->people[i].threads[t];
			struct wish wish = thread->wish;

			if (!thread->request || thread->op != op || process->uid != hold->uid ||
				(thread->file ? thread->file->place : thread->place) != AT_LEASES)
				continue;
			if (thread->file)
				wish_parse(thread->file->text, &wish);
			if (wishes_meet(&wish, &hold->wish) &&
				same_label(process->uid, &wish, hold))
				thread->logged_seq = seq;
		}
}

static void ended(const struct entry *entry)
{
	struct hold *hold = hold_of_token(entry->token);

	if (!hold || hold->ended) {
		fail("the log ends token %llu, which is not held",
			(unsigned long long)entry->token);
		return;
	}
	if (strcmp(entry->event, "stale-break") == 0)
		expired(hold);
	else if (strcmp(entry->event, "force-break") != 0)
		closed(entry, hold);
	else if (!asked_to_break(hold) && !world->judge.failed_ns)
		fail("the %s was broken, but nobody asked for it", hold_shown(hold));
	if (entry->by_pid)
		logged(entry->by_pid, OP_UNLINK, hold->lease ? AT_LEASES : AT_LOCKS, entry->seq);
	else if (hold->lease)
		lease_logged(hold, OP_UNLINK, entry->seq);
	hold->ended = true;
	hold->ended_seq = entry->seq;
	hold->ended_ns = world->mono_ns;
	if (hold->file)
		hold->file->lost_ns = world->mono_ns;
}

static void renewed(const struct entry *entry)
{
	struct hold *hold = hold_of_token(entry->token);

	if (!hold || hold->ended) {
		fail("the log renews token %llu, which is not held",
			(unsigned long long)entry->token);
		return;
	}
	if (world->judge.n_renewals == RENEWALS) {
		fail("more than %d renewals: too many for this simulation", RENEWALS);
		return;
	}
	world->judge.renewals[world->judge.n_renewals++] =
		(struct renewal){.hold = hold, .seq = entry->seq, .before = hold->term};
	hold->term = term_of(entry);
	if (hold->lease) {
		lease_logged(hold, OP_WRITE, entry->seq);
		lease_logged(hold, OP_TOUCH, entry->seq);
		return;
	}
	for (size_t i = 0; i < PEOPLE; i++)
		for (unsigned t = 0; t < world->people[i].n_threads; t++) {
			struct thread *thread = &world->people[i].threads[t];

			if (thread->request && thread->op == OP_WRITE && thread->file->hold == hold)
				thread->logged_seq = entry->seq;
		}
}

static struct freeze_seen *freeze_of(const char *name)
{
	for (unsigned i = world->judge.n_freezes; i-- > 0;)
		if (strcmp(world->judge.freezes[i].name, name) == 0 &&
			!world->judge.freezes[i].ended)
			return &world->judge.freezes[i];
	return NULL;
}

/* Whether the freeze is one that its process writes just now; it may also begin by closing. */
static bool is_written(const struct entry *entry)
{
	const struct process *process = process_of(entry->pid);

	for (unsigned t = 0; process && t < process->n_threads; t++)
		if (process->threads[t].op == OP_WRITE && process->threads[t].file &&
			strcmp(process->threads[t].file->text, entry->wish.names[0]) == 0)
			return true;
	return false;
}

static void frozen(const struct entry *entry)
{
	struct freeze_seen *freeze = freeze_of(entry->wish.names[0]);

	if (freeze) {
		freeze->ended = true;
		freeze->ended_seq = entry->seq;
	}
	if (world->judge.n_freezes == FREEZES) {
		fail("more than %d freezes: too many for this simulation", FREEZES);
		return;
	}
	freeze = &world->judge.freezes[world->judge.n_freezes++];
	*freeze = (struct freeze_seen){.term = term_of(entry), .seq = entry->seq};
	freeze->term.until_ns = entry->until_ns;
	strcpy(freeze->name, entry->wish.names[0]);
	for (size_t i = 0; i < world->kernel.n_requests; i++) {
		const struct request *request = &world->kernel.requests[i];

		if (request->used && request->waits && freezes_bar(&request->wish))
			request->thread->was_frozen = true;
	}
	if (is_written(entry))
		logged(entry->pid, OP_WRITE, AT_FREEZES, entry->seq);
}

static void thawed(const struct entry *entry)
{
	struct freeze_seen *freeze = freeze_of(entry->wish.names[0]);
	bool lifted = strcmp(entry->event, "unfreeze") == 0;

	if (!freeze) {
		fail("the log thaws %s, which is not frozen", entry->wish.names[0]);
		return;
	}
	if (!lifted &&
		world->boot_ns + (freeze->term.by_wall ? WALL_SLACK_MS * MS : 0) <
			freeze->term.until_ns)
		fail("the freeze of %s thawed before its time", freeze->name);
	freeze->ended = true;
	freeze->ended_seq = entry->seq;
	if (lifted)
		logged(entry->pid, OP_UNLINK, AT_FREEZES, entry->seq);
}

void line_judge(const struct entry *entry)
{
	const char *event = entry->event;

	if (strcmp(event, "acquire") == 0)
		acquired(entry);
	else if (strcmp(event, "deny") == 0)
		denied(entry);
	else if (strcmp(event, "release") == 0 || strcmp(event, "auto-prune") == 0 ||
		strcmp(event, "stale-break") == 0 || strcmp(event, "force-break") == 0)
		ended(entry);
	else if (strcmp(event, "renew") == 0)
		renewed(entry);
	else if (strcmp(event, "freeze") == 0)
		frozen(entry);
	else if (strcmp(event, "unfreeze") == 0 || strcmp(event, "thaw") == 0)
		thawed(entry);
	else if (strcmp(event, "checkpoint") == 0)
		judge_checkpoint(entry);
	else if (strcmp(event, "stop") == 0)
		world->judge.stopped = true;
	else if (strcmp(event, "start") == 0)
		world->judge.stopped = world->judge.stopping = false;
}
