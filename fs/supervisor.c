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
#include "core/timer.h"
#include "directory.h"
#include "message.h"
#include "mount.h"
#include "mountpoint.h"
#include "notify.h"
#include "proc.h"
#include "refuse.h"
#include "restarts.h"
#include "upgrade.h"

#define LEAVE_MS 1000  /* for a server to leave */
#define LISTEN_MS 2000 /* between two looks whether we can be called */

struct supervisor {
	struct options *options;
	struct kept kept;
	struct carry_head *head;
	int program;   /* what the next server runs */
	int launcher;  /* who waits for the mount to serve; -1 */
	bool told;     /* the service manager was, that it serves */
	bool stopping; /* every server is told to end */
	bool starved;  /* no server could be started: tried again before long */
	struct restarts restarts;
	int signals;
	struct upgrade upgrade;
	int ready; /* the server says here that it serves; -1: it has */
	pid_t server;
	int server_fd; /* -1: there is none */
	bool served;   /* this server */
};

static void server_signal(const struct supervisor *supervisor, int signal)
{
	syscall(SYS_pidfd_send_signal, supervisor->server_fd, signal, NULL, 0);
}

/* Starts a server. False, with errno set, when that cannot be. */
static bool server_start(struct supervisor *supervisor)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	supervisor->head->life = LIFE_STARTING;
	supervisor->head->supervisor = getpid();
	supervisor->kept.ready = ends[1];
	supervisor->server =
		spawn(supervisor->program, ROLE_SERVE, supervisor->options, &supervisor->kept);
	supervisor->kept.ready = -1;
	close(ends[1]);
	supervisor->served = false;
	supervisor->server_fd = supervisor->server > 0 ? process_fd(supervisor->server) : -1;
	if (supervisor->server_fd >= 0) {
		supervisor->ready = ends[0];
		server_signal(supervisor, supervisor->stopping ? SIGTERM : 0);
		return true;
	}
	if (supervisor->server > 0) { /* never one that is not watched */
		kill(supervisor->server, SIGKILL);
		waitpid(supervisor->server, NULL, 0);
	}
	close(ends[0]);
	return false;
}

/* The new program serves: from here on it is the supervisor too. */
static void upgrade_done(struct supervisor *supervisor)
{
	message(LOG_NOTICE, "%s is upgraded: pid %d serves", supervisor->options->mountpoint,
		supervisor->server);
	upgrade_end(&supervisor->upgrade, NULL);
	notify_hand_on();
	become(supervisor->program, ROLE_SUPERVISE, supervisor->options, &supervisor->kept);
	_exit(EXIT_FAILURE); /* it cannot be: the server finds another supervisor */
}

/* The new program does not serve: the one before it goes on. */
static void upgrade_undo(struct supervisor *supervisor)
{
	supervisor->program = upgrade_swap(&supervisor->upgrade, supervisor->program);
	upgrade_end(&supervisor->upgrade, "the new server did not serve");
}

/* The server serves: whoever waits for that is told, once. */
static void server_serves(struct supervisor *supervisor)
{
	char word;

	if (read(supervisor->ready, &word, 1) == 1) {
		supervisor->served = true;
		if (!supervisor->told)
			notify("READY=1\nSTATUS=The mount serves");
		supervisor->told = true;
		background_done(supervisor->launcher);
		supervisor->launcher = -1;
		if (restarts_served(&supervisor->restarts, clock_mono()))
			message(LOG_NOTICE, "%s: a server serves again",
				supervisor->options->mountpoint);
	}
	close(supervisor->ready);
	supervisor->ready = -1;
	if (supervisor->served && upgrade_is_placed(&supervisor->upgrade))
		upgrade_done(supervisor);
}

/* The mount answers EIO until a server serves again: nobody waits for one that may never come. False: none ever served,
 * and it is all over. */
static bool give_up(struct supervisor *supervisor)
{
	if (!supervisor->told) {
		message(LOG_CRIT, "cannot serve %s: the server keeps dying; the log is in %s",
			supervisor->options->mountpoint, supervisor->options->state);
		return false;
	}
	message(LOG_CRIT,
		"%s: the server keeps dying: every request gets EIO until one goes on from the "
		"log in %s, which is tried every %d s. `loktfs --upgrade %s` tries another "
		"program, `fusermount3 -uz %s` ends the mount",
		supervisor->options->mountpoint, supervisor->options->state, RESTARTS_RARELY_S,
		supervisor->options->mountpoint, supervisor->options->mountpoint);
	notify("STATUS=The server keeps dying: see the system's log");
	return true;
}

