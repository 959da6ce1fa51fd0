/* See control.h. A file, and no abstract name (unix(7)): that could be taken by any user before we do, and any
 * user could hand us a descriptor by it whose close(2) never returns. */
#include "control.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "message.h"
#include "mountpoint.h"
#include "spawn.h"

#define PREFIX "upgrade."
#define CALLERS 64     /* who may be on their way at once */
#define CALL_S 5       /* in which a supervisor is found: it may just be replaced by another */
#define RETRY_US 20000 /* until it is looked for again */
#define PATIENCE_S 30  /* for the answer: a log is read meanwhile, and a server started */

/* The name of the socket of the mount at `mountpoint`, "upgrade.0:53". False: nothing is mounted there. */
static bool name_of(const char *mountpoint, char name[64])
{
	char device[32];

	mountpoint_device(mountpoint, device);
	snprintf(name, 64, PREFIX "%s", device);
	return *device;
}

void control_clear(const struct options *options)
{
	DIR *dir = opendir(options->state);
	const struct dirent *entry;
	struct stat st;

	while (dir && (entry = readdir(dir)))
		if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
			fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
			S_ISSOCK(st.st_mode))
			unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
}

/* Binds to a file that its owner alone may connect to. The path of the directory may be too long for an address,
 * and has a shorter one in /proc, for as long as we have it open. */
static bool name_take(int fd, const char *directory, const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int dir = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const mode_t before = umask(0177);
	bool taken;

	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/%d/fd/%d/%s", getpid(), dir,
		name);
	taken = dir >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	umask(before);
	return taken;
}

int control_listen(const struct options *options)
{
	char name[64];
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	control_clear(options);
	if (fd >= 0 && name_of(options->mountpoint, name) && name_take(fd, options->state, name) &&
		listen(fd, CALLERS) == 0)
		return fd;
	message(LOG_WARNING, "%s cannot be upgraded in place: %s", options->mountpoint,
		strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Who is at the other end; (uid_t)-1: it is not known. */
static uid_t peer_of(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 ? peer.uid : (uid_t)-1;
}

int control_accept(int listener)
{
	int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	uid_t uid;

	if (client < 0 || (uid = peer_of(client)) == 0 || uid == geteuid())
		return client;
	close(client);
	return -1;
}

union rights {
	struct cmsghdr header; /* for its alignment */
	char room[CMSG_SPACE(sizeof(int))];
};

int control_hear(int client)
{
	char word;
	union rights rights;
	struct iovec part = {&word, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = rights.room,
		.msg_controllen = sizeof(rights.room)};
	const struct cmsghdr *header;
	int program = -1;

	if (recvmsg(client, &message, MSG_CMSG_CLOEXEC) == 1 &&
		(header = CMSG_FIRSTHDR(&message)) && header->cmsg_type == SCM_RIGHTS)
		memcpy(&program, CMSG_DATA(header), sizeof(program));
	return program;
}

void control_answer(int client, const char *refusal)
{
	const char *word = refusal ? refusal : "";

	if (client < 0)
		return;
	send(client, word, strlen(word) + 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(client);
}

/* Sends our own program; the answer goes to `answer`. 0, or an errno. */
static int program_send(int fd, char answer[CONTROL_WORD])
{
	int program = program_open();
	union rights rights = {0};
	struct iovec part = {(void *)(uintptr_t) "u", 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = rights.room,
		.msg_controllen = sizeof(rights.room)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	ssize_t len;
	int err = 0;

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &program, sizeof(program));
	if (program < 0 || sendmsg(fd, &message, MSG_NOSIGNAL) != 1)
		err = errno;
	if (program >= 0)
		close(program);
	if (err != 0)
		return err;
	len = recv(fd, answer, CONTROL_WORD - 1, 0);
	answer[len > 0 ? len : 0] = '\0';
	return len > 0 ? 0 : len < 0 ? errno : ECONNRESET;
}

/* Calls whoever listens there, if it is a process of that user. 0, or an errno. */
static int call(const struct sockaddr_un *address, uid_t owner, char answer[CONTROL_WORD])
{
	const struct timeval a_moment = {.tv_sec = 1}, patience = {.tv_sec = PATIENCE_S};
	struct stat st;
	int fd, err = 0;

	if (stat(address->sun_path, &st) != 0 || st.st_uid != owner)
		return ESRCH; /* somebody else's: it is not waited for */
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &a_moment, sizeof(a_moment)) != 0 ||
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
		connect(fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
		err = errno;
	else if (peer_of(fd) != owner)
		err = ESRCH;
	else
		err = program_send(fd, answer);
	if (fd >= 0)
		close(fd);
	return err;
}

/* Calls the supervisor, wherever it is: the kernel has a list of all sockets, and anybody may have one of that
 * name. 0, or an errno. */
static int supervisor_call(const char *name, uid_t owner, char answer[CONTROL_WORD])
{
	FILE *file = fopen("/proc/net/unix", "re");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char line[256];
	int err = ESRCH;

	while (err != 0 && file && fgets(line, sizeof(line), file)) {
		const char *path = strchr(line, '/'), *slash = path ? strrchr(path, '/') : NULL;

		line[strcspn(line, "\n")] = '\0';
		if (!slash || strcmp(slash + 1, name) != 0 ||
			strlen(path) >= sizeof(address.sun_path))
			continue;
		strcpy(address.sun_path, path);
		err = call(&address, owner, answer);
	}
	if (file)
		fclose(file);
	return err;
}

int control_upgrade(const struct options *options)
{
	const uint64_t until = clock_mono() + CALL_S * 1000000000ULL;
	char answer[CONTROL_WORD] = "", name[64];
	const uid_t owner = mountpoint_owner(options->mountpoint);
	int err;

	if (!name_of(options->mountpoint, name)) {
		message(LOG_ERR, "nothing is mounted at %s", options->mountpoint);
		return EXIT_FAILURE;
	}
	if (geteuid() != 0 && geteuid() != owner) {
		message(LOG_ERR, "cannot upgrade %s: it takes root, or the user who mounted",
			options->mountpoint);
		return EXIT_FAILURE;
	}
	while ((err = supervisor_call(name, owner, answer)) != 0 && clock_mono() < until)
		usleep(RETRY_US);
	if (err != 0)
		message(LOG_ERR, "the supervisor of %s does not answer: %s", options->mountpoint,
			strerror(err));
	else if (*answer)
		message(LOG_ERR, "%s is not upgraded, and goes on as it was: %s",
			options->mountpoint, answer);
	return err == 0 && !*answer ? EXIT_SUCCESS : EXIT_FAILURE;
}
