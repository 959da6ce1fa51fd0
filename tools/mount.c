/* See mount.h. */
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "say.h"

#define MOUNT_TYPE "fuse.loktfs"

/* Undoes \040 and the like, which proc(5) writes for blanks in mount points, in place. */
static void octal_undo(char *text)
{
	char *to = text;

	for (; *text; to++) {
		if (text[0] == '\\' && strspn(text + 1, "01234567") >= 3) {
			*to = (char)((text[1] - '0') * 64 + (text[2] - '0') * 8 + text[3] - '0');
			text += 4;
		} else {
			*to = *text++;
		}
	}
	*to = '\0';
}

/* The mount point of a line of mountinfo if its type is ours, else NULL. Cuts the line up. */
static char *mountinfo_point(char *line)
{
	char *type = strstr(line, " - "), *point = line;

	if (!type || strncmp(type + 3, MOUNT_TYPE " ", sizeof(MOUNT_TYPE)) != 0)
		return NULL;
	for (int field = 0; field < 4 && point; field++) {
		point = strchr(point, ' ');
		point = point ? point + 1 : NULL;
	}
	if (!point)
		return NULL;
	point[strcspn(point, " ")] = '\0';
	octal_undo(point);
	return point;
}

/* Adds " and `point`" to a list of places. */
static void places_add(char *places, size_t size, const char *point)
{
	size_t len = strlen(places);

	snprintf(places + len, size - len, "%s%s", len ? " and " : "", point);
}

static int mount_search(struct mount *mount)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	char *line = NULL, places[512] = "";
	size_t room = 0;
	int found = 0;

	while (file && getline(&line, &room, file) > 0) {
		char *point = mountinfo_point(line);

		if (!point || (found && strcmp(point, mount->root) == 0))
			continue;
		found++;
		snprintf(mount->root, sizeof(mount->root), "%s", point);
		places_add(places, sizeof(places), point);
	}
	free(line);
	if (file)
		fclose(file);
	if (found == 0)
		say("there is no lokt mount; start one with: loktfs DIR");
	if (found > 1)
		say("there are several lokt mounts, %s: choose with --mount DIR or LOKT_MOUNT",
			places);
	return found == 1 ? 0 : -1;
}

int mount_find(struct mount *mount, const char *flag)
{
	const char *from = flag && *flag ? flag : getenv("LOKT_MOUNT");
	char path[PATH_MAX];

	*mount = (struct mount){0};
	if (flag && !*flag) {
		say("--mount needs a directory");
		return -1;
	}
	if (from && *from) {
		snprintf(mount->root, sizeof(mount->root), "%s", from);
		for (size_t len = strlen(mount->root); len > 1 && mount->root[len - 1] == '/';)
			mount->root[--len] = '\0';
	} else if (mount_search(mount) < 0) {
		return -1;
	}
	if (mount_path(mount, "", "status.json", path) == 0 && access(path, F_OK) == 0)
		return 0;
	if (errno == ENOTCONN || errno == ECONNABORTED)
		say("the daemon of the mount at %s is gone: fusermount3 -u %s, then loktfs %s",
			mount->root, mount->root, mount->root);
	else if (errno == EACCES)
		say("the mount at %s: %s", mount->root, strerror(errno));
	else
		say("%s is no lokt mount; start one with: loktfs %s", mount->root, mount->root);
	return -1;
}

int mount_path(const struct mount *mount, const char *folder, const char *file, char path[PATH_MAX])
{
	int len = snprintf(
		path, PATH_MAX, "%s/%s%s%s", mount->root, folder, *folder ? "/" : "", file);

	if (len >= 0 && len < PATH_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return ENAMETOOLONG;
}

cJSON *mount_status(const struct mount *mount, const char *name)
{
	char file[NAME_MAX + 1], path[PATH_MAX];
	int len = name ? snprintf(file, sizeof(file), "%s.json", name) : 0;

	if (len >= (int)sizeof(file)) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	if (mount_path(mount, name ? "status" : "", name ? file : "status.json", path) != 0)
		return NULL;
	return json_read(path);
}

/* Requests are answered in the order in which they come, and this open comes after the releases. */
void mount_settle(const struct mount *mount)
{
	char path[PATH_MAX];
	int fd = mount_path(mount, "", "renew", path) == 0 ? open(path, O_WRONLY | O_CLOEXEC) : -1;

	if (fd >= 0)
		close(fd);
}
