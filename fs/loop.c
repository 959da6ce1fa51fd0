/* See loop.h. A turn reads what the kernel has, fires what is due, appends, answers, and then does
 * the work that nobody waits for.
 *
 * A request that arrived in time is handled before a deadline fires, however late both are: the
 * deadlines of a turn are those of the moment when it began to read. */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "core/timer.h"
#include "deadlock.h"
#include "fuse.h"
#include "handle.h"
#include "hold_file.h"
#include "intake.h"
#include "message.h"
#include "ops.h"
#include "process.h"
#include "request.h"
#include "revival.h"
#include "server.h"
#include "session.h"

#define BATCH 32           /* requests between two appends */
#define TURN 4096          /* requests after which deadlines get their turn all the same */
#define SPIN_NS 40000      /* how long to read on before sleeping, while requests come fast */
#define LOOK_NS 10000000   /* how often to look at all else while requests never cease */
#define LINGER_NS 50000000 /* how long readers have to see the log's end when it is over */
#define SPIN_GAP_NS 100000 /* what fast means: the last sleep was no longer than this */

struct loop {
	struct daemon *daemon;
	int session, timer, signals;
	uint64_t armed_ns;  /* what the timer is set to, CLOCK_MONOTONIC */
	uint64_t looked_ns; /* when it last looked at what is no request, the same */
	bool spin;
	bool due;      /* the timer fired: the machine may have slept meanwhile */
	bool suspects; /* somebody who waits has to be looked at for a deadlock */
};

static bool loop_init(struct loop *loop, struct daemon *daemon)
{
	sigset_t set;

	*loop = (struct loop){.daemon = daemon, .session = fuse_session_fd(daemon->session)};
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	loop->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	/* BOOTTIME: a freeze that ends while the machine sleeps ends when it wakes. */
	loop->timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	loop->armed_ns = NEVER;
	return loop->signals >= 0 && loop->timer >= 0;
}

static void loop_finish(struct loop *loop)
{
	if (loop->signals >= 0)
		close(loop->signals);
	if (loop->timer >= 0)
		close(loop->timer);
}

/* Reads and handles one request. False when there is none. */
static bool request_read(struct loop *loop)
{
	struct daemon *daemon = loop->daemon;
	size_t len = session_read(daemon);

	if (len > 0)
		session_handle(daemon, session_buffer(daemon), len);
	return len > 0;
}

void loop_settle(struct daemon *daemon)
{
	requests_interrupt(daemon);
	host_flush(&daemon->host);
	if (daemon->undelivered) {
		undelivered_close(daemon);
		host_flush(&daemon->host);
	}
	releases_reply(daemon);
	holds_notify(daemon);
	views_open(daemon);
	audit_wake(daemon);
	intake_done(daemon);
}

/* Handles all that has arrived; how many requests that was. */
static unsigned requests_handle(struct loop *loop)
{
	unsigned count = 0;

	while (count < TURN && request_read(loop))
		if (++count % BATCH == 0)
			loop_settle(loop->daemon);
	loop_settle(loop->daemon);
	return count;
}

/* Has the loop woken at the deadline, or before: then it is armed anew, which is rarer than that a deadline moves
 * further away. */
static void timer_arm(struct loop *loop, uint64_t deadline_ns)
{
	struct itimerspec when = {0};
	uint64_t now_ns, left;

	if (deadline_ns >= loop->armed_ns)
		return;
	loop->armed_ns = deadline_ns;
	now_ns = clock_mono();
	left = deadline_ns > now_ns ? deadline_ns - now_ns : 1;
	when.it_value.tv_sec = (time_t)(left / 1000000000);
	when.it_value.tv_nsec = (long)(left % 1000000000);
	timerfd_settime(loop->timer, 0, &when, NULL);
}

/* Reads on for a moment: the next request is mostly near, and sleeping costs more than this. */
static bool spin(struct loop *loop)
{
	uint64_t until = clock_mono() + SPIN_NS;

	while (loop->spin && clock_mono() < until)
		if (request_read(loop))
			return true;
	return false;
}

/* When there is something to do though nobody asks. */
static uint64_t deadline(const struct daemon *daemon)
{
	const uint64_t orphans = orphans_deadline(daemon);
	uint64_t next = host_deadline(&daemon->host);

	if (daemon->supervisor_ns && daemon->supervisor_ns < next)
		next = daemon->supervisor_ns;
	next = next < orphans ? next : orphans;
	return next < daemon->doubt_ns ? next : daemon->doubt_ns;
}

