/* What the server sees of processes, users and its mount. The functions of fs/ that would read /proc are
 * replaced whole; what asks by pidfd is not. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "core/record.h"
#include "fs/mountpoint.h"
#include "fs/proc.h"
#include "fs/search.h"
#include "people.h"
#include "story.h"
#include "vcalls.h"
#include "vdisk.h"

/* linux/pidfd.h of 6.13 and later. */
struct pidfd_info {
	uint64_t mask, cgroupid;
	uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
	int32_t exit_code;
};
#define PIDFD_INFO_EXIT (1ULL << 3)

bool __wrap_proc_is_ours(void);
bool __wrap_stat_read(int32_t pid, struct stat_line *stat);
int __wrap_proc_open(int32_t pid, const char *name);
int32_t __wrap_proc_group(int32_t tid);
bool __wrap_proc_has_thread(int32_t pid);
int __wrap_proc_descriptors(
	struct process_id process, const char *device, uint64_t *inodes, int room);
const char *__wrap_user_name(uint32_t uid);
bool __wrap_clock_boot_id(char id[DETAIL_MAX + 1]);
void __wrap_message(int priority, const char *format, ...);
void __wrap_mountpoint_unmount(const char *path);
bool __wrap_mountpoint_identity(const char *path, char text[MOUNT_TEXT]);
uint64_t __wrap_mountpoint_number(const char *device);
uint32_t __wrap_mountpoint_namespace(void);
void __wrap_search_process(const struct search *search, int32_t pid);
bool __wrap_search_sees(void);
bool __wrap_search_all(const struct search *search);
int __wrap_closes_watch(void *closes, const struct finding *finding);
int __wrap_closes_next(const void *closes);
void __wrap_closes_finish(void *closes);

/* Each mount has a device of its own. */
static unsigned device_of(uint64_t mount_id)
{
	return 50 + (unsigned)mount_id;
}

long __wrap_syscall(long number, ...)
{
	va_list args;
	struct vfd *vfd;

	va_start(args, number);
	int32_t pid = va_arg(args, int);
	unsigned flags = va_arg(args, unsigned);

	va_end(args);
	struct process *process = flags & O_EXCL ? process_of_thread(pid) : process_of(pid);

	if (number != SYS_pidfd_open || !process || process->reaped) {
		errno = number == SYS_pidfd_open ? ESRCH : ENOSYS;
		return -1;
	}
	int fd = vfd_open(VFD_PIDFD, &vfd);

	vfd->process = process;
	vfd->pid = process->pid;
	return fd;
}

static bool same(const struct vfd *vfd)
{
	return vfd->process->used && vfd->process->pid == vfd->pid;
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	const struct vfd *vfd = vfd_of(fd);

	va_start(args, request);
	struct pidfd_info *info = va_arg(args, struct pidfd_info *);

	va_end(args);
	if (!vfd || vfd->kind != VFD_PIDFD || !same(vfd)) {
		errno = ESRCH;
		return -1;
	}
	info->tgid = info->pid = (uint32_t)vfd->pid;
	if ((info->mask & PIDFD_INFO_EXIT) && vfd->process->alive)
		info->mask = 0;
	info->exit_code = vfd->process->exit_code;
	return 0;
}

/* Nothing is done; it fails for a process without memory, which one that exits soon is. */
ssize_t __wrap_process_madvise(int fd, const void *parts, size_t count, int advice, unsigned flags)
{
	const struct vfd *vfd = vfd_of(fd);

	(void)parts, (void)count, (void)advice, (void)flags;
	if (same(vfd) && vfd->process->alive && !vfd->process->dying)
		return 0;
	errno = ESRCH;
	return -1;
}

bool __wrap_proc_is_ours(void)
{
	return true;
}

bool __wrap_stat_read(int32_t pid, struct stat_line *stat)
{
	const struct process *process = process_of_thread(pid);

	if (!process || process->reaped)
		return false;
	*stat = (struct stat_line){.state = process->alive ? 'S' : 'Z',
		.parent = process->parent,
		.threads = (int32_t)process->n_threads,
		.flags = process->dying ? 4 : 0,
		.start_ns = process->start_ns,
		.exit_code = process->alive && !process->dying ? 0 : process->exit_code};
	return true;
}

