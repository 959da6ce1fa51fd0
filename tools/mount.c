/* See mount.h. */
#include "mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "say.h"

#define MOUNT_TYPE "fuse.loktfs"

/* Whether a mount serves there. Returns 0 or an errno. */
static int mount_check(const struct mount *mount)
{
	char path[PATH_MAX];
	int err = mount_path(mount, "", "status.json", path);

	return err == 0 && access(path, F_OK) < 0 ? errno : err;
}

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

/* What a line of mountinfo says of a mount of ours. */
struct place {
	char *device, *point; /* major:minor, and where; both within the line */
};

/* Reads a line of proc_pid_mountinfo(5), cutting it up. False if it is no mount of ours, or only a
 * part of one, bound somewhere. */
static bool place_parse(char *line, struct place *place)
{
	char *type = strstr(line, " - "), *fields[5] = {NULL};

	if (!type || strncmp(type + 3, MOUNT_TYPE " ", sizeof(MOUNT_TYPE)) != 0)
		return false;
	for (int i = 0; i < 5; i++)
		fields[i] = strsep(&line, " ");
	if (!fields[4] || strcmp(fields[3], "/") != 0)
		return false;
	octal_undo(fields[4]);
	place->device = fields[2];
	place->point = fields[4];
	return true;
}

/* The mounts that were found. */
struct search {
	int usable;      /* how many different ones answer us */
	char device[32]; /* the first of those */
	char point[PATH_MAX];
	char places[512];     /* where they are, in words */
	char other[PATH_MAX]; /* one that does not answer us; "" if none */
};

static void search_add(struct search *search, const struct place *place)
{
	struct mount mount = {0};
	size_t len = strlen(search->places);

	snprintf(mount.root, sizeof(mount.root), "%s", place->point);
	if (search->usable && strcmp(place->device, search->device) == 0)
		return;
	if (mount_check(&mount) != 0) {
		snprintf(search->other, sizeof(search->other), "%s", place->point);
		return;
	}
	if (search->usable++ == 0) {
		snprintf(search->device, sizeof(search->device), "%s", place->device);
		snprintf(search->point, sizeof(search->point), "%s", place->point);
	}
	snprintf(search->places + len, sizeof(search->places) - len, "%s%s", len ? " and " : "",
		place->point);
}

/* Finds the one mount that answers us, or else one that does not. Returns 0, ENOENT if there is none,
 * or -1 having said that there are several. */
static int mount_search(struct mount *mount)
{
	FILE *file = fopen("/proc/self/mountinfo", "re");
	struct search search = {0};
	struct place place;
	char *line = NULL;
	size_t room = 0;

	while (file && getline(&line, &room, file) > 0)
		if (place_parse(line, &place))
			search_add(&search, &place);
	free(line);
	if (file)
		fclose(file);
	if (search.usable > 1) {
		say("there are several lokt mounts, %s: choose with --mount DIR or LOKT_MOUNT",
			search.places);
		return -1;
	}
	if (!search.usable && !*search.other)
		return ENOENT;
	snprintf(mount->root, sizeof(mount->root), "%s",
		search.usable ? search.point : search.other);
	return 0;
}

int mount_find_any(struct mount *mount, const char *flag)
{
	const char *from = flag ? flag : getenv("LOKT_MOUNT");
	int err = 0;

	*mount = (struct mount){0};
	if (from && *from) {
		snprintf(mount->root, sizeof(mount->root), "%s", from);
		for (size_t len = strlen(mount->root); len > 1 && mount->root[len - 1] == '/';)
			mount->root[--len] = '\0';
	} else {
		err = mount_search(mount);
	}
	if (err)
		return err;
	err = mount_check(mount);
	if (err == ENOTCONN || err == ECONNABORTED)
		say("the daemon of the mount at %s is gone; start it again, with the options that "
		    "it had: loktfs %s",
			mount->root, mount->root);
	else if (err == EIO)
		say("the mount at %s answers with errors: its server keeps dying, as the system's "
		    "log tells; loktfs --upgrade %s starts one again, fusermount3 -uz %s ends the "
		    "mount",
			mount->root, mount->root, mount->root);
	else if (err == EACCES)
		say("the mount at %s is not open to you: its owner did not say -o allow_other, or "
		    "a directory above it is closed",
			mount->root);
	else if (err)
		say("%s is no lokt mount; start one with: loktfs %s", mount->root, mount->root);
	return err ? -1 : 0;
}

int mount_find(struct mount *mount, const char *flag)
{
	int err = mount_find_any(mount, flag);

	if (err == ENOENT)
		say("there is no lokt mount; start one with: loktfs DIR");
	return err ? -1 : 0;
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

int mount_status_path(const struct mount *mount, const char *name, char path[PATH_MAX])
{
	char file[NAME_MAX + 1];
	int len = name ? snprintf(file, sizeof(file), "%s.json", name) : 0;

	if (len >= (int)sizeof(file))
		return ENAMETOOLONG;
	return mount_path(mount, name ? "status" : "", name ? file : "status.json", path);
}

cJSON *mount_status(const struct mount *mount, const char *name)
{
	char path[PATH_MAX];
	int err = mount_status_path(mount, name, path);

	if (err == 0)
		return json_read(path);
	errno = err;
	return NULL;
}

/* Requests are answered in the order in which they come, and this open comes after the releases. */
void mount_settle(const struct mount *mount)
{
	char path[PATH_MAX];
	int fd = mount_path(mount, "", "renew", path) == 0 ? open(path, O_WRONLY | O_CLOEXEC) : -1;

	if (fd >= 0)
		close(fd);
}
