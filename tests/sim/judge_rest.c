/* See judge.h: the moments of rest, and the end. */
#include <linux/fuse.h>
#include <string.h>

#include "judge.h"
#include "story.h"

#define UNSEEN_NS (5000 * MS)
#define DOUBT_NS (12000 * MS)

/* Why a waiter has to go on waiting; false if nothing is in his way. */
static bool waits_rightly(const struct request *request)
{
	if (holds_bar(&request->wish) || freezes_bar(&request->wish))
		return true;
	for (size_t i = 0; i < world->kernel.n_requests; i++) {
		const struct request *other = &world->kernel.requests[i];

		if (other->used && other->waits && other != request &&
			wishes_meet(&other->wish, &request->wish))
			return true;
	}
	return false;
}

static void rest_of_request(struct request *request)
{
	const struct thread *thread = request->thread;

	if (!request->used || !request->sent)
		return;
	if (!request->settled)
		request->settled_ns = world->mono_ns;
	request->settled = true;
	if (request->interrupted)
		fail("request %llu was interrupted and is not answered",
			(unsigned long long)request->order);
	if (request->waits && !waits_rightly(request))
		fail("%d waits for %s, and nothing is in its way", request->process->pid,
			thread->text);
	if (request->waits && request->wish.timeout_ms != NONE &&
		world->mono_ns > request->settled_ns + request->wish.timeout_ms * MS + MS)
		fail("%d waits for %s longer than it asked for", request->process->pid,
			thread->text);
	if (request->waits && freezes_bar(&request->wish) && !request->wish.frozen_wait)
		fail("%d waits for %s, which is frozen", request->process->pid, thread->text);
	if (!request->waits &&
		!(request->opcode == FUSE_READ && thread &&
			strcmp(thread->file->text, "audit") == 0))
		fail("request %llu is not answered", (unsigned long long)request->order);
}

/* After a restart it may take a while to see that nobody was told of a grant. */
static bool in_doubt(void)
{
	return world->revived_ns && world->mono_ns < world->revived_ns + DOUBT_NS;
}

/* That the last descriptor of a mount which is gone was closed is seen a while later, and holds by one spec are
 * not told apart. */
static bool may_be_unseen(const struct hold *hold)
{
	if (hold->mount_id == world->kernel.mount_id)
		return false;
	for (size_t i = 0; i < world->n_files; i++)
		if (world->files[i].used && world->files[i].dead &&
			may_be_of(&world->files[i], hold))
			return true;
	return world->mono_ns < hold->released_ns + UNSEEN_NS;
}

static void rest_of_hold(const struct hold *hold)
{
	const uint64_t now_ns = hold->lease ? world->boot_ns : world->mono_ns;
	const uint64_t slack_ns = hold->term.by_wall ? 1500 * MS : MS;

	if (hold->ended)
		return;
	if (hold->term.until_ns != NONE && now_ns > hold->term.until_ns + slack_ns)
		fail("the %s is held beyond its time", hold_shown(hold));
	if (!hold->lease && hold->released && !may_be_unseen(hold))
		fail("the %s is held, but its last descriptor is closed", hold_shown(hold));
	if (!hold->lease && !hold->claimed && !in_doubt() &&
		hold->mount_id == world->kernel.mount_id)
		fail("the %s is held, but nobody was told of it", hold_shown(hold));
}

/* Who sleeps in poll(2) must have been woken by what there is to see. */
static void rest_of_sleeper(const struct process *process, const struct thread *thread)
{
	const struct file *file = process->fds[thread->fd];

	if (!thread->sleeps || !file || file->dead)
		return;
	if (file->hold && file->hold->ended)
		fail("%d sleeps in poll, and its hold is lost", process->pid);
	if (strcmp(file->text, "audit") == 0 && file->seq && file->part_len == 0 &&
		file->seq < world->judge.seq)
		fail("%d sleeps in poll on audit, and there are more lines", process->pid);
	for (size_t i = 0; file->hold && i < world->kernel.n_requests; i++) {
		const struct request *request = &world->kernel.requests[i];

		if (request->used && request->waits && request->sent &&
			wishes_meet(&request->wish, &file->hold->wish))
			fail("%d sleeps in poll, and others wait for its hold", process->pid);
	}
}

void judge_rest(void)
{
	struct judge *judge = &world->judge;

	judge_log();
	if (log_failed(world->mono_ns) || !world->kernel.greeted)
		return;
	for (size_t i = 0; i < world->kernel.n_requests; i++)
		rest_of_request(&world->kernel.requests[i]);
	for (unsigned i = 0; i < judge->n_holds; i++)
		rest_of_hold(&judge->holds[i]);
	for (unsigned i = 0; i < judge->n_freezes; i++)
		if (!judge->freezes[i].ended &&
			world->boot_ns > judge->freezes[i].term.until_ns +
					(judge->freezes[i].term.by_wall ? 1500 * MS : MS))
			fail("the freeze of %s lasts beyond its time", judge->freezes[i].name);
	for (size_t i = 0; i < PEOPLE; i++)
		for (unsigned t = 0; world->people[i].alive && t < world->people[i].n_threads; t++)
			rest_of_sleeper(&world->people[i], &world->people[i].threads[t]);
}

void judge_end(int code)
{
	judge_log();
	if (code != 0)
		fail("the server ended with the code %d: %s", code, world->told_by_server);
	else if (!world->judge.stopped)
		fail("the server ended and its log does not say so");
	for (unsigned i = 0; i < world->judge.n_holds; i++)
		if (!world->judge.holds[i].ended)
			fail("the %s is held at the end", hold_shown(&world->judge.holds[i]));
}
