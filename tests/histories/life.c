/*
 * lokt-life: the random life of one process of a history.
 *
 *	lokt-life MOUNT DIARY FINISH SEED [hammer [LOKT]]
 *
 * It opens, holds, renews, leaves to children, closes and dies at the mount, and writes down in
 * DIARY what it does and what it is told, until there is a file FINISH. A hammer only opens and
 * closes, or has `lokt guard` do it, as fast as it can, and writes down what fails. Killed at any
 * moment a life leaves true records. Its children are its parent's, who hears of every death.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "diary.h"

#define GRIPS 2      /* holds that a process has at once */
#define SPEC_TEXT 64 /* bytes of a spec here */

/* A hold that this process has a descriptor of. */
struct grip {
	char id[24]; /* `<opener's pid>:<count of its opens>` */
	int fd;
	int ttl_ms;  /* 0: none */
	bool renews; /* of all that have it one process alone may, so that renewals have an order */
};

static struct {
	const char *mount, *finish;
	uint64_t dice;
	int opens;
	struct grip grips[GRIPS];
	int n_grips;
} life;

/* A number in 0..below-1 (xorshift64*). */
static int chance(int below)
{
	life.dice ^= life.dice >> 12;
	life.dice ^= life.dice << 25;
	life.dice ^= life.dice >> 27;
	return (int)((life.dice * 0x2545f4914f6cdd1dULL >> 33) % (unsigned)below);
}

#define ONE_OF(array) ((array)[chance((int)(sizeof(array) / sizeof((array)[0])))])

static void rest(int us)
{
	const struct timespec pause = {us / 1000000, us % 1000000 * 1000L};

	nanosleep(&pause, NULL);
}

static bool finishing(void)
{
	return access(life.finish, F_OK) == 0;
}

static _Noreturn void end(bool by_signal)
{
	diary("end");
	if (by_signal)
		raise(SIGKILL);
	_exit(0);
}

/* What to ask for. `patient`: it may wait for ever. */
static int spec_choose(char spec[SPEC_TEXT], bool patient)
{
	static const char *const names[] = {
		"x", "x", "x", "y", "y", "z", "x+y", "y+z", "x+y+z", "s", "s", "s"};
	static const char *const shared[] = {"", "", ",shared"};
	static const char *const binds[] = {"", "", "", "", "", "", "", "", "", ",bind=pid"};
	static const char *const waits[] = {"timeout=none", "timeout=none", "timeout=none",
		"timeout=30ms", "timeout=300ms", "timeout=2s", "try"};
	static const int ttls[] = {0, 0, 0, 0, 0, 0, 60, 100, 100, 300, 300, 1000};
	const char *name = ONE_OF(names);
	const int ttl = ONE_OF(ttls);
	const char *mode = name[0] == 's' ? ",slots=3" : ONE_OF(shared);
	int len = snprintf(spec, SPEC_TEXT, "%s@%s%s%s", name, patient ? ONE_OF(waits) : "try",
		mode, ONE_OF(binds));

	if (ttl)
		snprintf(spec + len, SPEC_TEXT - len, ",ttl=%dms", ttl);
	return ttl;
}

/* Reads what the hold is: writes down its token and state. */
static void grip_read(const struct grip *grip)
{
	char line[1024] = "", *token, *state;
	ssize_t len;

	diary("read %s", grip->id);
	len = pread(grip->fd, line, sizeof(line) - 1, 0);
	token = strstr(line, "\"token\":");
	state = strstr(line, "\"state\":\"");
	diary("seen %s %s %.20s %.4s", grip->id, diary_result(len),
		token ? strtok(token + 8, ",}") : "-", state ? state + 9 : "-");
}

/* Opens `what`, or anything; an interrupted wait is gone on with, as the contract has it. NULL: it
 * got nothing. */
static struct grip *grip_open(const char *what, bool patient)
{
	char spec[SPEC_TEXT], path[4096];
	struct grip *grip = &life.grips[life.n_grips];
	const int flags = O_RDWR | O_CLOEXEC | (chance(10) == 0 ? O_NONBLOCK : 0);
	const char *again = "";
	int err;

	grip->ttl_ms = what ? 0 : spec_choose(spec, patient);
	if (what)
		strcpy(spec, what);
	grip->renews = true;
	snprintf(path, sizeof(path), "%s/locks/%s", life.mount, spec);
	do {
		snprintf(grip->id, sizeof(grip->id), "%d:%d", getpid(), ++life.opens);
		diary("open %s %s%s%s", grip->id, spec, flags & O_NONBLOCK ? " nonblock" : "",
			again);
		grip->fd = open(path, flags);
		err = grip->fd < 0 ? errno : 0;
		diary("opened %s %s", grip->id, diary_result(grip->fd));
		again = " again";
	} while (err == EINTR);
	if (err) {
		rest(err == EAGAIN || err == ETIMEDOUT ? chance(2000) : 10000);
		return NULL;
	}
	life.n_grips++;
	grip_read(grip);
	return grip;
}

