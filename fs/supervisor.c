/* See supervisor.h. It knows nothing of locks: it starts a server, waits for its end, and starts the next. */
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "background.h"
#include "carry.h"
#include "clock.h"
#include "control.h"
#include "directory.h"
#include "message.h"
#include "mount.h"
#include "mountpoint.h"
#include "notify.h"
#include "refuse.h"
#include "upgrade.h"

#define LEAVE_MS 1000 /* for a server to leave */
#define MINUTE_NS 60000000000ULL
#define STILLBORN_MAX 5 /* servers in a minute that died before they served … */
#define CRASHES_MAX 30  /* … and such as died of themselves, though they served */

/* How many things have happened within a minute. */
struct tally {
	uint64_t since_ns;
	unsigned count;
};

struct supervisor {
	struct options *options;
	struct kept kept;
	struct carry_head *head;
	int program;  /* what the next server runs */
	int launcher; /* who waits for the mount to serve; -1 */
	int signals, control;
	struct upgrade upgrade;
	int ready; /* the server says here that it serves; -1: it has */
	pid_t server;
	int server_fd; /* -1: there is none, and every request is refused */
	bool served;   /* this server */
	struct tally stillborn, crashes;
};

/* Counts one more. Whether there were too many within the minute. */
static bool tally_add(struct tally *tally, unsigned max)
{
	const uint64_t now_ns = clock_mono();

	if (tally->count == 0 || now_ns - tally->since_ns > MINUTE_NS)
		*tally = (struct tally){.since_ns = now_ns};
	return ++tally->count > max;
}

/* Starts a server. False, after a message, when that cannot be. */
static bool server_start(struct supervisor *supervisor)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0) {
		message(LOG_ERR, "cannot start a server: %s", strerror(errno));
		return false;
	}
	supervisor->head->life = LIFE_STARTING;
	supervisor->head->supervisor = getpid();
	supervisor->kept.ready = ends[1];
	supervisor->server =
		spawn(supervisor->program, ROLE_SERVE, supervisor->options, &supervisor->kept);
	supervisor->kept.ready = -1;
	close(ends[1]);
	supervisor->ready = ends[0];
	supervisor->served = false;
	supervisor->server_fd = supervisor->server > 0 ? process_fd(supervisor->server) : -1;
	if (supervisor->server_fd < 0)
		message(LOG_ERR, "cannot start a server: %s", strerror(errno));
	return supervisor->server_fd >= 0;
}

/* The new program serves: from here on it is the supervisor too. */
static void upgrade_done(struct supervisor *supervisor)
{
	message(LOG_NOTICE, "%s is upgraded: pid %d serves", supervisor->options->mountpoint,
		supervisor->server);
	control_answer(supervisor->upgrade.client, NULL);
	close(supervisor->upgrade.previous);
	supervisor->upgrade = (struct upgrade){-1, -1};
	notify_hand_on();
	become(supervisor->program, ROLE_SUPERVISE, supervisor->options, &supervisor->kept);
	_exit(EXIT_FAILURE); /* it cannot be: the server finds another supervisor */
}

/* The new program does not serve: the one before it goes on. */
static void upgrade_undo(struct supervisor *supervisor)
{
	control_answer(supervisor->upgrade.client, "the new server died before it served");
	close(supervisor->program);
	supervisor->program = supervisor->upgrade.previous;
	supervisor->upgrade = (struct upgrade){-1, -1};
}

/* The server serves: whoever waits for that is told, once. */
static void server_serves(struct supervisor *supervisor)
{
	char word;

	if (read(supervisor->ready, &word, 1) == 1) {
		supervisor->served = true;
		if (supervisor->head->restarts == 0)
			notify("READY=1\nSTATUS=The mount serves");
		background_done(supervisor->launcher);
		supervisor->launcher = -1;
	}
	close(supervisor->ready);
	supervisor->ready = -1;
	if (supervisor->served && supervisor->upgrade.previous >= 0)
		upgrade_done(supervisor);
}

