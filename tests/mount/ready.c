/* See ready.h. */
#include "ready.h"

#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>

/* The names of these bits. Those of epoll(7) have the same values. */
static const char *names_of(int events)
{
	static const struct {
		int bit;
		const char *name;
	} bits[] = {{POLLIN, "IN"}, {POLLPRI, "PRI"}, {POLLOUT, "OUT"}, {POLLERR, "ERR"},
		{POLLHUP, "HUP"}, {POLLNVAL, "NVAL"}};
	static char names[64];

	names[0] = '\0';
	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		if (!(events & bits[i].bit))
			continue;
		strcat(names, *names ? "+" : "");
		strcat(names, bits[i].name);
	}
	return *names ? names : "none";
}

const char *ready_poll(int fd, short events, int ms)
{
	struct pollfd p = {.fd = fd, .events = events};

	return poll(&p, 1, ms) < 0 ? NULL : names_of(p.revents);
}

const char *ready_select(int fd, short events, int ms)
{
	struct timeval limit = {ms / 1000, ms % 1000 * 1000};
	fd_set in, pri;

	FD_ZERO(&in);
	FD_ZERO(&pri);
	if (events & POLLIN)
		FD_SET(fd, &in);
	if (events & POLLPRI)
		FD_SET(fd, &pri);
	if (select(fd + 1, &in, NULL, &pri, &limit) < 0)
		return NULL;
	return names_of((FD_ISSET(fd, &in) ? POLLIN : 0) | (FD_ISSET(fd, &pri) ? POLLPRI : 0));
}

const char *ready_epoll(int fd, short events, int ms)
{
	static int set = -1;
	struct epoll_event e = {.events = (uint32_t)events | EPOLLET};
	int count;

	if (set < 0) {
		set = epoll_create1(EPOLL_CLOEXEC);
		if (set < 0 || epoll_ctl(set, EPOLL_CTL_ADD, fd, &e) < 0)
			return NULL;
	}
	count = epoll_wait(set, &e, 1, ms);
	return count < 0 ? NULL : names_of(count ? (int)e.events : 0);
}