/* Lets go of the newest hold. */
static void grip_close(void)
{
	const struct grip *grip = &life.grips[--life.n_grips];

	diary("close %s", grip->id);
	close(grip->fd);
	diary("closed %s", grip->id);
}

/* Renews, often with a new TTL. */
static void grip_renew(struct grip *grip)
{
	static const int ttls[] = {100, 200, 400, 1000};
	char command[32] = "renew";
	ssize_t done;

	if (!grip->renews || !grip->ttl_ms)
		return;
	if (chance(2)) {
		grip->ttl_ms = ONE_OF(ttls);
		snprintf(command, sizeof(command), "renew %dms", grip->ttl_ms);
	}
	diary("renew %s %d", grip->id, grip->ttl_ms);
	done = write(grip->fd, command, strlen(command));
	diary("renewed %s %s", grip->id, diary_result(done));
}

/* Holds for a time: mostly a short one, seldom one that outlasts TTLs. */
static void linger(struct grip *grip)
{
	static const int ms[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 20};
	const int turns = grip->ttl_ms && chance(12) == 0 ? 1 + chance(5) : 0;

	for (int i = 0; i < turns && !finishing(); i++) {
		rest(chance((grip->ttl_ms < 100 ? grip->ttl_ms : 100) * 500));
		grip_renew(grip);
	}
	rest(1000 * ONE_OF(ms) + chance(300));
	if (grip->ttl_ms && chance(grip->ttl_ms / 3) == 0)
		rest(grip->ttl_ms * 1100);
	if (grip->ttl_ms || chance(4) == 0)
		grip_read(grip);
}

/* A child's whole life: to have what it inherited, and to end in one way or another. */
static _Noreturn void heir(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	diary("born %d", parent);
	for (int i = 0; i < life.n_grips; i++)
		diary("has %s", life.grips[i].id);
	while (life.n_grips > 1)
		grip_close();
	linger(&life.grips[0]);
	if (chance(3)) {
		grip_close();
		end(false);
	}
	end(chance(2));
}

/* Leaves what it holds to a child as well. */
static void leave(bool renewals)
{
	const pid_t parent = getpid();

	for (int i = 0; i < life.n_grips; i++)
		diary("fork %s", life.grips[i].id);

	const pid_t child = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);

	for (int i = 0; i < life.n_grips; i++)
		life.grips[i].renews &= renewals == (child == 0);
	if (child == 0)
		heir(parent);
	diary("forked %d", child);
}

/* Holds for seconds what others try: it outlasts many servers. */
static void keep(void)
{
	static const char *const specs[] = {"k1@try", "k2@try", "k3@try,shared"};
	const struct grip *grip = grip_open(ONE_OF(specs), false);

	if (!grip)
		return;
	for (int i = 100 + chance(500); i > 0 && !finishing(); i--)
		rest(20000);
	grip_read(grip);
	grip_close();
}

/* One hold from its opening to some end of it. */
static void turn(void)
{
	if (chance(40) == 0) {
		keep();
		return;
	}

	struct grip *grip = grip_open(NULL, true);
	const int manner = chance(100);

	if (!grip)
		return;
	linger(grip);
	if (manner < 10 && grip_open(NULL, false))
		linger(&life.grips[1]);
	if (manner >= 8 && manner < 20)
		leave(chance(2));
	if (manner >= 17 && manner < 23)
		end(chance(2)); /* whoever inherited goes on */
	while (life.n_grips > 0)
		grip_close();
}

/* Opens and closes as fast as it can: the load under which the others live. */
static void hammer(void)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/locks/hammer%d", life.mount, chance(2));
	while (!finishing()) {
		int fd = open(path, O_RDWR | O_CLOEXEC);

		if (fd < 0 && errno != EINTR)
			diary("hammered %s", diary_result(fd));
		rest(fd < 0 ? 10000 : 300);
		close(fd);
	}
}

/* A hammer's way to do it by the command. */
static void hammer_by(const char *lokt)
{
	while (!finishing()) {
		const pid_t child = fork();
		int status = -1;

		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			execl(lokt, lokt, "--mount", life.mount, "guard", "guarded", "--", "true",
				(char *)NULL);
			_exit(127);
		}
		if (waitpid(child, &status, 0) < 0 || status != 0) {
			diary("hammered guard:%#x", status);
			rest(10000);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc < 5 || !diary_open(argv[2])) {
		fprintf(stderr, "usage: lokt-life MOUNT DIARY FINISH SEED [hammer [LOKT]]\n");
		return 64;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	life.mount = argv[1];
	life.finish = argv[3];
	life.dice = (strtoull(argv[4], NULL, 10) + 1) * 0x9e3779b97f4a7c15ULL | 1;
	diary("born 0");
	if (argc > 6)
		hammer_by(argv[6]);
	else if (argc > 5)
		hammer();
	while (!finishing()) {
		turn();
		rest(chance(4000));
	}
	end(false);
}
