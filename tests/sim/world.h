/* The world of a simulation: clocks, a disk, a kernel, people, and what the judge knows of them.
 *
 * It lies outside of the server's memory, in one piece: a server that dies takes nothing of it along,
 * and a new run begins with all of it zero. */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PEOPLE 10    /* processes that there may be at a time */
#define THREADS 2    /* of a process */
#define FDS 6        /* of a process */
#define FILES 64     /* open files of the kernel's */
#define REQUESTS 128 /* requests of the kernel's that are not answered */
#define NODES 96     /* files that the kernel remembers */
#define HOLDS 512    /* that a run's log may grant */
#define RENEWALS 512 /* and renew */
#define FREEZES 128  /* and freeze */
#define LINES 4096   /* that it may have */
#define TEXT 96      /* bytes of a name or a spec, of a written command */
#define VFILES 48    /* files of the state directory, removed ones too */
#define VFILE_ROOM (192u << 10)
#define VFDS 256        /* descriptors of the server's */
#define WATCHES 16      /* of them that its epoll(7) watches */
#define PART_ROOM 4096  /* bytes of a line that is read in parts */
#define WATCHED 64      /* files that it listens to */
#define UNIQUES 8192    /* requests of one mount */
#define STEPS_MAX 128   /* of a schedule */
#define NAMES 4         /* of one spec */
#define NONE UINT64_MAX /* no time, no limit */
#define MS 1000000ULL   /* nanoseconds */

/* A small generator of random numbers (splitmix64). */
struct dice {
	uint64_t state;
};
uint64_t dice_throw(struct dice *dice);
/* Below `n`; or true once in `n` times. */
uint32_t dice_below(struct dice *dice, uint32_t n);
static inline bool dice_once(struct dice *dice, uint32_t n)
{
	return dice_below(dice, n) == 0;
}
/* A generator that depends on all three alone. */
struct dice dice_of(uint64_t seed, uint64_t a, uint64_t b);

/* What a file name under locks/, leases/ or freezes/ asks for, as the contract says it. */
struct wish {
	char names[NAMES][16]; /* sorted */
	unsigned n_names;
	bool shared, try, frozen_wait, bind;
	unsigned slots;
	uint64_t ttl_ms, timeout_ms, token; /* NONE, NONE, 0 where nothing is said */
	char owner[16];
};

/* Where a file is in the mount. */
enum place { AT_ROOT, AT_LOCKS, AT_LEASES, AT_FREEZES, AT_STATUS, PLACES };

/* An open file of the kernel's, which any number of descriptors may share. */
struct file {
	bool used, dead; /* dead: its mount is gone */
	bool released;   /* RELEASE was sent */
	unsigned refs;   /* descriptors, and requests that are under way */
	enum place place;
	char text[TEXT]; /* its name in its directory */
	uint64_t fh, node, kh, mount_id;
	int flags;
	struct hold *hold; /* what it was granted; NULL: none */
	uint64_t lost_ns;  /* when its hold was lost before it was closed; 0: it was not */
	/* Of a reader of `audit`. */
	uint64_t offset, seq; /* of the next byte to read; of the last line that was read whole */
	char *part;           /* the line that is being read: its world::parts */
	size_t part_len;
	struct thread *read_by; /* who reads it just now: others have to wait for him */
	bool polled;            /* the server was asked for a wake-up, and gave none since */
};

enum op {
	OP_NONE,
	OP_OPEN,
	OP_READ,
	OP_WRITE,
	OP_POLL,
	OP_UNLINK,
	OP_TOUCH,
};

/* A thread, and the call that it is in. */
struct thread {
	int32_t tid;
	enum op op;
	enum place place;
	char text[TEXT]; /* the name; of OP_WRITE what is written */
	struct wish wish;
	int flags, fd;
	struct file *file;
	struct request *request; /* that it waits for; NULL: none */
	bool again;              /* the name was looked up once more after ESTALE */
	bool interrupted;        /* the last open was; it may ask for its place again */
	char wanted[TEXT];       /* what that was for */
	uint64_t interrupted_ns;
	uint64_t began_ns;   /* CLOCK_MONOTONIC, when the wait of this spec began */
	uint64_t asked_ns;   /* when the open was sent */
	bool was_frozen;     /* a freeze was there at some moment of the wait */
	bool was_taken;      /* so was somebody in the way */
	bool log_failed;     /* so was a log that could not be written */
	uint64_t logged_seq; /* the line that did what the call asks for; 0: there is none yet */
	bool was_lost;       /* OP_WRITE, OP_READ, OP_POLL: the hold was, when it began */
	bool sleeps;         /* in poll(2), until a wake-up */
};

