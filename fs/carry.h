/* What a server leaves to the one after it: a memfd that the supervisor keeps, mapped by whoever serves.
 *
 * It says what the kernel alone knows besides: which file has which number, which files are open, since
 * when each parked request waits, and what the batch that is being appended would answer (fact 8). It is
 * never more than a cache of the log and of the kernel's state: holds come from the log.
 *
 * A server may die between any two of its instructions. So every entry is complete before it counts, and
 * what is written in several places is written in an order that leaves no lie behind; see revival.h. */
#ifndef FS_CARRY_H
#define FS_CARRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "mountpoint.h"
#include "seen.h"

#define CARRY_INIT_MAX 256 /* bytes of the kernel's first request */
#define CARRY_PROMISES_MAX (4 * EFFECTS_MAX)
#define CARRY_REQUESTS_MAX 256 /* read and not dealt with yet: more than a batch has */

/* How far the server is. */
enum life {
	LIFE_STARTING,
	LIFE_SERVING,
	LIFE_LEAVING, /* told to make room for another: what it had read is dealt with */
	LIFE_ENDED,   /* stopped for good: unmounted, or told so */
};

/* What an open file is. */
enum carry_kind {
	CARRY_NONE,
	CARRY_HOLD,
	CARRY_LEASE,
	CARRY_FREEZE,
	CARRY_RENEW,
	CARRY_AUDIT,
	CARRY_VIEW,
	CARRY_DIR,
};

/* An open file: what a new server needs to go on with it. Its place in the table, with the generation above
 * it, is the number that the kernel knows it by. */
struct carry_file {
	uint32_t kind;
	uint32_t generation;
	union {
		uint64_t unique; /* of its open, while the reply may not have reached the kernel */
		uint64_t next;   /* the next free entry */
	};
	void *handle;  /* of this server's, NULL in a new one */
	uint64_t poll; /* the kernel's number for who sleeps in poll(2), 0: nobody ever did */
	uint64_t inode;
	uint32_t uid;
	int32_t tid;
	union {
		uint64_t token; /* of a hold, or of the lease that writing renews; 0: none */
		uint64_t len; /* of a text that was made at the open, and is gone with its server */
		uint64_t base; /* of a reader of the log: see audit_file.c */
	};
	uint64_t skipped, from, expected, next_seq; /* of the same */
	bool undelivered;                           /* nobody got it, and it is to be closed */
	bool taking;                                /* a lease that a refused command gives back */
	bool pending, privileged;                   /* a freeze that begins when it is closed */
	bool follow, within;                        /* a reader of the log */
};

/* A request that is parked, or that the engine is asked about. */
struct carry_wait {
	uint64_t unique; /* 0: the entry is free */
	/* CLOCK_MONOTONIC, when it came, or, of one that waits, when its wait began: that is earlier for one that was
	 * interrupted and came back. The lowest bits say which it is. 0: it is of no lock. */
	uint64_t since_ns;
};

#define CARRY_WAITS 1ULL     /* it was put into a queue … */
#define CARRY_CAME_BACK 2ULL /* … where it had been before */

/* Somebody whose wait was interrupted, and who may come back. One for each thread. */
struct carry_pause {
	uint64_t inode, since_ns, until_ns; /* until_ns 0: nobody */
	uint64_t start_ns;                  /* of the process */
	int32_t pid, tid;
	uint32_t uid;
};

/* A request that was read. */
struct carry_request {
	uint64_t unique;
	uint64_t fh; /* of a close */
	bool release;
};

/* What a request is answered once the line `seq` is in the log. */
struct carry_promise {
	uint64_t unique, seq;
	uint64_t token; /* of the grant; 0: just OK */
	int32_t error;  /* or how it was denied */
};

#define CARRY_PAUSES 65536   /* a thread's place is its id modulo this */
#define CARRY_PAUSES_NEAR 64 /* places that an entry of carry_head::paused speaks of */

/* The first pages. */
struct carry_head {
	uint64_t magic;
	uint32_t life;
	int32_t server, supervisor; /* process ids; 0: there is none */
	uint64_t server_start_ns;   /* tells it from another of that number */
	uint32_t restarts;
	int32_t signal; /* that the last server died of; 0: not known */
	int64_t started_wall_ms;
	char mount[MOUNT_TEXT]; /* mountpoint_identity() of it, when it was made */
	struct seen seen;
	uint64_t first;       /* where audit.jsonl begins */
	uint64_t first_token; /* that this mount may grant: lower ones are of mounts before it */
	uint64_t
		paused_until_ns; /* when the last of those who were interrupted is not waited for */
	uint8_t paused[CARRY_PAUSES / CARRY_PAUSES_NEAR]; /* where any of them ever was */
	uint64_t next_inode, next_generation;
	uint64_t n_files, n_waits, n_names[2]; /* entries that were ever in use */
	uint32_t init_len;
	uint32_t n_requests, n_promises;
	uint32_t n_kept; /* promises from before a restart that was not finished: the first ones */
	char init[CARRY_INIT_MAX];
	struct carry_request requests[CARRY_REQUESTS_MAX];
	struct carry_promise promises[CARRY_PROMISES_MAX];
};

#define CARRY_TEXT_SHORT 40
#define CARRY_TEXT_LONG 264

/* A file that the kernel may refer to by its number. */
struct carry_name {
	uint64_t number; /* 0: the entry is free */
	union {
		uint64_t lookups; /* that the kernel has not yet said it forgot */
		uint64_t next;
	};
	uint32_t dir;
	char text[]; /* NUL-terminated */
};

struct carry {
	struct carry_head *head; /* NULL: not mapped */
	struct carry_wait *waits;
	struct carry_file *files;
	struct carry_pause *pauses;
	char *names[2];     /* short ones, long ones */
	uint64_t free_wait; /* the first free entry of each table; 0: none */
	uint64_t free_file;
	uint64_t free_name[2];
};

/* A new one, empty. A descriptor, or -1. */
int carry_create(void);

/* Whether it has the layout that this program knows. */
bool carry_fits(int fd);

/* Maps it; whatever is not what a server can have written is taken out. False, with errno set: it is none (EINVAL), or
 * there is no memory. */
bool carry_map(struct carry *carry, int fd);
void carry_unmap(struct carry *carry);

/* The first pages alone, for the supervisor. NULL: it cannot be mapped. */
struct carry_head *carry_head_map(int fd);

/* An entry for a file that is being opened, with its kind set last; NULL when there are too many. `unique` is
 * of the request. It has no handle yet. */
struct carry_file *carry_file_add(
	struct carry *carry, const struct carry_file *filled, uint64_t unique);
void carry_file_remove(struct carry *carry, struct carry_file *file);

/* What the kernel knows the file by; and the file of such a number, or NULL. */
uint64_t carry_file_number(const struct carry *carry, const struct carry_file *file);
struct carry_file *carry_file_find(const struct carry *carry, uint64_t number);

/* An entry for a request; 0 when there are too many. */
uint32_t carry_wait_add(struct carry *carry, uint64_t unique);
void carry_wait_remove(struct carry *carry, uint32_t index);

/* A name with one lookup; NULL when there are too many. */
struct carry_name *carry_name_add(
	struct carry *carry, uint64_t number, uint32_t dir, const char *text, size_t len);
void carry_name_remove(struct carry *carry, struct carry_name *name);

/* Name number `i` of a table, which may be free. */
struct carry_name *carry_name_at(const struct carry *carry, int table, uint64_t i);

/* The place of a thread that may come back. */
struct carry_pause *carry_pause_of(const struct carry *carry, int32_t tid);

#endif