int __wrap_proc_open(int32_t pid, const char *name)
{
	(void)pid, (void)name;
	return -1;
}

int32_t __wrap_proc_group(int32_t tid)
{
	const struct process *process = process_of_thread(tid);

	return process ? process->pid : 0;
}

bool __wrap_proc_has_thread(int32_t pid)
{
	const struct process *process = process_of(pid);

	return process && process->alive && !process->dying;
}

int __wrap_proc_descriptors(struct process_id id, const char *device, uint64_t *inodes, int room)
{
	const struct process *process = process_of(id.pid);
	int count = 0;

	(void)device;
	if (!process || !process->alive || process->n_threads != 1 ||
		process->start_ns != id.start_ns)
		return -1;
	for (int i = 0; i < FDS && count < room; i++)
		if (process->fds[i] && !process->fds[i]->dead)
			inodes[count++] = process->fds[i]->node;
	return count < room ? count : -1;
}

const char *__wrap_user_name(uint32_t uid)
{
	return user_of(uid);
}

bool __wrap_clock_boot_id(char id[DETAIL_MAX + 1])
{
	strcpy(id, world->boot_id);
	return true;
}

void __wrap_message(int priority, const char *format, ...)
{
	va_list args;

	(void)priority;
	va_start(args, format);
	vsnprintf(world->told_by_server, sizeof(world->told_by_server), format, args);
	va_end(args);
	say("the server says: %s", world->told_by_server);
}

void __wrap_mountpoint_unmount(const char *path)
{
	(void)path;
}

bool __wrap_mountpoint_identity(const char *path, char text[MOUNT_TEXT])
{
	(void)path;
	sprintf(text, "0:%u/%llu", device_of(world->kernel.mount_id),
		(unsigned long long)world->kernel.mount_id);
	return true;
}

/* A mount that is gone is known for as long as somebody has a file of it. */
uint64_t __wrap_mountpoint_number(const char *device)
{
	unsigned number = 0;

	sscanf(device, "0:%u", &number);
	if (number == device_of(world->kernel.mount_id))
		return world->kernel.mount_id;
	for (size_t i = 0; i < world->n_files; i++)
		if (world->files[i].used && device_of(world->files[i].mount_id) == number)
			return world->files[i].mount_id;
	return 0;
}

uint32_t __wrap_mountpoint_namespace(void)
{
	return 0;
}

/* Of what is open, only the files of locks/ are found. */
void __wrap_search_process(const struct search *search, int32_t pid)
{
	const struct process *process = process_of(pid);

	for (int i = 0; process && process->alive && i < FDS; i++) {
		const struct file *file = process->fds[i];

		if (file && file->place == AT_LOCKS &&
			search->wanted(search->context, makedev(0, device_of(file->mount_id))))
			search->found(search->context,
				&(struct finding){
					.pid = pid, .inode = file->node, .spec = file->text});
	}
}

bool __wrap_search_sees(void)
{
	return true;
}

bool __wrap_search_all(const struct search *search)
{
	for (size_t i = 0; i < PEOPLE; i++)
		if (world->people[i].used && world->people[i].alive)
			__wrap_search_process(search, world->people[i].pid);
	return true;
}

/* The file that a process was found to have. */
static const struct file *file_found(const struct finding *finding)
{
	const struct process *process = process_of(finding->pid);

	for (int i = 0; process && i < FDS; i++)
		if (process->fds[i] && process->fds[i]->dead &&
			process->fds[i]->node == finding->inode)
			return process->fds[i];
	return NULL;
}

int __wrap_closes_watch(void *closes, const struct finding *finding)
{
	const struct file *file = file_found(finding);

	(void)closes;
	for (int i = 0; file && i < WATCHED; i++) {
		struct watched *watched = &world->watched[i];

		if (watched->node == 0)
			*watched = (struct watched){file->mount_id, file->node, false};
		if (watched->node == file->node && watched->mount_id == file->mount_id)
			return i + 1;
	}
	return 0;
}

int __wrap_closes_next(const void *closes)
{
	(void)closes;
	for (int i = 0; i < WATCHED; i++)
		if (world->watched[i].closed) {
			world->watched[i].closed = false;
			return i + 1;
		}
	return 0;
}

void __wrap_closes_finish(void *closes)
{
	(void)closes;
}
