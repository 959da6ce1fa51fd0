/* See control.h. */
#include "control.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "message.h"
#include "mountpoint.h"
#include "spawn.h"

#define BIND_TRIES 30
#define PATIENCE_S 30 /* for the answer: a log is read meanwhile, and a server started */

/* The address: an abstract name (unix(7)), which nobody has to clear away. False: nothing is mounted there. */
static bool address_of(const char *mountpoint, struct sockaddr_un *address, socklen_t *len)
{
	char device[32];
	int written;

	mountpoint_device(mountpoint, device);
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	written =
		snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "loktfs-%s", device);
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)written);
	return *device;
}

/* Binds; the number of a device may be ours before the supervisor of the mount that had it is gone. */
static bool address_take(int fd, const struct sockaddr_un *address, socklen_t len)
{
	int tries = BIND_TRIES;

	while (bind(fd, (const struct sockaddr *)address, len) != 0)
		if (errno != EADDRINUSE || --tries == 0 || usleep(10000) != 0)
			return false;
	return true;
}

int control_listen(const char *mountpoint)
{
	struct sockaddr_un address;
	socklen_t len;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && address_of(mountpoint, &address, &len) && address_take(fd, &address, len) &&
		listen(fd, 4) == 0)
		return fd;
	message(LOG_WARNING, "%s cannot be upgraded in place: %s", mountpoint, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Who is at the other end. */
static bool peer_ok(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
		(peer.uid == 0 || peer.uid == geteuid());
}

union rights {
	struct cmsghdr header; /* for its alignment */
	char room[CMSG_SPACE(sizeof(int))];
};

/* Receives the descriptor that comes with a call; -1: there is none. */
static int program_receive(int fd)
{
	char word;
	union rights rights;
	struct iovec part = {&word, 1};
	struct msghdr message = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = rights.room,
		.msg_controllen = sizeof(rights.room)};
	const struct timeval patience = {.tv_sec = 1};
	const struct cmsghdr *header;
	int program = -1;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) == 1 && (header = CMSG_FIRSTHDR(&message)) &&
		header->cmsg_type == SCM_RIGHTS)
		memcpy(&program, CMSG_DATA(header), sizeof(program));
	return program;
}

bool control_accept(int listener, int *client, int *program)
{
	*client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	*program = -1;
	if (*client < 0)
		return false;
	if (peer_ok(*client) && (*program = program_receive(*client)) >= 0)
		return true;
	control_answer(*client, "it takes root, or the user who mounted");
	return false;
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

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &program, sizeof(program));
	if (program < 0 || sendmsg(fd, &message, MSG_NOSIGNAL) != 1)
		return errno;
	close(program);
	len = recv(fd, answer, CONTROL_WORD - 1, 0);
	answer[len > 0 ? len : 0] = '\0';
	return len > 0 ? 0 : len < 0 ? errno : ECONNRESET;
}

int control_upgrade(const struct options *options)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	char answer[CONTROL_WORD] = "";
	struct sockaddr_un address;
	socklen_t len;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), err = 0;

	if (!address_of(options->mountpoint, &address, &len)) {
		message(LOG_ERR, "nothing is mounted at %s", options->mountpoint);
		return EXIT_FAILURE;
	}
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) != 0 ||
		connect(fd, (const struct sockaddr *)&address, len) != 0 || !peer_ok(fd))
		err = errno ? errno : EPERM;
	if (err == 0)
		err = program_send(fd, answer);
	if (fd >= 0)
		close(fd);
	if (err != 0)
		message(LOG_ERR, "the supervisor of %s does not answer: %s", options->mountpoint,
			strerror(err));
	else if (*answer)
		message(LOG_ERR, "%s is not upgraded, and goes on as it was: %s",
			options->mountpoint, answer);
	return err == 0 && !*answer ? EXIT_SUCCESS : EXIT_FAILURE;
}
