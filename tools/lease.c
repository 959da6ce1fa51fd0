/* See lease.h. */
#include "lease.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "mount.h"
#include "spec.h"
#include "user.h"
#include "when.h"

int lease_path(const struct mount *mount, const char *name, const char *label, char path[PATH_MAX])
{
	const struct spec spec = {
		.names = name, .owner = label, .ttl_ms = WHEN_UNSET, .timeout_ms = WHEN_UNSET};
	char file[SPEC_ROOM];

	spec_write(&spec, file);
	return mount_path(mount, "leases", file, path);
}

int lease_take(const struct mount *mount, const char *name, const char *label, int64_t ttl_ms)
{
	char path[PATH_MAX], text[32];
	int err = lease_path(mount, name, label, path), fd, len;

	if (err)
		return err;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;
	len = ttl_ms == WHEN_UNSET ? 0 : snprintf(text, sizeof(text), "%" PRId64 "ms\n", ttl_ms);
	if (len && write(fd, text, (size_t)len) != len)
		err = errno;
	close(fd);
	return err;
}

int lease_drop(const struct mount *mount, const char *name, const char *label)
{
	char path[PATH_MAX];
	int err = lease_path(mount, name, label, path);

	return err == 0 && unlink(path) < 0 ? errno : err;
}

bool lease_mine(const cJSON *holder, const char *label)
{
	char user[USER_TEXT];

	user_spell(user, getuid());
	if (label && !*label)
		label = user;
	return strcmp(json_text(holder, "kind"), "lease") == 0 &&
		json_int(holder, "uid", -1) == (int64_t)getuid() &&
		(!label || strcmp(json_text(holder, "owner"), label) == 0);
}
