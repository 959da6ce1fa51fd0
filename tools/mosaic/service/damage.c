/* What a bad day does to a lock service, for those who want to see it: see private_damage(). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "json.h"
#include "mosaic/service/private.h"
#include "mosaic/service/remains.h"
#include "mount.h"

#define PATIENCE_MS 10000
#define DAMAGE 64 /* bytes */

/* Finds the newest file of the log. Returns 0 or an errno. */
static int log_find(const char *state, char file[NAME_MAX + 1])
{
	DIR *dir = opendir(state);
	struct dirent *entry;

	*file = '\0';
	if (!dir)
		return errno;
	while ((entry = readdir(dir)))
		if (strncmp(entry->d_name, "log.", 4) == 0 && strcmp(entry->d_name, file) > 0)
			snprintf(file, NAME_MAX + 1, "%s", entry->d_name);
	closedir(dir);
	return *file ? 0 : ENOENT;
}

/* Overwrites bytes near the end of a file. Returns 0 or an errno. */
static int file_damage(const char *path)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;
	char bytes[DAMAGE];
	struct stat st;

	memset(bytes, '#', sizeof(bytes));
	if (fd < 0)
		return errno;
	if (fstat(fd, &st) < 0 ||
		pwrite(fd, bytes, sizeof(bytes), st.st_size - 2 * DAMAGE) != DAMAGE)
		err = errno ? errno : EIO;
	close(fd);
	return err;
}

/* Damages the log of a lock service that has no server. Returns 0 or an errno. */
static int log_damage(const char *dir, char *words, size_t room)
{
	char state[PATH_MAX], path[PATH_MAX], file[NAME_MAX + 1];
	int err = remains_path(state, dir, PRIVATE_STATE);

	if (err == 0)
		err = log_find(state, file);
	if (err == 0)
		err = remains_path(path, state, file);
	if (err)
		return err;
	snprintf(words, room, "%d bytes of %.40s", DAMAGE, file);
	return file_damage(path);
}

/* Kills a process and waits for its end. Returns 0 or an errno. */
static int process_kill(pid_t pid)
{
	struct pollfd ended = {(int)syscall(SYS_pidfd_open, pid, 0), POLLIN, 0};
	int err = 0;

	if (ended.fd < 0 || kill(pid, SIGKILL) < 0)
		err = errno;
	else if (poll(&ended, 1, PATIENCE_MS) != 1)
		err = ETIMEDOUT;
	if (ended.fd >= 0)
		close(ended.fd);
	return err;
}

int private_damage(
	const struct private *private, const struct mount *mount, char *words, size_t room)
{
	cJSON *status = mount_status(mount, NULL);
	const cJSON *daemon = json_object(status, "daemon");
	pid_t server = (pid_t)json_int(daemon, "pid", 0);
	pid_t supervisor = (pid_t)json_int(daemon, "supervisor_pid", 0);
	int err = ESRCH;

	cJSON_Delete(status);
	if (server <= 0 || supervisor <= 0 || kill(supervisor, SIGSTOP) < 0)
		return err;
	err = process_kill(server);
	if (err == 0)
		err = log_damage(private->dir, words, room);
	kill(supervisor, SIGCONT);
	return err;
}
