/* See people.h: processes, their threads and descriptors. What calls do is in calls.c. */
#include "people.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"
#include "story.h"

struct process *process_of(int32_t pid)
{
	for (size_t i = 0; i < PEOPLE; i++)
		if (world->people[i].used && world->people[i].pid == pid)
			return &world->people[i];
	return NULL;
}

struct process *process_of_thread(int32_t tid)
{
	for (size_t i = 0; i < PEOPLE; i++)
		for (unsigned t = 0; world->people[i].used && t < world->people[i].n_threads; t++)
			if (world->people[i].threads[t].tid == tid)
				return &world->people[i];
	return NULL;
}

const char *user_of(uint32_t uid)
{
	return uid == 0 ? "root" : uid == 1000 ? "ada" : "bob";
}

static struct process *place_for_one(void)
{
	struct process *oldest = NULL;

	for (size_t i = 0; i < PEOPLE; i++) {
		struct process *process = &world->people[i];

		if (!process->used)
			return process;
		if (!process->alive && (!oldest || process->ended_ns < oldest->ended_ns))
			oldest = process;
	}
	return oldest;
}

struct process *process_fork(const struct process *parent, uint32_t uid, unsigned threads)
{
	struct process *process = place_for_one();

	if (!process)
		return NULL;
	*process = (struct process){.used = true,
		.alive = true,
		.pid = world->last_pid += 1 + (int32_t)dice_below(&world->dice, 3),
		.parent = parent ? parent->pid : 1,
		.uid = uid,
		.start_ns = world->boot_ns - world->boot_ns % (10 * MS),
		.n_threads = threads};
	for (unsigned t = 0; t < threads; t++)
		process->threads[t].tid = process->pid + (int32_t)t;
	world->last_pid += (int32_t)threads;
	for (int i = 0; parent && i < FDS; i++)
		if ((process->fds[i] = parent->fds[i]))
			process->fds[i]->refs++;
	if (parent)
		say("%d: begins, a child of %d", process->pid, parent->pid);
	else
		say("%d: begins, of user %u%s", process->pid, uid,
			threads > 1 ? ", with two threads" : "");
	return process;
}

/* All its calls have ended: its files are closed, and then it is gone. */
static void process_finish(struct process *process)
{
	for (unsigned t = 0; t < process->n_threads; t++)
		if (process->threads[t].request)
			return;
	for (int i = 0; i < FDS; i++)
		if (process->fds[i])
			process_close(process, i);
	process->alive = false;
	process->ended_ns = world->mono_ns;
	process->reaped = dice_once(&world->dice, 2);
	say("%d: is gone", process->pid);
}

void process_end_by(struct process *process, int number)
{
	say("%d: %s", process->pid, number ? "is killed" : "exits");
	process->dying = true;
	process->exit_code = number;
	for (unsigned t = 0; t < process->n_threads; t++) {
		process->threads[t].op =
			process->threads[t].request ? process->threads[t].op : OP_NONE;
		process->threads[t].sleeps = false;
		if (process->threads[t].request)
			kernel_interrupt(process->threads[t].request, true);
	}
	if (process->alive)
		process_finish(process);
}

void process_close(struct process *process, int fd)
{
	struct file *file = process->fds[fd];

	say("%d: closes %d, %s", process->pid, fd, file->text);
	process->fds[fd] = NULL;
	for (unsigned t = 0; t < process->n_threads; t++)
		if (process->threads[t].fd == fd)
			process->threads[t].sleeps = false; /* on what its process no longer has */
	kfile_put(file);
}

void thread_idle(struct process *process, struct thread *thread)
{
	thread->op = OP_NONE;
	thread->request = NULL;
	if (thread->file)
		kfile_put(thread->file);
	thread->file = NULL;
	if (process->dying && process->alive)
		process_finish(process);
}

void people_wake(struct file *file)
{
	for (size_t i = 0; i < PEOPLE; i++) {
		struct process *process = &world->people[i];

		for (unsigned t = 0; process->alive && !process->dying && t < process->n_threads;
			t++) {
			struct thread *thread = &process->threads[t];

			if (!thread->sleeps || process->fds[thread->fd] != file)
				continue;
			thread->sleeps = false;
			thread_poll(process, thread, thread->fd);
		}
	}
}

static void name_add(struct wish *wish, const char *text, size_t len)
{
	char name[16] = "";
	unsigned at = 0;

	if (wish->n_names == NAMES || len >= sizeof(name))
		return;
	memcpy(name, text, len);
	while (at < wish->n_names && strcmp(wish->names[at], name) < 0)
		at++;
	memmove(wish->names[at + 1], wish->names[at], (wish->n_names - at) * sizeof(name));
	memcpy(wish->names[at], name, sizeof(name));
	wish->n_names++;
}

/* "30ms", "10s" and "5m" will do here. */
static uint64_t duration(const char *text)
{
	char *unit;
	uint64_t number = strtoull(text, &unit, 10);

	return strncmp(unit, "ms", 2) == 0 ? number : *unit == 'm' ? number * 60000 : number * 1000;
}

static void option_add(struct wish *wish, const char *text)
{
	if (strncmp(text, "ttl=", 4) == 0)
		wish->ttl_ms = duration(text + 4);
	else if (strncmp(text, "timeout=", 8) == 0)
		wish->timeout_ms = duration(text + 8);
	else if (strncmp(text, "slots=", 6) == 0)
		wish->slots = (unsigned)atoi(text + 6);
	else if (strncmp(text, "token=", 6) == 0)
		wish->token = strtoull(text + 6, NULL, 10);
	else if (strncmp(text, "owner=", 6) == 0)
		snprintf(wish->owner, sizeof(wish->owner), "%.*s", (int)strcspn(text + 6, ","),
			text + 6);
	wish->try |= strncmp(text, "try", 3) == 0;
	wish->shared |= strncmp(text, "shared", 6) == 0;
	wish->frozen_wait |= strncmp(text, "frozen=wait", 11) == 0;
	wish->bind |= strncmp(text, "bind=pid", 8) == 0;
}

void wish_parse(const char *text, struct wish *wish)
{
	size_t end = strcspn(text, "@");

	*wish = (struct wish){.slots = 1, .ttl_ms = NONE, .timeout_ms = NONE};
	for (size_t at = 0; at < end;) {
		size_t len = strcspn(text + at, "+@");

		name_add(wish, text + at, len);
		at += len + (text[at + len] == '+');
	}
	for (const char *at = text + end; *at; at += strcspn(at, ","))
		option_add(wish, ++at);
	if (wish->try)
		wish->timeout_ms = 0;
}