/* No more servers: the mount answers EIO from now on. */
static void give_up(struct supervisor *supervisor)
{
	message(LOG_CRIT,
		"%s: the server keeps dying: every request gets EIO; the log in %s is kept. "
		"`loktfs --upgrade %s` starts a server again, `fusermount3 -uz %s` ends the mount",
		supervisor->options->mountpoint, supervisor->options->state,
		supervisor->options->mountpoint, supervisor->options->mountpoint);
	notify("STATUS=The server keeps dying: see the system's log");
	refuse_begin(supervisor->kept.fuse);
}

/* What the server died of, as words; `signal` 0: it is not known, or none. */
static int server_reap(struct supervisor *supervisor, int *signal)
{
	int status = 0;

	*signal = 0;
	if (waitpid(supervisor->server, &status, 0) == supervisor->server && WIFSIGNALED(status))
		*signal = WTERMSIG(status);
	close(supervisor->server_fd);
	supervisor->server_fd = -1;
	if (supervisor->ready >= 0) { /* its last word may be that it serves */
		fcntl(supervisor->ready, F_SETFL, O_NONBLOCK);
		server_serves(supervisor);
	}
	return status;
}

/* Whether so many servers have died that another one would die too. A SIGKILL from outside is nothing that
 * the next one would die of. */
static bool dies_too_often(struct supervisor *supervisor, int signal)
{
	if (!supervisor->served)
		return tally_add(&supervisor->stillborn, STILLBORN_MAX);
	supervisor->stillborn.count = 0;
	return signal != SIGKILL && signal != 0 && tally_add(&supervisor->crashes, CRASHES_MAX);
}

/* The server has ended: another takes its place, unless it was to end. False: it is all over. */
static bool server_ended(struct supervisor *supervisor)
{
	const enum life life = supervisor->head->life;
	int signal;

	server_reap(supervisor, &signal);
	if (life == LIFE_ENDED || (supervisor->head->init_len == 0 && !supervisor->served))
		return false;
	supervisor->head->restarts++;
	supervisor->head->signal = signal;
	if (supervisor->upgrade.previous >= 0 && life != LIFE_LEAVING && !supervisor->served)
		upgrade_undo(supervisor);
	else if (life != LIFE_LEAVING && dies_too_often(supervisor, signal)) {
		give_up(supervisor);
		return true;
	}
	if (life != LIFE_LEAVING)
		message(LOG_WARNING, "%s: the server (pid %d) died%s%s: starting another",
			supervisor->options->mountpoint, supervisor->server, signal ? " of " : "",
			signal ? strsignal(signal) : "");
	if (!server_start(supervisor))
		give_up(supervisor);
	return true;
}

/* Asked to stop. False: there is no server that has to be stopped first. */
static bool stop(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;
	bool asked = false;

	while (read(supervisor->signals, &info, sizeof(info)) == sizeof(info))
		asked |= info.ssi_signo != SIGHUP;
	if (!asked)
		return true;
	if (supervisor->server_fd < 0)
		return false;
	syscall(SYS_pidfd_send_signal, supervisor->server_fd, SIGTERM, NULL, 0);
	return true;
}

/* Has the server leave, who has dealt with all that it had read then; one that does not is killed. */
static void server_dismiss(const struct supervisor *supervisor)
{
	struct pollfd ended = {supervisor->server_fd, POLLIN, 0};

	syscall(SYS_pidfd_send_signal, supervisor->server_fd, SIGUSR1, NULL, 0);
	if (poll(&ended, 1, LEAVE_MS) == 1)
		return;
	supervisor->head->life = LIFE_LEAVING;
	syscall(SYS_pidfd_send_signal, supervisor->server_fd, SIGKILL, NULL, 0);
}

