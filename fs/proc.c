/* See proc.h. */
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mounts.h"

#define STAT_EXITING 0x4 /* PF_EXITING in the flags of /proc/PID/stat */

bool proc_is_ours(void)
{
	static int32_t self = -1;
	char link[32] = "";

	if (self < 0)
		self = readlink("/proc/self", link, sizeof(link) - 1) > 0 ? atoi(link) : 0;
	return self == getpid();
}

int proc_open(int32_t pid, const char *name)
{
	char path[96];
	int fd;

	if (!proc_is_ours()) {
		errno = EXDEV;
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		errno = ESRCH;
	return fd;
}

/* Reads a small file of /proc into `text`, terminated. False when it is gone. */
static bool proc_read(int32_t pid, const char *name, char *text, size_t room)
{
	int fd = proc_open(pid, name);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, text, room - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* Reads /proc/PID/stat (proc(5)): the command's name may hold anything, so begin after its ')'. */
bool stat_read(int32_t pid, struct stat_line *stat)
{
	char text[1024], *at;
	unsigned long long flags, start;
	long threads;
	int fields;

	if (!proc_read(pid, "stat", text, sizeof(text)) || !(at = strrchr(text, ')')))
		return false;
	fields = sscanf(at + 1,
		" %c %d %*d %*d %*d %*d %llu %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %ld %*d %llu",
		&stat->state, &stat->parent, &flags, &threads, &start);
	if (fields != 5)
		return false;
	stat->flags = flags;
	stat->threads = (int32_t)threads;
	stat->start_ns = start * (1000000000ULL / (unsigned long)sysconf(_SC_CLK_TCK));
	if (stat->start_ns > INT64_MAX) /* before the clock of our time namespace began */
		stat->start_ns = 0;
	stat->exit_code = -1;
	if ((at = strrchr(at, ' '))) /* the last field; 0 also where it is not shown */
		stat->exit_code = atoi(at + 1);
	return true;
}

int32_t proc_group(int32_t tid)
{
	char text[2048], *line;

	if (!proc_read(tid, "status", text, sizeof(text)) || !(line = strstr(text, "\nTgid:")))
		return 0;
	return atoi(line + 6);
}

uint32_t proc_user(int32_t pid)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	return proc_is_ours() && stat(path, &st) == 0 ? st.st_uid : UINT32_MAX;
}

/* Whether a thread is on its way out; one that cannot be read for now is not. */
static bool thread_exits(int32_t tid)
{
	struct stat_line stat;

	if (!stat_read(tid, &stat))
		return errno == ESRCH;
	return (stat.flags & STAT_EXITING) || stat.state == 'Z' || stat.state == 'X';
}

bool proc_has_thread(int32_t pid)
{
	char path[64];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	if (!proc_is_ours())
		return false;
	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	if (!(dir = opendir(path)))
		return errno != ENOENT;
	while (!found && (entry = readdir(dir)))
		found = atoi(entry->d_name) > 0 && !thread_exits(atoi(entry->d_name));
	closedir(dir);
	return found;
}

size_t proc_family(int32_t pid, struct process_id *family, size_t room)
{
	struct stat_line stat;
	size_t count = 0;

	while (pid > 0 && count < room && stat_read(pid, &stat)) {
		family[count++] = (struct process_id){pid, stat.start_ns};
		pid = stat.parent;
	}
	return count;
}

/* Whether the link leads to a path: pipes, sockets and the like are no files of a mount's. */
static bool is_path(int32_t pid, const char *link)
{
	char path[96], first;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, link);
	return readlink(path, &first, 1) == 1 && first == '/';
}

long long proc_field(const char *text, const char *key, int base)
{
	const char *at = strstr(text, key);

	return at ? strtoll(at + strlen(key), NULL, base) : -1;
}

/* The inode of descriptor `fd` of the process, if it is open on the device; else 0. */
static uint64_t descriptor_inode(int32_t pid, const char *fd, dev_t device)
{
	char name[64], path[96], text[1024];
	struct statx st;

	snprintf(name, sizeof(name), "fd/%.32s", fd);
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	if (!is_path(pid, name) ||
		statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, 0, &st) != 0 ||
		makedev(st.stx_dev_major, st.stx_dev_minor) != device)
		return 0;
	snprintf(name, sizeof(name), "fdinfo/%.32s", fd);
	if (!proc_read(pid, name, text, sizeof(text)) || (proc_field(text, "flags:", 8) & O_PATH))
		return 0;
	return (uint64_t)proc_field(text, "ino:", 10);
}

int proc_descriptors(struct process_id process, const char *device, uint64_t *inodes, int room)
{
	char path[64];
	struct stat_line stat;
	struct dirent *entry;
	int count = 0;
	dev_t wanted;
	DIR *dir;

	if (!stat_read(process.pid, &stat) || stat.start_ns != process.start_ns ||
		stat.threads != 1 || !device_read(device, &wanted))
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/fd", process.pid);
	if (!(dir = opendir(path)))
		return -1;
	while (count < room && (entry = readdir(dir))) {
		inodes[count] = isdigit((unsigned char)*entry->d_name)
			? descriptor_inode(process.pid, entry->d_name, wanted)
			: 0;
		count += inodes[count] != 0;
	}
	closedir(dir);
	return count < room ? count : -1;
}
