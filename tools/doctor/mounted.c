/* Where the mount is, and whether it answers. */
#include "doctor/doctor.h"

#include <errno.h>
#include <mntent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trial.h"
#include "json.h"
#include "when.h"

#define TYPE "fuse.loktfs"
#define SLOW_MS 250

/* What the table of mounts says, without touching any of them. */
struct table_search {
	const char *at; /* the only mount point that counts; NULL: any */
	int found;      /* of our type */
	char places[FINDING_TEXT];
	char type[64]; /* what is mounted at `at`; "": nothing */
};

static void entry_take(
	struct doctor *doctor, struct table_search *search, const struct mntent *entry)
{
	size_t len = strlen(search->places);
	const char *user = hasmntopt(entry, "user_id");

	if (search->at && strcmp(search->at, entry->mnt_dir) == 0)
		snprintf(search->type, sizeof(search->type), "%s", entry->mnt_type);
	if (strcmp(entry->mnt_type, TYPE) != 0)
		return;
	snprintf(search->places + len, sizeof(search->places) - len, "%s%s", len ? ", " : "",
		entry->mnt_dir);
	if (search->at ? strcmp(search->at, entry->mnt_dir) != 0 : search->found > 0) {
		search->found += !search->at;
		return;
	}
	search->found++;
	snprintf(doctor->mount.root, sizeof(doctor->mount.root), "%s", entry->mnt_dir);
	doctor->allow_other = hasmntopt(entry, "allow_other") != NULL;
	doctor->owner = user ? (uid_t)strtoul(user + strlen("user_id="), NULL, 10) : 0;
}

static void table_read(struct doctor *doctor, struct table_search *search)
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	struct mntent *entry;

	while (mounts && (entry = getmntent(mounts)))
		entry_take(doctor, search, entry);
	if (mounts)
		endmntent(mounts);
}

static char *path_resolve(const void *path)
{
	return realpath(path, NULL);
}

/* Looks for the mount that the caller named. */
static void named_find(struct doctor *doctor, const char *name)
{
	char *real = trial_run(path_resolve, name);
	struct table_search search = {.at = real ? real : name};

	if (!real && errno != ENOTCONN && errno != ETIMEDOUT && errno != EACCES)
		doctor_add(doctor, LEVEL_FAIL, "mount",
			"give the right directory, or mkdir it and loktfs it", "%.200s: %s", name,
			strerror(errno));
	else
		table_read(doctor, &search);
	if (*search.type && !*doctor->mount.root)
		doctor_add(doctor, LEVEL_FAIL, "mount",
			"mount a lokt elsewhere, or name the right one",
			"%.200s is a mount of type %s, not " TYPE, name, search.type);
	else if (real && !*doctor->mount.root)
		doctor_add(doctor, LEVEL_FAIL, "mount", "start one with: loktfs DIR",
			"nothing is mounted at %.200s%s%.200s", name,
			*search.places ? "; there are lokt mounts at " : "", search.places);
	free(real);
}

/* Looks for any. */
static void any_find(struct doctor *doctor)
{
	struct table_search search = {0};

	table_read(doctor, &search);
	if (search.found == 0)
		doctor_add(doctor, LEVEL_FAIL, "mount", "start one with: loktfs DIR",
			"there is no mount of type " TYPE);
	else if (search.found > 1)
		doctor_add(doctor, LEVEL_WARN, "mount", "choose with --mount DIR or LOKT_MOUNT",
			"there are several mounts, %.300s; this is about the first", search.places);
}

static char *status_slurp(const void *data)
{
	char path[PATH_MAX];

	return mount_status_path(data, NULL, path) == 0 ? json_slurp(path) : NULL;
}

static void answer_refused(struct doctor *doctor, int err)
{
	const char *root = doctor->mount.root;
	char todo[FINDING_TEXT];

	if (err == ETIMEDOUT) {
		doctor_add(doctor, LEVEL_FAIL, "answer",
			"see what is said of its daemon; if nothing helps: fusermount3 -uz it, "
			"mount again",
			"%.200s gave no answer for %d s", root, TRIAL_MS / 1000);
	} else if (err == ENOTCONN || err == ECONNABORTED) {
		snprintf(todo, sizeof(todo),
			"start it again, with the options that it had: loktfs %.200s", root);
		doctor_add(
			doctor, LEVEL_FAIL, "answer", todo, "the daemon of %.200s is gone", root);
	} else if (err == EIO) {
		snprintf(todo, sizeof(todo),
			"see the system's log; loktfs --upgrade %.200s starts one again, "
			"fusermount3 -uz %.200s ends the mount",
			root, root);
		doctor_add(doctor, LEVEL_FAIL, "answer", todo,
			"%.200s answers with errors: its server keeps dying", root);
	} else if (err == EACCES || err == EPERM) {
		doctor_add(doctor, LEVEL_FAIL, "answer",
			"be that user, or mount with -o allow_other",
			"%.200s is another user's (uid %d): you may not even look", root,
			(int)doctor->owner);
	} else {
		doctor_add(doctor, LEVEL_FAIL, "answer",
			"look at what loktfs says in the system's log", "%.200s/status.json: %s",
			root, strerror(err));
	}
}

static void answer_check(struct doctor *doctor)
{
	int64_t began = when_ms(), took;
	char *text = trial_run(status_slurp, &doctor->mount), spelt[WHEN_TEXT];
	int err = errno;

	took = when_ms() - began;
	doctor->status = text ? json_parse(text) : NULL;
	free(text);
	when_spell(spelt, took);
	if (!text)
		answer_refused(doctor, err);
	else if (!doctor->status || json_int(doctor->status, "version", 0) != 1)
		doctor_add(doctor, LEVEL_FAIL, "answer", "install lokt and loktfs of one version",
			"status.json is not what this lokt understands");
	else if (took > SLOW_MS)
		doctor_add(doctor, LEVEL_WARN, "answer", "is the machine overloaded?",
			"it took %s to answer", spelt);
	else
		doctor_add(doctor, LEVEL_OK, "answer", "", "it answers in %s", spelt);
}

void mounted_check(struct doctor *doctor, const char *flag)
{
	const char *name = flag ? flag : getenv("LOKT_MOUNT");

	if (name && *name)
		named_find(doctor, name);
	else
		any_find(doctor);
	if (!*doctor->mount.root)
		return;
	doctor_add(doctor, LEVEL_OK, "mount", "", "%.300s is of type " TYPE "%s",
		doctor->mount.root, doctor->allow_other ? ", for all users" : "");
	answer_check(doctor);
}
