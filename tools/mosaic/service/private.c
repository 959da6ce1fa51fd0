/* See private.h, and keeper.h for who does it. */
#include "mosaic/service/private.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "json.h"
#include "mosaic/mosaic.h"
#include "mosaic/service/keeper.h"
#include "mosaic/service/remains.h"
#include "mount.h"
#include "say.h"

#define START_MS 30000 /* for loktfs to serve */
#define END_MS 10000   /* for the keeper to end */
#define RETRY_MS 20
#define LINE_ROOM 4096

/* Whether `dir` has loktfs; `out` is then its path. */
static bool program_in(const char *dir, char out[PATH_MAX])
{
	char path[PATH_MAX];

	return *dir && remains_path(path, dir, "loktfs") == 0 && access(path, X_OK) == 0 &&
		realpath(path, out);
}

static bool program_beside(char out[PATH_MAX])
{
	char self[PATH_MAX] = "", sbin[PATH_MAX], *slash;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0 || !(slash = strrchr(self, '/')))
		return false;
	*slash = '\0';
	return program_in(self, out) ||
		(remains_path(sbin, self, "../sbin") == 0 && program_in(sbin, out));
}

static bool program_find(char out[PATH_MAX])
{
	const char *path = getenv("PATH");
	bool found = program_beside(out);
	char *dirs, *rest, *dir;

	if (found || asprintf(&dirs, "%s:/usr/local/sbin:/usr/sbin", path ? path : "") < 0)
		return found;
	rest = dirs;
	while (!found && (dir = strsep(&rest, ":")))
		found = program_in(dir, out);
	free(dirs);
	if (!found)
		say("there is no lokt mount, and no loktfs beside this program, in PATH or in "
		    "/usr/sbin to make one: install it, or choose a mount with --mount DIR");
	return found;
}

/* Where loktfs says that it serves. The kernel chooses the name (unix(7)): a path in the mosaic's
 * directory could be too long for one. Returns a socket, or -1 and errno. */
static int notify_open(char address[sizeof(struct sockaddr_un)])
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), err;
	socklen_t len = sizeof(name);

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&name, sizeof(name.sun_family)) < 0 ||
		getsockname(fd, (struct sockaddr *)&name, &len) < 0) {
		err = errno;
		close(fd);
		errno = err;
		return -1;
	}
	snprintf(address, sizeof(name), "@%.*s",
		(int)(len - offsetof(struct sockaddr_un, sun_path) - 1), name.sun_path + 1);
	return fd;
}

/* Forks the keeper. Returns 0 or an errno. */
static int keeper_start(struct private *private, struct keeper *keeper)
{
	pid_t pid;
	int err;

	keeper->coordinator = getpid();
	pid = fork();
	if (pid < 0)
		return errno;
	if (pid == 0)
		keeper_run(keeper);
	private->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (private->pidfd < 0) {
		err = errno;
		kill(pid, SIGTERM);
		waitpid(pid, NULL, 0);
		return err;
	}
	private->pid = pid;
	return 0;
}

/* Waits until loktfs serves; false if it has ended or takes too long. */
static bool private_serves(const struct private *private, int notify)
{
	struct pollfd fds[] = {{notify, POLLIN, 0}, {private->pidfd, POLLIN, 0}};
	char word[64] = "";

	while (poll(fds, 2, START_MS) < 0 && errno == EINTR)
		;
	return recv(notify, word, sizeof(word) - 1, MSG_DONTWAIT) > 0 &&
		strncmp(word, "READY=1", 7) == 0;
}

/* The last line of a file; "" if it has none. It is in `text`. */
static char *line_last(int fd, char text[LINE_ROOM])
{
	off_t size = lseek(fd, 0, SEEK_END), most = LINE_ROOM - 1;
	ssize_t len = pread(fd, text, LINE_ROOM - 1, size > most ? size - most : 0);
	char *feed;

	text[len > 0 ? len - 1 : 0] = '\0'; /* without the line's end */
	feed = strrchr(text, '\n');
	return feed ? feed + 1 : text;
}