/* SIGUSR1: another server is to go on from here. All that was read is dealt with, so nothing has to be done
 * but to be gone. */
static void signals_read(struct loop *loop)
{
	struct signalfd_siginfo info;

	while (read(loop->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1) {
			loop->daemon->carry.head->life = LIFE_LEAVING;
			_exit(EXIT_SUCCESS);
		}
		if (info.ssi_signo != SIGHUP)
			fuse_session_exit(loop->daemon->session);
	}
}

/* Sees to what is no request; sleeps until there is something to do, if there is not (timeout -1). Not in
 * epoll(7): its standing place in the queue of /dev/fuse costs every request more than a place taken while
 * asleep. */
static void loop_look(struct loop *loop, int timeout)
{
	struct pollfd fds[] = {{loop->session, POLLIN, 0}, {loop->timer, POLLIN, 0},
		{loop->signals, POLLIN, 0}, {processes_watched_fd(), POLLIN, 0},
		{loop->daemon->supervisor_fd, POLLIN, 0}};
	uint64_t before = clock_mono(), expirations;

	loop->looked_ns = before;
	timer_arm(loop, deadline(loop->daemon));
	if (poll(fds, 5, timeout) < 0)
		return;
	loop->spin = clock_mono() - before < SPIN_GAP_NS;
	if (fds[1].revents && read(loop->timer, &expirations, sizeof(expirations)) > 0)
		loop->due = true;
	if (fds[3].revents) {
		holds_unbind(loop->daemon);
		orphans_hurry(loop->daemon);
	}
	if (fds[2].revents)
		signals_read(loop);
	if (fds[4].revents)
		supervisor_lost(loop->daemon);
}

static void loop_turn(struct loop *loop)
{
	const struct now now = clock_now();

	host_clocks(&loop->daemon->host, &now);
	unsigned count = requests_handle(loop);

	if (loop->due || host_deadline(&loop->daemon->host) <= now.mono_ns) {
		loop->due = false;
		loop->armed_ns = NEVER;
		host_tick(&loop->daemon->host, &now);
		loop_settle(loop->daemon);
		loop->suspects = true;
	}
	if (loop->daemon->doubt_ns <= now.mono_ns)
		doubts_settle(loop->daemon);
	if (loop->daemon->supervisor_ns && loop->daemon->supervisor_ns <= now.mono_ns)
		supervisor_replace(loop->daemon);
	if (orphans_deadline(loop->daemon) <= now.mono_ns) {
		orphans_look(loop->daemon);
		loop_settle(loop->daemon);
	}
	if (loop->suspects) {
		loop->suspects = deadlocks_look(loop->daemon);
		loop_settle(loop->daemon);
	}
	if (count == 0 && !loop->suspects && !spin(loop) &&
		!fuse_session_exited(loop->daemon->session))
		loop_look(loop, -1);
	else if (loop->looked_ns + LOOK_NS <= now.mono_ns)
		loop_look(loop, 0);
}

/* Goes on answering for a moment after the log's last line, so that those who read it to its end can
 * see that it is the end. */
static void loop_linger(struct loop *loop)
{
	uint64_t until = clock_mono() + LINGER_NS;
	struct pollfd fd = {loop->session, POLLIN, 0};

	fuse_session_reset(loop->daemon->session); /* or nothing more is read */
	while (clock_mono() < until && poll(&fd, 1, (int)(LINGER_NS / 1000000)) > 0)
		if (requests_handle(loop) == 0)
			break;
}

/* Ends what is asked and told: nobody is granted anything from here on, but who had closed has released. */
static void loop_stop(struct loop *loop)
{
	struct event event = {.kind = EVENT_STOP};

	host_step(&loop->daemon->host, &event);
	fuse_session_reset(loop->daemon->session); /* or nothing more is read */
	requests_handle(loop);
	host_stop(&loop->daemon->host);
}

int loop_run(struct daemon *daemon, void (*ready)(void *), void *context)
{
	struct loop loop;

	if (!loop_init(&loop, daemon)) {
		int err = errno;

		loop_finish(&loop);
		return err;
	}
	while (!fuse_session_exited(daemon->session)) {
		loop_turn(&loop);
		if (ready && daemon->ready) {
			ready(context);
			ready = NULL;
		}
	}

	const bool readers = !list_empty(&daemon->reads);

	loop_stop(&loop);
	daemon->stopping = true;
	releases_reply(daemon);
	views_open(daemon);
	audit_wake(daemon);
	if (readers)
		loop_linger(&loop);
	loop_finish(&loop);
	return 0;
}
