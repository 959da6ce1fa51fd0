/* See server.h. */
#include "server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "background.h"
#include "clock.h"
#include "core/timer.h"
#include "daemon.h"
#include "loop.h"
#include "message.h"
#include "mount.h"
#include "proc.h"
#include "process.h"
#include "revival.h"
#include "rlimits.h"
#include "session.h"

#define DELAY_NS 10000000ULL /* until another supervisor is started, and twice that, and so on … */
#define SETTLED_NS                                                                                 \
	10000000000ULL /* … if the one before has not lived for so long, which is the longest */

/* Says who serves. */
static void life_set(struct daemon *daemon, enum life life)
{
	struct stat_line stat = {0};

	stat_read(getpid(), &stat);
	daemon->carry.head->server = getpid();
	daemon->carry.head->server_start_ns = stat.start_ns;
	daemon->carry.head->life = life;
}

/* The kernel has said hello, or a mount that lives goes on: whoever waits for that is told. */
static void ready(void *context)
{
	struct daemon *daemon = context;

	if (daemon->carry.head->life == LIFE_SERVING)
		return;
	life_set(daemon, LIFE_SERVING);
	if (!daemon->options.foreground)
		background_leave();
	if (daemon->kept->ready < 0)
		return;
	if (write(daemon->kept->ready, "+", 1) != 1)
		message(LOG_WARNING, "nobody waited for the mount");
	close(daemon->kept->ready);
	daemon->kept->ready = -1;
}

/* Begins to serve, or goes on. False after a message. */
static bool begin(struct daemon *daemon)
{
	struct carry_head *head = daemon->carry.head;
	const bool again = head->init_len > 0;

	if (!daemon->options.foreground && head->restarts > 0)
		background_leave();
	if (getppid() == head->supervisor && /* else it has died, and its number may be another's */
		(daemon->supervisor_fd = process_fd(head->supervisor)) < 0 && errno != ESRCH) {
		message(LOG_ERR, "cannot watch the supervisor: %s", strerror(errno));
		return false;
	}
	life_set(daemon, LIFE_STARTING);
	engine_configure(daemon->host.engine, &daemon->options.settings);
	if (again)
		revival_begin(daemon);
	strcpy(daemon->host.mount, head->mount);
	sscanf(head->mount, "%31[^/]", daemon->device);
	host_start(&daemon->host, again ? head->signal : -1);
	if (head->first_token == 0) {
		head->first = disk_first(&daemon->host.disk);
		head->first_token = host_next_token(&daemon->host);
	}
	if (again) {
		ready(daemon); /* from here on it answers */
		revival_finish(daemon);
	}
	orphans_recover(daemon);
	if (!again) { /* what ended meanwhile ends before anybody is served */
		const struct now now = clock_now();

		host_tick(&daemon->host, &now);
	}
	return true;
}

void supervisor_lost(struct daemon *daemon)
{
	static uint64_t started_ns, delay_ns; /* of the last one that we started */
	const uint64_t now_ns = clock_mono();

	if (daemon->supervisor_fd >= 0)
		close(daemon->supervisor_fd);
	daemon->supervisor_fd = -1;
	if (daemon->carry.head->supervisor > 0) /* it may have been one of ours */
		waitpid(daemon->carry.head->supervisor, NULL, WNOHANG);
	daemon->carry.head->supervisor = 0;
	delay_ns = now_ns - started_ns > SETTLED_NS ? 0 : 2 * delay_ns + DELAY_NS;
	delay_ns = delay_ns < SETTLED_NS ? delay_ns : SETTLED_NS;
	started_ns = now_ns + delay_ns;
	daemon->supervisor_ns = started_ns;
}

void supervisor_replace(struct daemon *daemon)
{
	struct kept kept = *daemon->kept;
	int program = program_open();
	pid_t pid;

	kept.ready = -1;
	pid = spawn(program, ROLE_SUPERVISE, &daemon->options, &kept);
	daemon->supervisor_fd = pid > 0 ? process_fd(pid) : -1;
	daemon->supervisor_ns = 0;
	if (daemon->supervisor_fd >= 0) {
		daemon->carry.head->supervisor = pid;
		message(LOG_WARNING, "the supervisor died: starting another (pid %d)", pid);
	} else {
		message(LOG_WARNING, "the supervisor died: cannot start another: %s",
			strerror(errno));
		if (pid > 0 && kill(pid, SIGKILL) == 0)
			waitpid(pid, NULL, 0); /* never one that is not watched */
		supervisor_lost(daemon);
	}
	if (program >= 0)
		close(program);
}

/* Serves until the mount is over. The exit code. */
static int run(struct daemon *daemon)
{
	int err = EIO;

	if (session_open(daemon, daemon->kept->fuse) && begin(daemon)) {
		if (daemon->supervisor_fd < 0 && daemon->carry.head->supervisor > 0)
			supervisor_lost(daemon); /* it died while we began */
		err = loop_run(daemon, ready, daemon);
		if (err == 0)
			life_set(daemon, LIFE_ENDED);
	}
	if (err != 0 && err != EIO)
		message(LOG_ERR, "cannot serve %s: %s", daemon->options.mountpoint, strerror(err));
	return err == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Whether nobody is there to take the mount away after us. */
static bool is_alone(const struct daemon *daemon)
{
	return daemon->supervisor_fd < 0 || process_has_ended(daemon->supervisor_fd);
}

int serve(struct options *options, struct kept *kept)
{
	static struct daemon daemon;
	int code = EXIT_FAILURE;

	processes_init(rlimits_files() / 3); /* one for each that holds, and some for the rest */
	daemon.options = *options;
	daemon.kept = kept;
	daemon.supervisor_fd = -1;
	if (daemon_init(&daemon, options->state, kept->lock, kept->carry))
		code = run(&daemon);
	if (code == EXIT_SUCCESS && is_alone(&daemon))
		mount_close(kept->fuse, options->mountpoint, daemon.carry.head->mount);
	daemon_finish(&daemon);
	return code;
}
