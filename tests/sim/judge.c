/* See judge.h: calls and their answers. */
#include "judge.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "people.h"
#include "story.h"
#include "vdisk.h"

#define GRACE_NS                                                                                   \
	(4000 * MS) /* and more, if the server did not come to it, in which who was interrupted gets his place back */
#define RETRY_NS (300 * MS) /* after which a log that failed must have been tried again */

bool log_failed(uint64_t since_ns)
{
	if (world->judge.log_failed || world->faults.full || world->faults.sync_bad)
		world->judge.failed_ns = world->mono_ns;
	return world->judge.failed_ns &&
		(world->judge.failed_ns + RETRY_NS >= since_ns ||
			world->judge.granted_ns < world->judge.failed_ns);
}

/* Whether somebody is in the way: a hold that its holder has not given back, or who waits already. */
static bool taken(const struct wish *wish, const struct request *own)
{
	for (unsigned i = 0; i < world->judge.n_holds; i++)
		if ((!world->judge.holds[i].released ||
			    world->judge.holds[i].mount_id != world->kernel.mount_id) &&
			hold_bars(&world->judge.holds[i], wish))
			return true;
	for (size_t i = 0; i < world->kernel.n_requests; i++) {
		const struct request *other = &world->kernel.requests[i];

		if (other->used && other->waits && other != own && !other->wish.try &&
			wishes_meet(&other->wish, wish))
			return true;
	}
	return false;
}

void judge_asked(struct process *process, struct thread *thread)
{
	struct request *request = thread->request;

	(void)process;
	request->waits = true;
	request->wish = thread->wish;
	if (thread->flags & O_NONBLOCK)
		request->wish.try = true;
	request->returning =
		thread->interrupted && world->mono_ns <= thread->interrupted_ns + GRACE_NS;
	if (!request->returning || strcmp(thread->text, thread->wanted) != 0)
		thread->began_ns = world->mono_ns;
	thread->interrupted = request->returning;
	thread->logged_seq = 0;
	thread->asked_ns = world->mono_ns;
	thread->was_taken = taken(&request->wish, request);
	thread->was_frozen = freezes_bar(&request->wish);
}

void judge_used(struct thread *thread)
{
	thread->logged_seq = 0;
	thread->asked_ns = world->mono_ns;
	thread->was_lost = thread->file->hold && thread->file->hold->ended;
}

/* The log does not say which of a process's threads is granted: it may have been this one. */
static struct hold *meant_for_another(struct process *process, struct thread *thread)
{
	for (unsigned t = 0; t < process->n_threads; t++) {
		struct thread *other = &process->threads[t];
		struct hold *hold = other->request && other->request->granted
			? hold_of_line(other->logged_seq)
			: NULL;

		if (other == thread || !hold || hold->claimed ||
			!same_wish(&other->wish, &thread->wish))
			continue;
		other->logged_seq = 0;
		other->request->granted = false;
		return hold;
	}
	return NULL;
}

void judge_opened(struct process *process, struct thread *thread, struct file *file)
{
	struct hold *found = NULL;

	if (file->place != AT_LOCKS)
		return;
	for (unsigned i = 0; i < world->judge.n_holds; i++) {
		struct hold *hold = &world->judge.holds[i];

		if (!hold->lease && !hold->claimed && hold->pid == process->pid &&
			thread->logged_seq && hold->seq == thread->logged_seq)
			found = hold;
	}
	if (!found)
		found = meant_for_another(process, thread);
	if (!found) {
		fail("%d was granted %s, but the log does not say so", process->pid, file->text);
		return;
	}
	found->claimed = true;
	if (found->token > world->judge.token_told)
		world->judge.token_told = found->token;
	found->file = file;
	file->hold = found;
	if (found->ended)
		file->lost_ns = world->mono_ns;
}

void judge_released(struct file *file)
{
	if (file->hold) {
		file->hold->released = true;
		file->hold->released_ns = world->mono_ns;
		file->hold->file = NULL;
	}
	for (unsigned i = 0; file->dead && i < world->judge.n_holds; i++)
		if (may_be_of(file,
			    &world->judge.holds[i])) /* it was not told apart from one of that */
			world->judge.holds[i].released_ns = world->mono_ns;
}

void judge_unmounted(void)
{
	for (unsigned i = 0; i < world->judge.n_holds; i++) {
		struct hold *hold = &world->judge.holds[i];

		if (hold->lease || hold->claimed || hold->released)
			continue;
		hold->released = true;
		hold->released_ns = world->mono_ns;
	}
}

