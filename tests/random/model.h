/* Lokt told naively, from its contract alone: an array of holds, a search through all of it for
 * each question. It says what every request must answer and what status must show. */
#ifndef TESTS_RANDOM_MODEL_H
#define TESTS_RANDOM_MODEL_H

#include <sys/types.h>

#include "act.h"

#define USERS 4 /* the owner of the mount, two like all others, and an admin */
#define ADMIN 3

/* Somebody of the crew. */
struct worker {
	bool alive;
	int user, parent; /* `parent`: a worker, or NOBODY */
	int waits;        /* the hold that it waits for, or NOBODY */
	pid_t pid;
};

enum stage { UNUSED, WAITS, PAUSED, HELD, LOST };

struct hold {
	enum stage stage;
	struct ask ask;
	bool lease;
	uint64_t arrival, granted; /* counted; who came, or was granted, first has the lower */
	uint64_t token;            /* 0: not seen yet */
	unsigned renewals;
	int user, opener; /* `opener`: NOBODY when dead */
	pid_t pid;        /* of the opener, dead or not */
	int copies[WORKERS];
	char label[16];
	char names[TEXT_MAX]; /* as they were at the open, sorted, joined by '+' */
};

struct freeze {
	bool on;
	uint64_t ms;
	int user;
	pid_t pid;
};

struct answer {
	int worker, err;
};

struct model {
	struct worker workers[WORKERS];
	struct hold holds[HOLDS];
	struct freeze freezes[NAMES + 1];
	/* Who waited for a name and was killed keeps his place for a second; nobody says whether his
	 * slots count so long. So they are kept here, and a name that is free is not used again. */
	unsigned ghosts[NAMES], generations[NAMES];
	uint64_t arrivals, grants;
	uint64_t last_token;                /* the highest that was seen before this act */
	struct answer answers[WORKERS + 1]; /* of the last act */
	int n_answers;
	uid_t uids[USERS];
	char users[USERS][16]; /* their names */
	int n_users;           /* that take part */
};

/* ---- who holds, who waits, and who goes next: model.c ---- */

/* The text of a name, or "@all". */
const char *model_name(const struct model *model, int name, char text[16]);

/* Whether the hold is, or is to be, of this name too. */
bool hold_is_of(const struct hold *hold, int name);

/* How many the open says may hold a name at a time. */
unsigned ask_slots(const struct ask *ask);

/* Whether nobody knows what the open would answer: see ghosts. */
bool model_unsure(const struct model *model, const struct ask *ask);

/* The holder of this name that was granted next after the moment `after`; the waiter that came
 * next, for ALL of any name. NULL: there is none. */
const struct hold *model_holder(const struct model *model, int name, uint64_t after);
const struct hold *model_waiter(const struct model *model, int name, uint64_t after);

/* The lease on this name, or NULL. */
const struct hold *model_lease(const struct model *model, int name);

/* Whether the hold was opened by this worker or an ancestor; how many on a name were. */
bool hold_is_family(const struct model *model, int worker, const struct hold *hold);
int model_family(const struct model *model, int worker, int name);

/* The act's worker, or one who waited, gets this answer. */
void model_answer(struct model *model, int worker, int err);

/* Nothing is left of the hold; or nothing but its descriptors, and a lease has none. */
void hold_end(struct hold *hold);
void hold_lose(struct hold *hold);

/* Who waits hears that he waits no longer; or that he holds. */
void model_refuse(struct model *model, struct hold *hold, int err);
void model_grant(struct model *model, struct hold *hold);

/* Everybody who waits, in the order they came, gets what he can have by now. */
void model_settle(struct model *model);

/* ---- what is done: rules.h ---- */

/* Does the act. Pids of new workers are the caller's to fill in. */
void model_do(struct model *model, const struct act *act);

#endif