/* Starts it, with messages and socket open. Returns 0, or -1 having said why: the last line of the
 * messages. */
static int service_start(struct private *private, struct keeper *keeper)
{
	int err = keeper_start(private, keeper);
	char text[LINE_ROOM];
	const char *line;

	if (err) {
		say("%s: %s", keeper->program, strerror(err));
		return -1;
	}
	if (private_serves(private, keeper->notify))
		return 0;
	line = line_last(keeper->messages, text);
	say("no lock service could be started in %s: %s", keeper->dir,
		*line ? line : "loktfs does not say why");
	private_stop(private);
	return -1;
}

/* The same, opening them first. `messages` is their path. */
static int service_open(struct private *private, struct keeper *keeper, const char *messages)
{
	int rc = -1;

	unlink(messages); /* whatever it may be */
	keeper->messages = open(messages, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
	keeper->notify = keeper->messages < 0 ? -1 : notify_open(keeper->address);
	if (keeper->notify < 0)
		say("%s: %s", messages, strerror(errno));
	else
		rc = service_start(private, keeper);
	if (keeper->messages >= 0)
		close(keeper->messages);
	if (keeper->notify >= 0)
		close(keeper->notify);
	return rc;
}

int private_start(struct private *private, const char *dir, int keep, struct mount *mount)
{
	struct keeper keeper = {.dir = dir, .lock = keep};
	char path[PATH_MAX];
	int err = remains_remove(dir, path);

	*private = (struct private){.dir = dir};
	if (err == 0 && (err = remains_path(mount->root, dir, PRIVATE_POINT)) == 0)
		err = remains_path(path, dir, PRIVATE_MESSAGES);
	if (err)
		say("no lock service can be started at %s: %s", path, strerror(err));
	if (err || !program_find(keeper.program))
		return -1;
	if (service_open(private, &keeper, path) == 0)
		return 0;
	unlink(path);
	return -1;
}

bool private_is(const struct mount *mount)
{
	const char *point = strrchr(mount->root, '/');
	char path[PATH_MAX];

	return point && strcmp(point + 1, PRIVATE_POINT) == 0 &&
		remains_path(path, mount->root, "../" PRIVATE_STATE) == 0 &&
		access(path, F_OK) == 0 &&
		remains_path(path, mount->root, "../" MOSAIC_STATE) == 0 && access(path, F_OK) == 0;
}

void private_tell(const struct mount *mount)
{
	char path[PATH_MAX], text[LINE_ROOM], *line;
	int err = mount_path(mount, "", "audit.jsonl", path);
	int fd = err ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	uint64_t seq;

	if (fd < 0)
		return;
	line = line_last(fd, text);
	text_clean(line);
	if (json_u64(line, "seq", &seq))
		printf("The audit log had %" PRIu64 " chained events; the last one:\n%s\n", seq,
			line);
	close(fd);
}

void private_stop(struct private *private)
{
	struct pollfd end = {private->pidfd, POLLIN, 0};
	char path[PATH_MAX];
	int err;

	if (!private->pid)
		return;
	syscall(SYS_pidfd_send_signal, private->pidfd, SIGTERM, NULL, 0);
	syscall(SYS_pidfd_send_signal, private->pidfd, SIGCONT, NULL, 0); /* should it be stopped */
	poll(&end, 1, END_MS);
	waitid(P_PIDFD, (id_t) private->pidfd, NULL, WEXITED | WNOHANG);
	close(private->pidfd);
	private->pid = 0;
	/* Nothing is left, unless the keeper was killed: then loktfs is about to end by itself. */
	for (int left = END_MS; (err = remains_remove(private->dir, path)) == EBUSY && left > 0;)
		left -= RETRY_MS + poll(NULL, 0, RETRY_MS);
	if (err)
		say("%s could not be taken away: %s", path, strerror(err));
}
