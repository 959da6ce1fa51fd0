/* The calls of processes: open(2) and its like, as the requests that the kernel makes of them. See people.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <string.h>

#include "judge.h"
#include "kernel.h"
#include "people.h"
#include "story.h"

static const char *const dir_names[PLACES] = {[AT_LOCKS] = "locks",
	[AT_LEASES] = "leases",
	[AT_FREEZES] = "freezes",
	[AT_STATUS] = "status"};

#define KERNEL_LARGEFILE 0100000 /* as every 64-bit program opens */

static void ask(struct process *process, struct thread *thread, uint32_t opcode, uint64_t node,
	const void *body, size_t len)
{
	struct request *request = kernel_send(opcode, node, process, thread, body, len);

	say("%d: %s %llu%s%s", process->pid, opcode_word(opcode),
		(unsigned long long)request->order,
		opcode == FUSE_LOOKUP || opcode == FUSE_UNLINK ? " " : "",
		opcode == FUSE_LOOKUP || opcode == FUSE_UNLINK ? (const char *)body : "");
}

static void lookup(struct process *process, struct thread *thread, uint64_t dir, const char *name)
{
	ask(process, thread, FUSE_LOOKUP, dir, name, strlen(name) + 1);
}

static void open_ask(struct process *process, struct thread *thread, const struct node *node)
{
	const struct fuse_open_in in = {.flags = (uint32_t)thread->flags};

	ask(process, thread, FUSE_OPEN, node->number, &in, sizeof(in));
	if (thread->place == AT_LOCKS)
		judge_asked(process, thread);
}

static void create_ask(struct process *process, struct thread *thread)
{
	struct {
		struct fuse_create_in in;
		char name[TEXT];
	} body = {.in = {.flags = (uint32_t)thread->flags | O_CREAT, .mode = 0100644}};

	strcpy(body.name, thread->text);
	ask(process, thread, FUSE_CREATE, node_find(AT_ROOT, dir_names[thread->place])->number,
		&body, sizeof(body.in) + strlen(body.name) + 1);
}

static void touch_ask(struct process *process, struct thread *thread, const struct node *node)
{
	const struct fuse_setattr_in in = {
		.valid = FATTR_MTIME | FATTR_MTIME_NOW | FATTR_ATIME | FATTR_ATIME_NOW};

	ask(process, thread, FUSE_SETATTR, node->number, &in, sizeof(in));
}

/* Goes on with a call by a name: looks up what is not known, then asks for what it is about. */
static void walk(struct process *process, struct thread *thread)
{
	const char *dir_name = dir_names[thread->place];
	const struct node *dir = dir_name ? node_find(AT_ROOT, dir_name) : NULL;
	const struct node *node = node_find(thread->place, thread->text);

	if (dir_name && !dir) {
		lookup(process, thread, FUSE_ROOT_ID, dir_name);
		thread->request->of_dir = true;
	} else if (!node || !node->cached) {
		lookup(process, thread, dir ? dir->number : FUSE_ROOT_ID, thread->text);
	} else if (thread->op == OP_OPEN) {
		open_ask(process, thread, node);
	} else if (thread->op == OP_TOUCH) {
		touch_ask(process, thread, node);
	} else {
		ask(process, thread, FUSE_UNLINK, dir->number, thread->text,
			strlen(thread->text) + 1);
	}
}

static void begin(struct thread *thread, enum op op, enum place place, const char *text)
{
	thread->op = op;
	thread->place = place;
	strcpy(thread->text, text);
	wish_parse(text, &thread->wish);
	thread->again = false;
	thread->logged_seq = 0;
	thread->asked_ns = world->mono_ns;
}

void thread_open(struct process *process, struct thread *thread, enum place place, const char *text,
	int flags)
{
	begin(thread, OP_OPEN, place, text);
	thread->flags = flags | KERNEL_LARGEFILE;
	say("%d: opens %s/%s%s", process->pid, dir_names[place] ? dir_names[place] : "", text,
		flags & O_TRUNC            ? " with >"
			: flags & O_APPEND ? " with >>"
					   : "");
	walk(process, thread);
}

void thread_unlink(
	struct process *process, struct thread *thread, enum place place, const char *text)
{
	begin(thread, OP_UNLINK, place, text);
	say("%d: rm %s/%s", process->pid, dir_names[place], text);
	walk(process, thread);
}

void thread_touch(struct process *process, struct thread *thread, const char *text)
{
	begin(thread, OP_TOUCH, AT_LEASES, text);
	say("%d: touch leases/%s", process->pid, text);
	walk(process, thread);
}

static void use(struct process *process, struct thread *thread, enum op op, int fd)
{
	thread->op = op;
	thread->fd = fd;
	thread->file = process->fds[fd];
	thread->file->refs++;
	judge_used(thread);
}

void thread_read(struct process *process, struct thread *thread, int fd, bool wait)
{
	const struct file *file = process->fds[fd];
	const struct fuse_read_in in = {.fh = file->fh,
		.offset = file->place == AT_ROOT ? file->offset : 0,
		.size = 4096,
		.flags = (uint32_t)(file->flags | (wait ? 0 : O_NONBLOCK))};

	say("%d: reads %s", process->pid, file->text);
	use(process, thread, OP_READ, fd);
	thread->file->read_by = thread;
	ask(process, thread, FUSE_READ, file->node, &in, sizeof(in));
}

