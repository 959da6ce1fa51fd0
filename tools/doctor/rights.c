/* What the caller may do, and how the daemon sees it. */
#include "doctor/doctor.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether the caller is of the group that breaks and freezes everything. */
static bool admin(const struct doctor *doctor)
{
	const struct group *group = *doctor->admins ? getgrnam(doctor->admins) : NULL;
	int count = getgroups(0, NULL);
	gid_t *groups = count > 0 ? calloc((size_t)count, sizeof(*groups)) : NULL;
	bool found = group && group->gr_gid == getegid();

	if (groups)
		count = getgroups(count, groups);
	for (int i = 0; group && groups && i < count; i++)
		found = found || groups[i] == group->gr_gid;
	free(groups);
	return found;
}

/* Names of processes mean the same to both of us only in one pid namespace. */
static void namespace_check(struct doctor *doctor)
{
	struct stat ours, its;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/pid", (int)doctor->pid);
	if (doctor->pid &&
		(stat("/proc/self/ns/pid", &ours) != 0 || stat(path, &its) != 0 ||
			ours.st_ino == its.st_ino))
		doctor_add(doctor, LEVEL_OK, "namespace", "",
			"you and the daemon see the same processes");
	else
		doctor_add(doctor, LEVEL_WARN, "namespace",
			"share the daemon's pid namespace, or do without bind=pid",
			"you and the daemon are in different pid namespaces: it may not know the "
			"processes that you lock with");
}

void rights_check(struct doctor *doctor)
{
	uid_t uid = geteuid();
	const struct passwd *user = getpwuid(uid);
	const char *what = "what you hold", *why = "";

	if (!doctor->status)
		return;
	namespace_check(doctor);
	if (uid == 0)
		what = "everything", why = ": you are root";
	else if (uid == doctor->owner)
		what = "everything", why = ": the mount is yours";
	else if (admin(doctor))
		what = "everything", why = ": you are an admin";
	doctor_add(doctor, LEVEL_OK, "rights", "",
		"%.64s (uid %d) may lock, and break and freeze %s%s", user ? user->pw_name : "you",
		(int)uid, what, why);
}
