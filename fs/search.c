/* See search.h. A descriptor whose file is open elsewhere by now, or never was one of ours, costs a
 * readlink(2); one with a path a statx(2) that asks for nothing but the device and lets the kernel
 * answer by itself (AT_STATX_DONT_SYNC: neither a dead nor a stopped file system notices). Only
 * what is on a wanted device is looked at further. */
#include "search.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "inode.h"
#include "mountpoint.h"
#include "proc.h"

#define FRESH_MAX 512         /* processes that begin during one search */
#define NUMBERS_LEAST 16384   /* given before they can begin anew */
#define STAT_KTHREAD 0x200000 /* PF_KTHREAD in the flags of /proc/PID/stat: it has no files */

/* Reads fdinfo of descriptor `fd` of the process whose fd directory is `dir`. */
static bool info_read(int dir, const char *fd, char *text, size_t room)
{
	char name[64];
	ssize_t len;
	int info;

	snprintf(name, sizeof(name), "../fdinfo/%.32s", fd);
	if ((info = openat(dir, name, O_RDONLY | O_CLOEXEC)) < 0)
		return false;
	len = read(info, text, room - 1);
	close(info);
	text[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* Cuts what the kernel adds to the path of a file that it no longer finds by it. */
static void cut(char *path, const char *mark)
{
	size_t len = strlen(path), mark_len = strlen(mark);

	if (len > mark_len && strcmp(path + len - mark_len, mark) == 0)
		path[len - mark_len] = '\0';
}

/* Whether the component of `path` that ends before `end` is this word. */
static bool component_is(const char *path, const char *end, const char *word)
{
	const size_t len = strlen(word);

	return (size_t)(end - path) > len && end[-(ptrdiff_t)len - 1] == '/' &&
		memcmp(end - len, word, len) == 0;
}

/* What the path of an open file says of it. `root` is the directory, or the file, of the file
 * system that is mounted where it is; empty: it is mounted no more, and the path begins there. */
static bool path_read(char *path, char *root, const char **spec)
{
	static const char *const others[] = {"leases", "freezes", "status"};
	char *last;

	cut(path, " (deleted)");
	cut(root, "//deleted");
	*spec = NULL;
	if (strncmp(root, "/locks/", 7) == 0) {
		*spec = root + 7;
		return true;
	}
	if (!(last = strrchr(path, '/')))
		return true;
	if (strcmp(root, "/locks") == 0 || component_is(path, last, "locks"))
		*spec = last + 1;
	for (size_t i = 0; !*spec && i < sizeof(others) / sizeof(others[0]); i++)
		if (component_is(path, last, others[i]))
			return false;
	return true;
}

/* Whether the last call failed since what it was about is gone, and not for want of memory or of a descriptor. */
static bool is_gone(void)
{
	return errno == ENOENT || errno == ESRCH;
}

/* Looks at a descriptor that is open on a wanted device. False: it cannot be seen. */
static bool descriptor_found(
	const struct search *search, int32_t pid, int dir, const char *fd, char *path)
{
	char text[1024], root[PATH_MAX];
	struct finding finding = {.pid = pid, .dir = dir, .fd = fd};

	if (!info_read(dir, fd, text, sizeof(text)))
		return is_gone();
	finding.inode = (uint64_t)proc_field(text, "ino:", 10);
	if ((proc_field(text, "flags:", 8) & O_PATH) || finding.inode < INODE_FIRST)
		return true;
	mountpoint_root(pid, proc_field(text, "mnt_id:", 10), root);
	if (path_read(path, root, &finding.spec))
		search->found(search->context, &finding);
	return true;
}

bool search_still(const struct finding *finding)
{
	char text[1024];

	return info_read(finding->dir, finding->fd, text, sizeof(text)) &&
		(uint64_t)proc_field(text, "ino:", 10) == finding->inode;
}

/* Looks at one descriptor. False: it cannot be seen. */
static bool descriptor_look(const struct search *search, int32_t pid, int dir, const char *fd)
{
	char path[PATH_MAX + 1], text[1024];
	ssize_t len = readlinkat(dir, fd, path, sizeof(path) - 1);
	struct statx st;

	if (len < 0 && errno != ENAMETOOLONG)
		return is_gone();
	path[len > 0 ? len : 0] = '\0';
	if (len > 7 && memcmp(path, "socket:", 7) == 0 && info_read(dir, fd, text, sizeof(text)) &&
		proc_field(text, "scm_fds:", 10) > 0)
		search->hidden(search->context, pid, HIDING_PASSED);
	if (len > 0 && *path != '/')
		return true;
	if (statx(dir, fd, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, 0, &st) != 0)
		return is_gone();
	return !search->wanted(search->context, makedev(st.stx_dev_major, st.stx_dev_minor)) ||
		descriptor_found(search, pid, dir, fd, path);
}

/* Whether a thread whose descriptors cannot be read has none: it is the kernel's, or has ended. */
static bool is_empty(int32_t tid)
{
	struct stat_line stat;

	if (!stat_read(tid, &stat))
		return is_gone();
	return (stat.flags & STAT_KTHREAD) || stat.state == 'Z' || stat.state == 'X';
}

/* Looks at the descriptors of one thread. False: there are some that cannot be seen. */
static bool thread_look(const struct search *search, int32_t pid, const char *name)
{
	char path[64];
	struct dirent *entry;
	bool seen = true;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task/%.16s/fd", pid, name);
	if (!(dir = opendir(path)))
		return is_empty(atoi(name));
	while (seen && (entry = readdir(dir)))
		if (isdigit((unsigned char)*entry->d_name))
			seen = descriptor_look(search, pid, dirfd(dir), entry->d_name);
	closedir(dir);
	return seen || is_empty(atoi(name));
}

/* Whether two threads share their descriptors, as far as can be told. */
static bool is_shared(int32_t one, int32_t other)
{
	return one > 0 && syscall(SYS_kcmp, one, other, KCMP_FILES, 0, 0) == 0;
}

/* The first thread may be gone, and each may have descriptors of its own (unshare(2)): so every one
 * is looked at that does not share those of the one before. */
void search_process(const struct search *search, int32_t pid)
{
	char path[32];
	struct dirent *entry;
	int32_t before = 0;
	bool seen = true;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	if (!(dir = opendir(path))) {
		if (!is_gone())
			search->hidden(search->context, pid, HIDING_CLOSED);
		return;
	}
	while ((entry = readdir(dir))) {
		int32_t tid = atoi(entry->d_name);

		if (tid > 0 && !is_shared(before, tid))
			seen &= thread_look(search, pid, entry->d_name);
		before = tid > 0 ? tid : before;
	}
	closedir(dir);
	if (!seen)
		search->hidden(search->context, pid, HIDING_CLOSED);
}

/* How the numbers of processes go on: how many threads there are, the one that was given last, and
 * how many were ever given. */
struct numbers {
	int32_t threads, last;
	uint64_t given;
};

static bool numbers_read(struct numbers *numbers)
{
	unsigned long long given = 0;
	char *line = NULL;
	size_t room = 0;
	FILE *file = fopen("/proc/loadavg", "re");

	numbers->last = 0;
	if (file && fscanf(file, "%*s %*s %*s %*d/%d %d", &numbers->threads, &numbers->last) != 2)
		numbers->last = 0;
	if (file)
		fclose(file);
	file = fopen("/proc/stat", "re");
	while (file && given == 0 && getline(&line, &room, file) > 0)
		sscanf(line, "processes %llu", &given);
	free(line);
	if (file)
		fclose(file);
	numbers->given = given;
	return numbers->last > 0 && given > 0;
}

/* Looks at the processes in the order of their numbers. False: there are more than `most`, begun
 * faster than they can be looked at. */
static bool processes_look(const struct search *search, DIR *dir, int32_t most)
{
	struct dirent *entry;
	int32_t count = 0;

	while (count <= most && (entry = readdir(dir)))
		if (atoi(entry->d_name) > 0) {
			search_process(search, atoi(entry->d_name));
			count++;
		}
	return count <= most;
}

bool search_all(const struct search *search)
{
	struct numbers before, after;
	DIR *dir = opendir("/proc");
	bool all;

	if (!dir)
		return false;
	all = numbers_read(&before) && processes_look(search, dir, before.threads + FRESH_MAX) &&
		numbers_read(&after);
	closedir(dir);
	/* A child that inherits has a higher number, and its turn is later: unless they began anew.
	 */
	return all && after.last >= before.last && after.given - before.given < NUMBERS_LEAST;
}

bool search_sees(void)
{
	struct stat_line first;

	/* With hidepid= not even the first is shown. */
	return proc_is_ours() && stat_read(1, &first);
}
