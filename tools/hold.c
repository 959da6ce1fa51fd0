/* See hold.h. */
#include "hold.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "mount.h"
#include "when.h"

#define HOLD_LINE 4096

/* Reads the line of the hold, with its token and TTL, into `line` too. As hold_look(). */
static int hold_read(struct hold *hold, char line[HOLD_LINE])
{
	uint64_t ttl = 0;
	ssize_t n;

	do {
		n = pread(hold->fd, line, HOLD_LINE - 1, 0);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno;
	line[n] = '\0';
	json_u64(line, "token", &hold->token);
	json_u64(line, "ttl_ms", &ttl);
	hold->ttl_ms = (int64_t)ttl;
	return strstr(line, "\"state\":\"lost\"") ? ESTALE : 0;
}

/* How long ago the grant of a fresh hold was: not when open(2) returned, for on a busy machine
 * much of a short TTL is over before the process runs again. At most since `start_ms`. */
static int64_t grant_age_ms(const char *line, int64_t start_ms)
{
	static const char key[] = "\"acquired_ts\":\"";
	const char *stamp = strstr(line, key);
	int64_t age = stamp ? when_age_ms(stamp + strlen(key)) : -1, most = when_ms() - start_ms;

	return age >= 0 && age < most ? age : most;
}

int hold_take(struct hold *hold, const struct mount *mount, const char *spec,
	const volatile sig_atomic_t *stop)
{
	char path[PATH_MAX], line[HOLD_LINE];
	int64_t start = when_ms();
	int err = mount_path(mount, "locks", spec, path);

	*hold = (struct hold){.fd = -1};
	if (err)
		return err;
	do {
		hold->fd = open(path, O_RDWR | O_CLOEXEC);
	} while (hold->fd < 0 && errno == EINTR && !(stop && *stop));
	if (hold->fd < 0)
		return errno;
	err = hold_read(hold, line);
	if (err)
		hold_drop(hold);
	else
		hold->since_ms = when_ms() - grant_age_ms(line, start);
	return err;
}

int hold_renew(struct hold *hold)
{
	static const char command[] = "renew";
	int64_t now = when_ms();

	if (write(hold->fd, command, sizeof(command) - 1) < 0)
		return errno;
	hold->since_ms = now;
	return 0;
}

int hold_look(struct hold *hold)
{
	char line[HOLD_LINE];
	int64_t now = when_ms();
	int err = hold_read(hold, line);

	if (err == 0 && hold->ttl_ms == 0)
		hold->since_ms = now;
	return err;
}

int hold_glance(const struct hold *hold)
{
	struct pollfd fd = {.fd = hold->fd};

	return poll(&fd, 1, 0) > 0 && (fd.revents & (POLLERR | POLLHUP)) ? ESTALE : 0;
}

int hold_confirm(struct hold *hold)
{
	return hold->ttl_ms ? hold_renew(hold) : hold_look(hold);
}

int hold_confirm_if_due(struct hold *hold)
{
	int64_t third = hold->ttl_ms ? hold->ttl_ms / 3 : 1000;

	return when_ms() - hold->since_ms < third ? 0 : hold_confirm(hold);
}

void hold_drop(struct hold *hold)
{
	if (hold->fd >= 0)
		close(hold->fd);
	hold->fd = -1;
}

int hold_break(const struct mount *mount, const char *name, uint64_t token)
{
	char file[NAME_MAX + 1], path[PATH_MAX];
	int err;

	snprintf(file, sizeof(file), "%s@token=%" PRIu64, name, token);
	err = mount_path(mount, "locks", file, path);
	return err == 0 && unlink(path) < 0 ? errno : err;
}