/* Somebody asks for an upgrade. */
static void upgrade_begin(struct supervisor *supervisor)
{
	char word[CONTROL_WORD];
	int client, program;

	if (!control_accept(supervisor->control, &client, &program))
		return;
	if (supervisor->upgrade.previous >= 0) {
		control_answer(client, "another upgrade is on its way");
	} else if (!upgrade_try(program, supervisor->options, word)) {
		control_answer(client, word);
	} else {
		supervisor->upgrade =
			(struct upgrade){.client = client, .previous = supervisor->program};
		supervisor->program = program;
		supervisor->stillborn.count = supervisor->crashes.count = 0;
		if (supervisor->server_fd >= 0)
			server_dismiss(supervisor);
		else if (!server_start(supervisor)) /* every request was refused until now */
			upgrade_undo(supervisor);
		return;
	}
	close(program);
}

/* Until the mount is over. */
static void watch(struct supervisor *supervisor)
{
	bool going = true;

	while (going) {
		const bool refusing = supervisor->server_fd < 0;
		struct pollfd fds[] = {{supervisor->server_fd, POLLIN, 0},
			{supervisor->ready, POLLIN, 0}, {supervisor->signals, POLLIN, 0},
			{refusing ? supervisor->kept.fuse : -1, POLLIN, 0},
			{supervisor->control, POLLIN, 0}};

		if (poll(fds, 5, -1) < 0)
			continue;
		if (fds[1].revents)
			server_serves(supervisor);
		if (fds[2].revents)
			going = stop(supervisor);
		if (fds[3].revents)
			going = going && refuse_all(supervisor->kept.fuse);
		if (fds[0].revents)
			going = going && server_ended(supervisor);
		else if (fds[4].revents)
			upgrade_begin(supervisor);
	}
}

static bool signals_take(struct supervisor *supervisor)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	supervisor->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return supervisor->signals >= 0;
}

/* What both ways of beginning have in common. */
static bool prepare(struct supervisor *supervisor)
{
	supervisor->head = carry_head_map(supervisor->kept.carry);
	supervisor->program = program_open();
	supervisor->ready = supervisor->server_fd = supervisor->control = -1;
	supervisor->upgrade = (struct upgrade){-1, -1};
	supervisor->kept.ready = -1;
	return supervisor->head && supervisor->program >= 0 && signals_take(supervisor);
}

/* Gets what a server needs. False after a message. */
static bool kept_make(struct supervisor *supervisor)
{
	const struct options *options = supervisor->options;
	struct kept *kept = &supervisor->kept;

	if (!mountpoint_check(options->mountpoint))
		return false;
	if ((kept->lock = directory_claim(options->state, options->mountpoint)) < 0)
		return false;
	if ((kept->carry = carry_create()) < 0 || !prepare(supervisor)) {
		message(LOG_ERR, "cannot begin: %s", strerror(errno));
		return false;
	}
	kept->fuse = mount_open(options);
	return kept->fuse >= 0;
}

int supervise(struct options *options, int launcher)
{
	struct supervisor supervisor = {.options = options, .launcher = launcher};
	bool served;

	if (!kept_make(&supervisor))
		return EXIT_FAILURE;
	supervisor.head->started_wall_ms = clock_now().wall_ms;
	supervisor.control = control_listen(options->mountpoint);
	if (server_start(&supervisor))
		watch(&supervisor);
	served = supervisor.head->init_len > 0;
	notify("STOPPING=1");
	mount_close(supervisor.kept.fuse, options->mountpoint);
	return served ? EXIT_SUCCESS : EXIT_FAILURE;
}

int supervise_on(struct options *options, const struct kept *kept)
{
	struct supervisor supervisor = {.options = options, .kept = *kept, .launcher = -1};

	if (!prepare(&supervisor))
		return EXIT_FAILURE;
	supervisor.control = control_listen(options->mountpoint);
	supervisor.served = true;
	supervisor.server = supervisor.head->server;
	supervisor.server_fd = process_fd(supervisor.server);
	if (supervisor.server_fd >= 0 || server_ended(&supervisor))
		watch(&supervisor);
	mount_close(supervisor.kept.fuse, options->mountpoint);
	return EXIT_SUCCESS;
}