void thread_write(struct process *process, struct thread *thread, int fd, const char *text)
{
	const struct file *file = process->fds[fd];
	struct {
		struct fuse_write_in in;
		char text[TEXT];
	} body = {.in = {.fh = file->fh,
			  .size = (uint32_t)strlen(text),
			  .flags = (uint32_t)file->flags}};

	say("%d: writes '%s' to %s", process->pid, shown(text, strlen(text)), file->text);
	strcpy(body.text, text);
	strcpy(thread->text, text);
	use(process, thread, OP_WRITE, fd);
	ask(process, thread, FUSE_WRITE, file->node, &body, sizeof(body.in) + strlen(text));
}

void thread_poll(struct process *process, struct thread *thread, int fd)
{
	struct file *file = process->fds[fd];
	const struct fuse_poll_in in = {.fh = file->fh,
		.kh = file->kh,
		.flags = FUSE_POLL_SCHEDULE_NOTIFY,
		.events = POLLIN | POLLPRI};

	say("%d: polls %s", process->pid, file->text);
	file->polled = true;
	use(process, thread, OP_POLL, fd);
	ask(process, thread, FUSE_POLL, file->node, &in, sizeof(in));
}

static void node_learn(enum place place, const char *text, const struct fuse_entry_out *entry)
{
	struct node *node = node_find(place, text);

	if (node && node->number != entry->nodeid) {
		if (node_of(entry->nodeid))
			fail("two files have the number %llu", (unsigned long long)entry->nodeid);
		node->used = false; /* what was known by this name is another file now */
		node = NULL;
	}
	if (!node) {
		node = node_free();
		*node = (struct node){.used = true, .place = place, .number = entry->nodeid};
		strcpy(node->text, text);
	}
	node->lookups++;
	node->cached = true;
}

/* What a file is opened as. */
static void file_opened(struct process *process, struct thread *thread, uint64_t node, uint64_t fh)
{
	struct file *file = kfile_create();

	file->place = thread->place;
	strcpy(file->text, thread->text);
	file->node = node;
	file->fh = fh;
	file->flags = thread->flags;
	judge_opened(process, thread, file);
	for (int i = 0; i < FDS; i++)
		if (!process->dying && !process->fds[i]) {
			process->fds[i] = file;
			return;
		}
	kfile_put(file); /* who asked for it is being killed, or has too many */
}

static void looked_up(struct process *process, struct thread *thread, int err,
	const struct fuse_entry_out *entry, bool is_dir)
{
	const char *dir_name = dir_names[thread->place];

	if (err == 0) {
		node_learn(
			is_dir ? AT_ROOT : thread->place, is_dir ? dir_name : thread->text, entry);
		if (process->dying) {
			thread_idle(process, thread);
			return;
		}
		walk(process, thread);
		if (entry->entry_valid == 0 && !is_dir)
			node_find(thread->place, thread->text)->cached = false;
	} else if (err == ENOENT && thread->op == OP_OPEN && (thread->flags & O_CREAT)) {
		if (process->dying)
			thread_idle(process, thread);
		else
			create_ask(process, thread);
	} else {
		if (err == EIO)
			fail("%d looks up %s and gets '%s', which nothing explains", process->pid,
				thread->text, strerror(err));
		judge_answered(process, thread, NULL, err, NULL, 0);
		thread_idle(process, thread);
	}
}

/* The number is not known to the server: the kernel looks the name up again, once. */
static bool looks_again(struct process *process, struct thread *thread)
{
	struct node *node = node_find(thread->place, thread->text);

	if (thread->again || process->dying || !node)
		return false;
	thread->again = true;
	node->cached = false;
	walk(process, thread);
	return true;
}

static void opened(struct process *process, struct thread *thread, const struct request *request,
	int err, const char *data)
{
	struct fuse_entry_out entry;
	struct fuse_open_out open;

	if (err == 0 && request->opcode == FUSE_CREATE) {
		memcpy(&entry, data, sizeof(entry));
		memcpy(&open, data + sizeof(entry), sizeof(open));
		node_learn(thread->place, thread->text, &entry);
		if (entry.entry_valid == 0)
			node_find(thread->place, thread->text)->cached = false;
		file_opened(process, thread, entry.nodeid, open.fh);
	} else if (err == 0) {
		memcpy(&open, data, sizeof(open));
		file_opened(process, thread, request->node, open.fh);
	}
}

void thread_answered(struct request *request, int err, const char *data, size_t len)
{
	struct thread *thread = request->thread;
	struct process *process = request->process;
	struct fuse_entry_out entry = {0};

	thread->request = NULL;
	if (thread->op == OP_READ)
		thread->file->read_by = NULL;
	if (request->opcode == FUSE_LOOKUP) {
		if (err == 0)
			memcpy(&entry, data, sizeof(entry));
		looked_up(process, thread, err, &entry, request->of_dir);
		return;
	}
	if (err == ESTALE && thread->op != OP_READ && thread->op != OP_WRITE &&
		thread->op != OP_POLL && looks_again(process, thread))
		return;
	judge_answered(process, thread, request, err, data, len);
	if (thread->op == OP_OPEN)
		opened(process, thread, request, err, data);
	if (thread->op == OP_POLL && err == 0 && !process->dying && thread->file->polled) {
		uint32_t revents;

		memcpy(&revents, data, sizeof(revents));
		thread->sleeps =
			process->fds[thread->fd] == thread->file && /* not closed meanwhile */
			!(revents & (POLLERR | POLLHUP | POLLPRI)) &&
			(thread->file->place == AT_LOCKS || !(revents & POLLIN));
	}
	thread_idle(process, thread);
}
