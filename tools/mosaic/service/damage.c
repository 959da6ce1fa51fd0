/* What a bad day does to a lock service, for those who want to see it: see private_damage(). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "json.h"
#include "mosaic/service/private.h"
#include "mosaic/service/remains.h"
#include "mount.h"
#include "when.h"

#define PATIENCE_MS 10000
#define RETRY_MS 20
#define DAMAGE 64 /* bytes */

/* The process that serves the mount; 0: nobody does. */
static pid_t server_find(const struct mount *mount)
{
	cJSON *status = mount_status(mount, NULL);
	pid_t pid = (pid_t)json_int(json_object(status, "daemon"), "pid", 0);

	cJSON_Delete(status);
	return pid;
}

/* Waits until somebody serves the mount, or nobody does. Returns 0 or ETIMEDOUT. */
static int server_await(const struct mount *mount, bool serving)
{
	int64_t start = when_ms();

	while ((server_find(mount) > 0) != serving) {
		if (when_ms() - start > PATIENCE_MS)
			return ETIMEDOUT;
		poll(NULL, 0, RETRY_MS);
	}
	return 0;
}

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

/* Damages the log of a lock service that does not run. Returns 0 or an errno. */
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

int private_damage(struct private *private, const struct mount *mount, char *words, size_t room)
{
	pid_t server = server_find(mount);
	int err = server > 0 && kill(server, SIGKILL) == 0 ? 0 : ESRCH;

	if (err == 0)
		err = server_await(mount, false);
	if (err == 0)
		err = log_damage(private->dir, words, room);
	if (err == 0 && syscall(SYS_pidfd_send_signal, private->pidfd, SIGUSR1, NULL, 0) < 0)
		err = errno;
	return err ? err : server_await(mount, true);
}