struct process {
	bool used, alive, dying, reaped;
	int32_t pid, parent;
	uint32_t uid;
	uint64_t start_ns; /* CLOCK_BOOTTIME, rounded as /proc does */
	int exit_code;     /* as wait(2) has it */
	uint64_t ended_ns; /* CLOCK_MONOTONIC */
	struct file *fds[FDS];
	struct thread threads[THREADS];
	unsigned n_threads;
};

/* A request of the kernel's to the file system. */
struct request {
	bool used, sent;  /* the server has read it */
	bool interrupted; /* and the kernel told it so, or will */
	bool told;        /* INTERRUPT is queued or was read */
	bool resent;
	bool killed; /* who waits for it is to die */
	bool of_dir; /* a LOOKUP of a directory, on the way to the name itself */
	uint32_t opcode;
	uint64_t unique, order; /* order: as it came, which a resend does not change */
	uint64_t node;
	struct process *process; /* NULL: the kernel itself */
	struct thread *thread;
	struct file *file;
	uint64_t sent_ns, settled_ns;
	struct wish wish;     /* of an OPEN of a lock */
	bool waits;           /* it is such an OPEN */
	bool settled;         /* the server has slept since it read it: it waits */
	bool granted;         /* and the log says that it was granted */
	bool returning;       /* who was interrupted came back for his place */
	uint64_t refused_seq; /* the line that says it was denied; 0: there is none */
	uint32_t shuffle;     /* its place among those that are sent again */
	uint32_t len;         /* of body */
	char body[400];
};

/* A file that the kernel remembers. */
struct node {
	bool used, cached; /* cached: its name need not be looked up */
	enum place place;
	char text[TEXT];
	uint64_t number, lookups;
};

struct kernel {
	bool up;                /* there is a connection, and so a mount */
	uint64_t unique, order; /* of the last request */
	uint64_t init_unique;
	bool greeted; /* INIT was answered */
	uint64_t kh;
	uint8_t answered[UNIQUES / 8];
	uint64_t mount_id;
	unsigned n_nodes, n_requests; /* entries that were ever in use */
	struct node nodes[NODES];
	struct request requests[REQUESTS];
};

/* A file of the state directory: what is read of it, and what would be after a crash of the machine. */
struct vfile {
	bool used;
	char name[80], durable_name[80]; /* empty: it has none */
	uint64_t log_start; /* the offset of the log where it begins; NONE: it is no file of it */
	uint32_t len, durable_len;
	uint32_t clean; /* so many bytes at its beginning are as they were synced */
	bool locked;
	char *data, *durable;
};

struct disk_faults {
	bool full;     /* nothing more can be written */
	bool sync_bad; /* the next syncs fail */
	uint32_t short_writes;
};

enum vfd_kind {
	VFD_NONE,
	VFD_FILE,
	VFD_DIR,
	VFD_KERNEL,
	VFD_TIMER,
	VFD_SIGNALS,
	VFD_EPOLL,
	VFD_PIDFD,
	VFD_CARRY,
	VFD_OTHER
};

/* A descriptor of the server's. */
struct vfd {
	enum vfd_kind kind;
	struct vfile *vfile;
	uint32_t at; /* where it reads and writes; of a directory, the next entry */
	bool append;
	int32_t pid; /* VFD_PIDFD */
	struct process *process;
	uint64_t timer_ns; /* VFD_TIMER: CLOCK_BOOTTIME; NONE: not armed */
};

/* What the server's epoll(7) watches. */
struct watch {
	int fd;
	uint64_t data;
};

/* How long something lasts. */
struct term {
	uint64_t
		until_ns; /* CLOCK_MONOTONIC; of a lease or a freeze CLOCK_BOOTTIME; NONE: no end */
	uint64_t ttl_ms;
	int64_t until_wall_ms;
	bool by_wall; /* since a loss of power: good to the second */
};

/* What the log says was granted. */
struct hold {
	uint64_t token,
		order; /* order: of the request that it answered; 0: it is not known, or had its place before */
	struct wish wish;
	bool lease, ended, claimed; /* claimed: somebody was told of it */
	int32_t pid;
	uint32_t uid;
	uint64_t since_ns; /* CLOCK_MONOTONIC; of a lease CLOCK_BOOTTIME */
	struct term term;
	bool dropped;            /* a lease whose taker wrote what was refused */
	uint64_t seq, ended_seq; /* of the lines */
	uint64_t ended_ns;       /* CLOCK_MONOTONIC */
	struct file *file;       /* of an open hold that was answered; NULL once it is released */
	bool released; /* RELEASE was sent, or its mount is gone and its last descriptor with it */
	uint64_t released_ns;
	uint64_t mount_id; /* it was granted under */
};

