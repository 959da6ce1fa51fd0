/* See notify.h. */
#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

#include "message.h"

static struct sockaddr_un manager = {.sun_family = AF_UNIX};
static socklen_t manager_len; /* 0: nobody wants to know */

void notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;

	if (len > 1 && len < sizeof(manager.sun_path) && (*path == '/' || *path == '@')) {
		memcpy(manager.sun_path, path, len);
		if (*path == '@') /* an abstract name: unix(7) */
			manager.sun_path[0] = '\0';
		manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	} else if (path) {
		message(LOG_WARNING, "NOTIFY_SOCKET is no socket's address: ignored");
	}
	unsetenv("NOTIFY_SOCKET");
}

void notify_hand_on(void)
{
	char path[sizeof(manager.sun_path) + 1] = "";

	memcpy(path, manager.sun_path, sizeof(manager.sun_path));
	if (manager_len && !*path)
		*path = '@';
	if (manager_len)
		setenv("NOTIFY_SOCKET", path, 1);
}

void notify(const char *state)
{
	const struct timeval patience = {.tv_sec = 1};
	int fd;

	if (manager_len == 0)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) != 0 ||
		sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)&manager,
			manager_len) < 0)
		message(LOG_WARNING, "cannot tell the service manager: %s", strerror(errno));
	if (fd >= 0)
		close(fd);
}
