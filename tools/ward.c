/* See ward.h. */
#include "ward.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "history.h"
#include "json.h"
#include "mount.h"
#include "say.h"
#include "user.h"
#include "when.h"

/* What guard itself hears of and acts on; the command gets them as it would without guard. */
static const int heard[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH, SIGTSTP,
	SIGTTIN, SIGTTOU, SIGCONT};

#define HEARD (sizeof(heard) / sizeof(heard[0]))

/* Hears of the signals, and renews by the clock. Returns 0 or an errno. */
static int ward_listen(struct ward *ward, const sigset_t *set)
{
	int64_t third = ward->hold.ttl_ms / 3 > 0 ? ward->hold.ttl_ms / 3 : 1;
	struct itimerspec often = {.it_interval = {third / 1000, third % 1000 * 1000000}};

	often.it_value = often.it_interval;
	ward->signals = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	ward->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (ward->signals < 0 || ward->timer < 0 ||
		(ward->hold.ttl_ms && timerfd_settime(ward->timer, 0, &often, NULL) < 0))
		return errno;
	return 0;
}

/* Starts the command with the signals it was given; guard's own are heard from here on. */
static int ward_start(struct ward *ward, char **argv)
{
	struct sigaction chld, normal = {.sa_handler = SIG_DFL};
	sigset_t set, mask;
	int err;

	sigemptyset(&set);
	for (size_t i = 0; i < HEARD; i++)
		sigaddset(&set, heard[i]);
	sigprocmask(SIG_BLOCK, &set, &mask);
	sigaction(SIGCHLD, &normal, &chld); /* ignored, it would take the exit code with it */
	err = ward_listen(ward, &set);
	if (err == 0)
		err = child_start(&ward->child, argv, ward->hold.fd, &mask, &chld);
	if (err)
		say("%s: %s", argv[0], strerror(err));
	return err;
}

/* How the hold was lost, from the log; it is known at once, since what is done is logged first. */
static void loss_spell(const struct ward *ward, char *out, size_t room)
{
	int64_t token = (int64_t)ward->hold.token;
	cJSON *broken = history_last(ward->mount, "force-break", NULL, "token", token);
	cJSON *stale =
		broken ? NULL : history_last(ward->mount, "stale-break", NULL, "token", token);
	char ttl[WHEN_TEXT], user[USER_TEXT];

	when_spell(ttl, ward->hold.ttl_ms);
	user_spell(user, json_int(broken, "by_uid", -1));
	if (broken)
		snprintf(out, room, "broken by %s (pid %" PRId64 ")", user,
			json_int(broken, "by_pid", 0));
	else if (stale)
		snprintf(out, room, "not renewed within %s", ttl);
	else
		snprintf(out, room, "it ran out, or somebody broke it");
	cJSON_Delete(broken);
	cJSON_Delete(stale);
}

static void ward_lost(struct ward *ward)
{
	static const char *const what[] = {"its command was killed", "its command was told to end",
		"its command goes on without it"};
	char how[128];

	ward->lost = true;
	if (ward->on_lost == LOST_KILL)
		child_kill_all(&ward->child);
	if (ward->on_lost == LOST_TERM) {
		child_signal_all(&ward->child, SIGTERM);
		child_signal_all(&ward->child, SIGCONT);
	}
	loss_spell(ward, how, sizeof(how));
	say("%s: the hold is lost (%s); %s", ward->names, how, what[ward->on_lost]);
}

/* Acts on what hold_confirm() or hold_look() said. An error that does not say whether the hold is
 * lost becomes a loss when the TTL has passed since it last was ours for sure. */
static void ward_judge(struct ward *ward, int err)
{
	int64_t ttl = ward->hold.ttl_ms;

	if (ward->lost)
		return;
	if (err == ESTALE || (err && ttl && when_ms() - ward->hold.since_ms >= ttl)) {
		ward_lost(ward);
	} else if (err && !ward->warned) {
		ward->warned = true;
		say("%s: the mount does not answer for the hold: %s", ward->names, strerror(err));
	}
}

/* Stops the command and then guard itself; once continued, the command goes on if the hold did. */
static void ward_stop(struct ward *ward, int sig)
{
	sigset_t set;

	child_stop(&ward->child);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL); /* stops here */
	sigprocmask(SIG_BLOCK, &set, NULL);
	ward_judge(ward, hold_confirm(&ward->hold));
	if (!ward->lost || ward->on_lost != LOST_KILL)
		child_signal_all(&ward->child, SIGCONT);
}

/* A signal of the terminal's has reached the command too, if it is still in our process group. */
static bool signal_shared(const struct ward *ward, const struct signalfd_siginfo *info)
{
	return info->ssi_code == SI_KERNEL && getpgid(ward->child.pid) == getpgrp();
}

static void ward_signals(struct ward *ward)
{
	struct signalfd_siginfo info;

	while (read(ward->signals, &info, sizeof(info)) == sizeof(info)) {
		int sig = (int)info.ssi_signo;

		if (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU)
			ward_stop(ward, sig);
		else if (sig == SIGCONT)
			child_signal_all(&ward->child, SIGCONT);
		else if (!signal_shared(ward, &info))
			child_signal(&ward->child, sig);
	}
}

/* Watches all four. Not by poll(2), which asks the daemon at every turn, and hangs when that does. */
static int ward_watch(const struct ward *ward)
{
	const int fds[] = {ward->child.pidfd, ward->signals, ward->timer};
	struct epoll_event event = {.events = EPOLLET, .data.fd = ward->hold.fd};
	int epoll = epoll_create1(EPOLL_CLOEXEC);

	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, ward->hold.fd, &event) < 0)
		return -1;
	for (int i = 0; i < 3; i++) {
		event = (struct epoll_event){.events = EPOLLIN, .data.fd = fds[i]};
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event) < 0)
			return -1;
	}
	return epoll;
}

/* Acts on the descriptor that has something. The hold's own reports EPOLLERR when it is lost. */
static void ward_act(struct ward *ward, int fd)
{
	uint64_t ticks;

	if (fd == ward->signals)
		ward_signals(ward);
	else if (fd == ward->hold.fd)
		ward_judge(ward, hold_look(&ward->hold));
	else if (read(ward->timer, &ticks, sizeof(ticks)) > 0 && !ward->lost)
		ward_judge(ward, hold_renew(&ward->hold));
}

/* Until the command ends. */
static int ward_loop(struct ward *ward)
{
	int epoll = ward_watch(ward);
	struct epoll_event event;

	for (;;) {
		int count = epoll < 0 ? -1 : epoll_wait(epoll, &event, 1, -1);

		if (count > 0 && event.data.fd == ward->child.pidfd)
			return child_finish(&ward->child);
		if (count > 0) {
			ward_act(ward, event.data.fd);
		} else if (count < 0 && errno != EINTR) {
			say("epoll: %s", strerror(errno));
			child_kill_all(&ward->child);
			return child_finish(&ward->child);
		}
	}
}

int ward_run(struct ward *ward, char **argv)
{
	return ward_start(ward, argv) == 0 ? ward_loop(ward) : CODE_ERROR;
}