/* Whether somebody was in the way since then who is no more. */
static bool was_taken_since(const struct wish *wish, uint64_t since_ns)
{
	for (unsigned i = 0; i < world->judge.n_holds; i++)
		if (world->judge.holds[i].ended && world->judge.holds[i].ended_ns >= since_ns &&
			wishes_meet(&world->judge.holds[i].wish, wish))
			return true;
	return false;
}

static void open_refused(const struct process *process, const struct thread *thread,
	const struct request *request, int err)
{
	const struct wish *wish = &request->wish;
	bool ok = false;

	switch (err) {
	case EAGAIN:
		ok = wish->try &&
			(thread->was_taken || thread->was_frozen || taken(wish, request) ||
				freezes_bar(wish) || log_failed(thread->asked_ns) ||
				was_taken_since(wish, thread->asked_ns));
		break;
	case ETIMEDOUT:
		ok = wish->timeout_ms != NONE && !wish->try &&
			(request->returning ||
				world->mono_ns >= thread->began_ns + wish->timeout_ms * MS);
		break;
	case EBUSY:
		ok = !wish->frozen_wait &&
			(thread->was_frozen || freezes_bar(wish) || log_failed(thread->asked_ns));
		break;
	case EINTR: ok = request->interrupted || process->dying; break;
	case EIO: ok = log_failed(thread->asked_ns); break;
	case ESHUTDOWN: ok = world->judge.stopping || world->over; break;
	case EDEADLK: ok = process->n_threads == 1; break;
	case EINVAL: ok = wish->bind || strcmp(wish->names[0], "c") == 0; break;
	case ENOLCK: ok = true; break;
	case ECONNABORTED: ok = !world->kernel.up; break;
	default: break;
	}
	if (!ok)
		fail("%d asked for %s and got '%s', which nothing explains", process->pid,
			thread->text, strerror(err));
}

/* Whether a hold is lost, or may be by a line that is about to be written. */
static bool may_be_lost(const struct hold *hold)
{
	return hold->ended || log_failed(0) || hold->wish.bind || asked_to_break(hold) ||
		hold->term.until_ns <= world->mono_ns;
}

static void hold_read(
	const struct process *process, const struct thread *thread, const char *data, size_t len)
{
	const struct hold *hold = thread->file->hold;
	const char *token = memmem(data, len, "\"token\":", 8);
	bool lost = memmem(data, len, "\"state\":\"lost\"", 14) != NULL;

	if (!token) {
		if (len > 0)
			fail("%d reads its hold and sees %s", process->pid, shown(data, len));
		return;
	}
	if (strtoull(token + 8, NULL, 10) != hold->token)
		fail("%d has the %s and reads another token", process->pid, hold_shown(hold));
	if (thread->was_lost && !lost)
		fail("%d has lost the %s and reads that it is held", process->pid,
			hold_shown(hold));
	if (lost && !may_be_lost(hold))
		fail("%d has the %s and reads that it is lost", process->pid, hold_shown(hold));
}

static void renew_answered(const struct process *process, const struct thread *thread, int err)
{
	const struct hold *hold = thread->file->hold;
	bool command = strncmp(thread->text, "renew", 5) == 0, ok = false;

	switch (err) {
	case 0: ok = command && thread->logged_seq; break;
	case EINVAL: ok = !command; break;
	case ESTALE: ok = hold->ended || log_failed(thread->asked_ns); break;
	case EIO: ok = log_failed(thread->asked_ns); break;
	case EINTR:
	case ECONNABORTED: ok = true; break;
	default: break;
	}
	if (err == 0 && thread->was_lost)
		ok = false;
	if (!ok)
		fail("%d writes '%s' to the %s and is told '%s'", process->pid,
			shown(thread->text, strlen(thread->text)), hold_shown(hold),
			err ? strerror(err) : "ok");
}

static void hold_used(const struct process *process, const struct thread *thread, int err,
	const char *data, size_t len)
{
	uint32_t revents;

	if (!thread->file->hold)
		return;
	if (thread->op == OP_WRITE) {
		renew_answered(process, thread, err);
	} else if (err != 0) {
		if (err != EINTR && err != ECONNABORTED && err != ESTALE)
			fail("%d uses its hold and is told '%s'", process->pid, strerror(err));
	} else if (thread->op == OP_READ) {
		hold_read(process, thread, data, len);
	} else {
		memcpy(&revents, data, sizeof(revents));
		if (thread->was_lost && !(revents & POLLERR))
			fail("%d polls a hold that it lost, and is not told", process->pid);
		if ((revents & POLLERR) && !may_be_lost(thread->file->hold))
			fail("%d polls a hold that it has, and is told that it is lost",
				process->pid);
	}
}