/* The signal that the server died of; 0: it is not known, or none. */
static int server_reap(struct supervisor *supervisor)
{
	int status = 0, signal = 0;

	if (waitpid(supervisor->server, &status, 0) == supervisor->server && WIFSIGNALED(status))
		signal = WTERMSIG(status);
	close(supervisor->server_fd);
	supervisor->server_fd = -1;
	if (supervisor->ready >= 0) { /* its last word may be that it serves */
		fcntl(supervisor->ready, F_SETFL, O_NONBLOCK);
		server_serves(supervisor);
	}
	return signal;
}

/* A server has died that was not told to. False: it is all over. */
static bool server_died(struct supervisor *supervisor, int signal)
{
	const char *mountpoint = supervisor->options->mountpoint;

	switch (restarts_died(&supervisor->restarts, supervisor->served, signal, clock_mono())) {
	case RESTARTS_GO_ON:
		message(LOG_WARNING, "%s: the server (pid %d) died%s%s: starting another",
			mountpoint, supervisor->server, signal ? " of " : "",
			signal ? strsignal(signal) : "");
		return true;
	case RESTARTS_REFUSE:
		if (!give_up(supervisor))
			return false;
		break;
	case RESTARTS_REFUSING: break;
	case RESTARTS_END:
		message(LOG_CRIT,
			"%s: no server is tried any more: `loktfs --upgrade %s` starts one",
			mountpoint, mountpoint);
	}
	refuse_begin(&supervisor->kept, !supervisor->options->no_resend);
	return true;
}

/* The server has ended: another is to take its place, unless it was to end. False: it is all over. */
static bool server_ended(struct supervisor *supervisor)
{
	const enum life life = supervisor->head->life;
	const int signal = server_reap(supervisor);

	if (life == LIFE_ENDED)
		return false;
	if (supervisor->head->init_len == 0 && !supervisor->served) {
		if (signal) /* else it has said why */
			message(LOG_ERR, "cannot serve %s: the server died as it began: %s",
				supervisor->options->mountpoint, strsignal(signal));
		return false;
	}
	supervisor->head->restarts++;
	supervisor->head->signal = signal;
	if (upgrade_is_placed(&supervisor->upgrade) && life != LIFE_LEAVING && !supervisor->served)
		upgrade_undo(supervisor);
	else if (life != LIFE_LEAVING && !server_died(supervisor, signal))
		return false;
	return !supervisor->restarts.refusing || !supervisor->stopping;
}

/* There is to be a server. False: there will be none. */
static bool server_provide(struct supervisor *supervisor)
{
	const bool before = supervisor->starved;

	if (supervisor->server_fd >= 0 || clock_mono() < supervisor->restarts.next_ns)
		return true;
	supervisor->starved = !server_start(supervisor);
	if (supervisor->starved)
		restarts_starved(&supervisor->restarts, clock_mono());
	if (supervisor->starved && !before)
		message(LOG_ERR, "cannot start a server: %s", strerror(errno));
	return !supervisor->starved || supervisor->head->init_len > 0;
}

/* Perhaps asked to stop. False: there is no server that has to be stopped first. */
static bool stop(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;

	while (read(supervisor->signals, &info, sizeof(info)) == sizeof(info))
		supervisor->stopping |= info.ssi_signo != SIGHUP;
	if (!supervisor->stopping)
		return true;
	server_signal(supervisor, SIGTERM);
	return supervisor->server_fd >= 0;
}

/* Has the server leave, who has dealt with all that it had read then; one that does not is killed. */
static void server_dismiss(const struct supervisor *supervisor)
{
	struct pollfd ended = {supervisor->server_fd, POLLIN, 0};

	server_signal(supervisor, SIGUSR1);
	if (poll(&ended, 1, LEAVE_MS) == 1)
		return;
	supervisor->head->life = LIFE_LEAVING;
	server_signal(supervisor, SIGKILL);
}

/* Another program takes its place, or has been there for too long. */
static void upgrade_go_on(struct supervisor *supervisor, enum upgrade_news news)
{
	if (news == UPGRADE_LATE)
		server_signal(supervisor, SIGKILL);
	if (news != UPGRADE_FITS)
		return;
	supervisor->program = upgrade_swap(&supervisor->upgrade, supervisor->program);
	restarts_anew(&supervisor->restarts);
	if (supervisor->server_fd >= 0)
		server_dismiss(supervisor);
}

/* How long to wait for what happens. */
static int patience(const struct supervisor *supervisor)
{
	const uint64_t now_ns = clock_mono(), next_ns = supervisor->restarts.next_ns;
	const int late = upgrade_patience(&supervisor->upgrade);
	int ms = late >= 0 && late < LISTEN_MS ? late : LISTEN_MS;

	if (supervisor->server_fd < 0 && next_ns < now_ns + (uint64_t)ms * 1000000)
		ms = next_ns > now_ns ? (int)((next_ns - now_ns) / 1000000) + 1 : 0;
	return ms;
}

