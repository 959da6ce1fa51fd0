/* What lokt doctor finds, and what its files share of it. */
#ifndef TOOLS_DOCTOR_DOCTOR_H
#define TOOLS_DOCTOR_DOCTOR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include <cjson/cJSON.h>

#include "mount.h"

enum level { LEVEL_OK, LEVEL_NOTE, LEVEL_WARN, LEVEL_FAIL, LEVELS };

#define FINDING_TEXT 512

struct finding {
	enum level level;
	const char *about; /* a word: "mount", "clock" */
	char what[FINDING_TEXT], todo[FINDING_TEXT];
};

struct doctor {
	struct finding *findings; /* owned */
	size_t count;

	struct mount mount;   /* the one that is looked at; its root is "" when there is none */
	bool allow_other;     /* what it was mounted with */
	uid_t owner;          /* who mounted it */
	cJSON *status;        /* of it; owned; NULL: it does not answer */
	pid_t pid;            /* its server, or else its supervisor; 0: not to be seen from here */
	uid_t uid;            /* whose that is */
	char state[PATH_MAX]; /* the state directory; "": not known */
	char admins[64];      /* -o admins=; "": not given, or not known */
};

/* Adds a finding; `todo` is what to do about it, "" for nothing. */
void doctor_add(struct doctor *doctor, enum level level, const char *about, const char *todo,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The checks, in this order. What a check learns, those after it may use. */
void mounted_check(struct doctor *doctor, const char *flag); /* where it is, and does it answer */
void machine_check(struct doctor *doctor);                   /* FUSE, the kernel, its settings */
void daemon_check(struct doctor *doctor);                    /* its processes, its version */
void state_check(struct doctor *doctor);                     /* its directory */
void log_check(struct doctor *doctor);                       /* the log's head, and the clock */
void people_check(struct doctor *doctor);                    /* holders and freezes */
void rights_check(struct doctor *doctor);                    /* what the caller may do */

/* What the daemon's process `pid` shows of its limits, options and state directory. */
void settings_check(struct doctor *doctor);

/* The first line of a file without its newline, as of /proc. False if it cannot be read. */
bool doctor_line(const char *path, char *line, size_t room);

#endif