/* What has to be in the log before it is answered, and then outlives the machine. */
static bool must_be_logged(const struct thread *thread)
{
	enum place place = thread->file ? thread->file->place : thread->place;

	switch (thread->op) {
	case OP_OPEN: return place == AT_LEASES && (thread->flags & O_TRUNC);
	case OP_WRITE: return place == AT_FREEZES || place == AT_LEASES;
	case OP_UNLINK: return true;
	case OP_TOUCH: return true;
	default: return false;
	}
}

/* The lease may end though its taker was not told so: he wrote what is refused, or gave it back when the log could
 * just not be written. */
static void lease_dropped(const struct process *process, const char *text)
{
	struct wish wish;

	wish_parse(text, &wish);
	for (unsigned i = 0; i < world->judge.n_holds; i++) {
		struct hold *hold = &world->judge.holds[i];

		if (hold->lease && hold->uid == process->uid && wishes_meet(&wish, &hold->wish))
			hold->dropped = true;
	}
}

static void command_answered(const struct process *process, const struct thread *thread, int err)
{
	enum place place = thread->file ? thread->file->place : thread->place;

	if (!must_be_logged(thread))
		return;
	if (thread->op == OP_WRITE && place == AT_LEASES && err)
		lease_dropped(process, thread->file->text);
	if (thread->op == OP_UNLINK && place == AT_LEASES && err == EIO)
		lease_dropped(process, thread->text);
	if (err == 0 && !thread->logged_seq && !(place == AT_LOCKS && log_failed(thread->asked_ns)))
		fail("%d is told that it is done, but the log does not say so", process->pid);
	if (err != 0 && thread->logged_seq && err != ECONNABORTED && !process->dying &&
		!log_failed(thread->asked_ns))
		fail("%d is told '%s', but line %llu of the log says that it is done", process->pid,
			strerror(err), (unsigned long long)thread->logged_seq);
	if (err == 0 && place != AT_LOCKS && thread->logged_seq > world->judge.acked)
		world->judge.acked = thread->logged_seq;
}

void judge_answered(struct process *process, struct thread *thread, const struct request *request,
	int err, const char *data, size_t len)
{
	if (err)
		say("%d: is told '%s'", process->pid, strerror(err));
	if (thread->op == OP_OPEN && request && request->waits && err) {
		if (request->granted && err != ECONNABORTED && !process->dying)
			fail("%d is told '%s', but the log grants it %s", process->pid,
				strerror(err), thread->text);
		open_refused(process, thread, request, err);
		if (err == EINTR && !process->dying) {
			thread->interrupted = true;
			strcpy(thread->wanted, thread->text);
			thread->interrupted_ns = world->mono_ns;
		}
	} else if (thread->op == OP_READ && strncmp(thread->file->text, "audit", 5) == 0) {
		if (err == 0)
			judge_stream(thread->file, data, len);
	} else if (thread->op == OP_READ || thread->op == OP_WRITE || thread->op == OP_POLL) {
		hold_used(process, thread, err, data, len);
	}
	if (request)
		command_answered(process, thread, err);
}

static void stream_line(struct file *file)
{
	char *h = strstr(file->part, ",\"h\":\"");
	uint64_t seq =
		strncmp(file->part, "{\"seq\":", 7) == 0 ? strtoull(file->part + 7, NULL, 10) : 0;

	if (strncmp(file->part, "{\"event\":\"missed\"", 17) == 0) {
		file->seq = 0;
		return;
	}
	if (!seq || !h)
		fail("a reader of audit sees %s", shown(file->part, file->part_len));
	if (file->seq && seq != file->seq + 1)
		fail("a reader of audit sees line %llu after line %llu", (unsigned long long)seq,
			(unsigned long long)file->seq);
	if (seq > world->judge.seq)
		judge_log();
	if (h && seq < LINES && strncmp(h + 6, world->lines[seq].h, 64) != 0)
		fail("a reader of audit sees another line %llu than the log has",
			(unsigned long long)seq);
	file->seq = seq;
}

void judge_stream(struct file *file, const char *data, size_t len)
{
	file->offset += len;
	for (size_t i = 0; i < len; i++) {
		if (data[i] != '\n') {
			if (file->part_len < PART_ROOM - 1)
				file->part[file->part_len++] = data[i];
			continue;
		}
		file->part[file->part_len] = '\0';
		if (file->part_len < PART_ROOM - 1)
			stream_line(file);
		file->part_len = 0;
	}
}
