/* What one step of a random life is: who does what to which file. */
#ifndef TESTS_RANDOM_ACT_H
#define TESTS_RANDOM_ACT_H

#include <stdbool.h>
#include <stdint.h>

#define WORKERS 10   /* processes at a time */
#define NAMES 5      /* in use at a time */
#define ALL NAMES    /* the place of "@all" behind the names */
#define HOLDS 64     /* at a time, those who wait and those who lost included */
#define NOBODY (-1)  /* in the place of a worker or a hold */
#define TEXT_MAX 300 /* bytes of a path or a command */
#define BRIEF_MS 10  /* a time that is over before the step is */

/* How long an open may wait. */
enum patience { PATIENT, AN_HOUR, BRIEFLY, TRY, NONBLOCK };

/* What an open asks for, before it is written as a spec. */
struct ask {
	unsigned names; /* a bit for each */
	bool shared, frozen_wait, bind_pid, wrong;
	unsigned slots;  /* 0: not said */
	uint64_t ttl_ms; /* 0: none */
	enum patience patience;
	char label[16]; /* empty: the user's name */
	int access;     /* O_RDONLY, O_WRONLY or O_RDWR */
};

enum act_kind {
	ACT_SPAWN,      /* `worker` begins, as `user` */
	ACT_FORK,       /* `worker` has a child, `other`, with all its descriptors */
	ACT_DIE,        /* `worker` is killed by `signal`; 0: it exits */
	ACT_SIGNAL,     /* `worker`, who waits, gets a signal and opens again at once */
	ACT_OPEN,       /* locks/`ask`; it is to be `hold` */
	ACT_DUP,        /* one descriptor more of `hold` */
	ACT_CLOSE,      /* one less */
	ACT_RENEW,      /* writes to `hold`; `ms`: the new TTL, 0: none said */
	ACT_READ,       /* `hold`'s line */
	ACT_POLL,       /* `hold`'s poll */
	ACT_RENEW_NAME, /* `name`, `ms` written to the file renew */
	ACT_BREAK,      /* rm locks/`ask.names`@token=`token` */
	ACT_REMOVE,     /* rm locks/`ask.names` */
	ACT_FREEZE,     /* `name` (or ALL) for `ms` */
	ACT_UNFREEZE,
	ACT_TAKE,   /* > leases/`name`, with `label` and `ms` */
	ACT_EXTEND, /* >> the same */
	ACT_TOUCH,  /* touch */
	ACT_DROP,   /* rm */
	ACT_SHOW,   /* cat */
	ACTS
};

struct act {
	enum act_kind kind;
	int worker, other, user, signal, hold, name;
	bool wrong; /* what is written is no command */
	struct ask ask;
	uint64_t ms, token;
	char label[16];
};

#endif
