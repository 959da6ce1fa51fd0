/* See control.h: the end of who asks for an upgrade. */
#include "control.h"

#include <errno.h>
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

#define CALL_S 5       /* in which a supervisor is found: it may just be replaced by another */
#define RETRY_US 20000 /* until it is looked for again */
#define PATIENCE_S 30  /* for the answer: a log is read meanwhile, and a server started */

/* Sends our own program; the answer goes to `answer`. 0, or an errno. */
static int program_send(int fd, char answer[CONTROL_WORD])
{
	int program = program_open();
	union control_rights rights = {0};
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
	else if (control_peer(fd) != owner)
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
	char answer[CONTROL_WORD] = "", name[CONTROL_NAME];
	struct mounted mounted;
	int err;

	if (!mountpoint_find(options->mountpoint, &mounted)) {
		message(LOG_ERR, "no mount of Lokt is at %s", options->mountpoint);
		return EXIT_FAILURE;
	}
	if (geteuid() != 0 && geteuid() != mounted.owner) {
		message(LOG_ERR, "cannot upgrade %s: it takes root, or the user who mounted",
			options->mountpoint);
		return EXIT_FAILURE;
	}
	control_name(mounted.device, name);
	while ((err = supervisor_call(name, mounted.owner, answer)) != 0 && clock_mono() < until)
		usleep(RETRY_US);
	if (err != 0)
		message(LOG_ERR, "the supervisor of %s does not answer: %s", options->mountpoint,
			strerror(err));
	else if (*answer)
		message(LOG_ERR, "%s is not upgraded, and goes on as it was: %s",
			options->mountpoint, answer);
	return err == 0 && !*answer ? EXIT_SUCCESS : EXIT_FAILURE;
}