/* Waits for what happens, and sees to it. False: the mount is over. */
static bool watch(struct supervisor *supervisor)
{
	struct upgrade *upgrade = &supervisor->upgrade;
	const bool refusing = supervisor->restarts.refusing && supervisor->server_fd < 0;
	struct pollfd fds[4 + UPGRADE_FDS] = {{supervisor->server_fd, POLLIN, 0},
		{supervisor->ready, POLLIN, 0}, {supervisor->signals, POLLIN, 0},
		{refusing ? supervisor->kept.fuse : -1, POLLIN, 0}};
	bool going = true;

	upgrade_poll(upgrade, fds + 4);
	if (poll(fds, 4 + UPGRADE_FDS, patience(supervisor)) < 0)
		return true;
	upgrade_listen(upgrade, supervisor->options, supervisor->head->mount);
	if (fds[1].revents)
		server_serves(supervisor);
	if (fds[2].revents)
		going = stop(supervisor);
	if (fds[3].revents)
		going = going && refuse_all(supervisor->kept.fuse);
	if (fds[0].revents)
		return going && server_ended(supervisor);
	upgrade_go_on(supervisor, upgrade_handle(upgrade, fds + 4, supervisor->options));
	return going;
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
	signal(SIGCHLD, SIG_DFL); /* or nobody could tell how a child ended */
	supervisor->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	return supervisor->signals >= 0;
}

/* What both ways of beginning have in common. */
static bool prepare(struct supervisor *supervisor)
{
	supervisor->head = carry_head_map(supervisor->kept.carry);
	supervisor->program = program_open();
	supervisor->ready = supervisor->server_fd = supervisor->kept.ready = -1;
	upgrade_init(&supervisor->upgrade, supervisor->kept.carry);
	return supervisor->head && supervisor->program >= 0 && signals_take(supervisor);
}

/* Gets what a server needs. False after a message. */
static bool kept_make(struct supervisor *supervisor)
{
	const struct options *options = supervisor->options;
	struct kept *kept = &supervisor->kept;

	if (!mountpoint_prepare(options->mountpoint))
		return false;
	if ((kept->lock = directory_claim(options->state, options->mountpoint)) < 0)
		return false;
	if ((kept->carry = carry_create()) < 0 || !prepare(supervisor)) {
		message(LOG_ERR, "cannot begin: %s", strerror(errno));
		return false;
	}
	kept->fuse = mount_open(options, supervisor->head->mount);
	return kept->fuse >= 0;
}

/* What is done until the mount, which is there, is over; `going` false: it is. */
static void go_on(struct supervisor *supervisor, bool going)
{
	const struct options *options = supervisor->options;

	upgrade_listen(&supervisor->upgrade, options, supervisor->head->mount);
	while (going && server_provide(supervisor))
		going = watch(supervisor);
	upgrade_end(&supervisor->upgrade, "the mount is over");
	control_clear(options);
	notify("STOPPING=1");
	mount_close(supervisor->kept.fuse, options->mountpoint, supervisor->head->mount);
}

int supervise(struct options *options, int launcher)
{
	struct supervisor supervisor = {.options = options, .launcher = launcher};

	if (!kept_make(&supervisor))
		return EXIT_FAILURE;
	supervisor.head->started_wall_ms = clock_now().wall_ms;
	go_on(&supervisor, true);
	return supervisor.told ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Watches the server that runs. False: it does not any more. */
static bool server_adopt(struct supervisor *supervisor)
{
	const struct carry_head *head = supervisor->head;
	struct stat_line stat;

	supervisor->server = head->server;
	supervisor->server_fd = process_fd(head->server);
	if (supervisor->server_fd < 0 && errno != ESRCH)
		exit(EXIT_FAILURE); /* it may run: then it starts another of us */
	if (supervisor->server_fd < 0 || !stat_read(head->server, &stat) ||
		stat.start_ns == head->server_start_ns)
		return supervisor->server_fd >= 0;
	close(supervisor->server_fd); /* another process of that number */
	supervisor->server_fd = -1;
	return false;
}

int supervise_on(struct options *options, const struct kept *kept)
{
	struct supervisor supervisor = {
		.options = options, .kept = *kept, .launcher = -1, .served = true, .told = true};

	if (!prepare(&supervisor))
		return EXIT_FAILURE;
	go_on(&supervisor, server_adopt(&supervisor) || server_ended(&supervisor));
	return EXIT_SUCCESS;
}