/* A renewal, and what was before it. */
struct renewal {
	struct hold *hold;
	uint64_t seq;
	struct term before;
};

struct freeze_seen {
	char name[16];
	struct term term;
	bool ended;
	uint64_t seq, ended_seq;
};

/* A line of the log. */
struct line {
	uint64_t end; /* offset in the log behind it */
	char h[65];
};

struct judge {
	char h[65];          /* of the last line */
	uint64_t known;      /* offset up to which the log was read */
	uint64_t seq, token; /* of the last line; the highest that was granted */
	uint64_t token_told; /* the highest that somebody was told of */
	uint64_t acked;      /* the last line that must outlive the machine */
	uint64_t granted_ns; /* when something last was */
	bool log_failed;     /* the last write of the log did */
	uint64_t failed_ns;  /* when that was last; 0: never */
	bool power_lost;     /* and the server has not served since */
	bool booting; /* nor has it said in a checkpoint how long things last by the new clocks */
	bool stopping, stopped;
	unsigned n_freezes, n_renewals, n_holds;
	struct freeze_seen freezes[FREEZES];
	struct renewal renewals[RENEWALS];
	struct hold holds[HOLDS];
};

/* A file of a mount that is gone, which the server listens to: see fs/closes.h. */
struct watched {
	uint64_t mount_id, node; /* node 0: none */
	bool closed;             /* which is to be told */
};

/* How the server ended, or is to. */
enum end { END_NONE, END_EXIT, END_KILLED, END_BOTH, END_POWER, END_SCHEDULE };

/* Where the server dies first: at a point, or at a store to the carry; NONE: not there. */
struct aim {
	uint64_t point, store;
};

/* A piece of memory. */
struct span {
	char *at;
	size_t len;
};

/* A store that is to be there by half. */
struct torn {
	char *at;
	size_t len; /* 0: there is none */
	char old[256];
};

struct world {
	/* What was asked for. */
	uint64_t seed;
	struct aim aim;
	bool told; /* the story is printed */
	uint8_t skip[STEPS_MAX];

	/* Where it stands. */
	struct dice dice; /* of the step that is being made */
	uint64_t mono_ns, boot_ns;
	int64_t wall_ns;
	unsigned boots; /* of the machine */
	char boot_id[40];
	unsigned step, steps; /* the next one, and how many there are */
	bool over;            /* the schedule is: everybody goes home */
	unsigned closing;
	bool terminate;      /* the server was told to end */
	uint64_t revived_ns; /* CLOCK_MONOTONIC, when a server last followed another; 0: never */
	uint64_t points, target;
	uint64_t stores, store_target; /* the same of stores to the carry */
	struct torn torn;
	enum end ending; /* how it is to die at the target */
	unsigned lives, crashes;
	bool in_server, in_world;
	bool busy; /* the server is at work while the step is made */
	jmp_buf home;
	char failure[512]; /* empty: the judge has found none */

	struct process people[PEOPLE];
	int32_t last_pid;
	struct disk_faults faults;
	struct watch watches[WATCHES];
	unsigned n_watches;
	struct watched watched[WATCHED]; /* files whose end the server wants to hear of */
	char told_by_server[256];        /* its last message */
	uint64_t lines_seen;             /* of the log */
	bool branches; /* where the server may die another run begins: see run.h */

	/* Tables, of which so many entries were ever in use; what is behind them is not looked at. */
	unsigned n_files, n_vfiles, n_vfds;
	struct file files[FILES];
	struct vfile vfiles[VFILES];
	struct vfd vfds[VFDS];
	struct kernel kernel;
	struct judge judge;
	struct line lines[LINES]; /* by `seq` */
	char parts[FILES][PART_ROOM];

	/* Kept from run to run. */
	char *disk_memory, *carry;
	char *saved; /* see state.h */
	size_t saved_len;
	struct aim tried; /* the next point and the next store that a branch is to be made of */
	void (*branch_ended)(const struct aim *aim, bool ok);
	char answer[1 << 17], told_room[4096];
};

extern struct world *world;

#endif
