/* lokt guard: runs a command while holding a lock. */
#include "commands.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "args.h"
#include "child.h"
#include "hold.h"
#include "mount.h"
#include "name.h"
#include "refusal.h"
#include "say.h"
#include "when.h"

enum on_lost { LOST_KILL, LOST_TERM, LOST_WARN };

struct guard {
	struct mount mount;
	const char *name;
	char **command;
	int64_t ttl_ms, timeout_ms; /* WHEN_UNSET, WHEN_NONE or milliseconds */
	bool wait, try, shared;
	uint64_t slots; /* 0: not said */
	enum on_lost on_lost;
	struct hold hold;
	struct child child;
	int signals, timer;
	bool warned, lost; /* said that the mount fails us; the hold is gone */
};

/* What guard itself hears of and acts on; the command gets them as it would without guard. */
static const int heard[] = {
	SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};

#define HEARD (sizeof(heard) / sizeof(heard[0]))

static int on_lost_parse(const struct args *args, const char *text, enum on_lost *on_lost)
{
	static const char *const names[] = {"kill", "term", "warn"};

	for (unsigned i = 0; i < 3; i++) {
		if (strcmp(text, names[i]) == 0) {
			*on_lost = (enum on_lost)i;
			return CODE_OK;
		}
	}
	return args_refuse(args, "--on-lost is kill, term or warn, not '%s'", text);
}

/* What the flags and operands must be to one another. */
static int guard_check(struct guard *guard, const struct args *args)
{
	if (args->noperands != 1)
		return args_refuse(args, "it takes one NAME, then -- and a command");
	if (!args->rest || !args->rest[0])
		return args_refuse(args, "which command? Put it behind --");
	if (guard->try && (guard->wait || guard->timeout_ms != WHEN_UNSET))
		return args_refuse(args, "--try does not wait: not with --wait or --timeout");
	if (guard->shared && guard->slots)
		return args_refuse(args, "--shared and --slots exclude each other");
	guard->name = args->operands[0];
	guard->command = args->rest;
	return name_check_group(guard->name) ? CODE_OK : CODE_USAGE;
}

static bool guard_parse(struct guard *guard, int argc, char **argv, int *code)
{
	const char *mount = NULL, *on_lost = "kill";
	const struct flag flags[] = {
		{"ttl", FLAG_LIMIT, &guard->ttl_ms, "DUR",
			"hold for DUR, renewed at a third of it; none: until the end", 1},
		{"timeout", FLAG_LIMIT, &guard->timeout_ms, "DUR", "give up waiting after DUR"},
		{"wait", FLAG_ON, &guard->wait, NULL, "wait for the lock (it does anyway)"},
		{"try", FLAG_ON, &guard->try, NULL, "do not wait: exit 2 if it is held"},
		{"shared", FLAG_ON, &guard->shared, NULL, "share it with others that say so"},
		{"slots", FLAG_NUMBER, &guard->slots, "N", "be one of up to N holders", 1, 1000000},
		{"on-lost", FLAG_TEXT, &on_lost, "WHAT",
			"when the hold is lost: kill the command (default), term or warn"},
		FLAG_MOUNT(&mount),
	};
	struct args args = {
		.command = "guard",
		.synopsis = "NAME [--ttl DUR] [--timeout DUR | --try] [flags] -- COMMAND [ARG…]",
		.about = "Takes the lock NAME (waiting for it), runs COMMAND, gives the lock\n"
			 "back, and exits as COMMAND did: its code, or 128+n if signal n\n"
			 "ended it; 2 if it did not get the lock. COMMAND inherits the\n"
			 "lock's descriptor (LOKT_FD says which, LOKT_TOKEN has the fencing\n"
			 "token), so the lock stays while a process of it still runs.\n",
		.flags = flags,
		.nflags = sizeof(flags) / sizeof(flags[0]),
		.takes_command = true,
	};

	if (!args_parse(&args, argc, argv, code))
		return false;
	*code = on_lost_parse(&args, on_lost, &guard->on_lost);
	if (*code == CODE_OK)
		*code = guard_check(guard, &args);
	if (*code == CODE_OK && mount_find(&guard->mount, mount) < 0)
		*code = CODE_ERROR;
	return *code == CODE_OK;
}

/* Appends an option to a spec: '@' before the first, ',' before the others. */
static void spec_add(char spec[PATH_MAX], const char *option, int64_t value)
{
	size_t len = strlen(spec);
	char number[32] = "";

	if (value == WHEN_NONE)
		snprintf(number, sizeof(number), "none");
	else if (strcmp(option, "slots=") == 0)
		snprintf(number, sizeof(number), "%" PRId64, value);
	else if (value >= 0)
		snprintf(number, sizeof(number), "%" PRId64 "ms", value);
	snprintf(spec + len, PATH_MAX - len, "%c%s%s", strchr(spec, '@') ? ',' : '@', option,
		number);
}

static int guard_take(struct guard *guard)
{
	char spec[PATH_MAX], token[32];
	int64_t start = when_ms();
	int err;

	snprintf(spec, sizeof(spec), "%s", guard->name);
	if (guard->ttl_ms != WHEN_UNSET)
		spec_add(spec, "ttl=", guard->ttl_ms);
	if (guard->timeout_ms != WHEN_UNSET)
		spec_add(spec, "timeout=", guard->timeout_ms);
	if (guard->try)
		spec_add(spec, "try", -1);
	if (guard->shared)
		spec_add(spec, "shared", -1);
	if (guard->slots)
		spec_add(spec, "slots=", (int64_t)guard->slots);
	err = hold_take(&guard->hold, &guard->mount, spec, NULL);
	if (err)
		return refusal_say(&guard->mount, guard->name, err, when_ms() - start);
	snprintf(token, sizeof(token), "%" PRIu64, guard->hold.token);
	return setenv("LOKT_TOKEN", token, 1) < 0 ? CODE_ERROR : CODE_OK;
}

/* Starts the command with the signals it was given, and listens for guard's own from here on. */
static int guard_start(struct guard *guard)
{
	struct sigaction chld, normal = {.sa_handler = SIG_DFL};
	int64_t third = guard->hold.ttl_ms / 3 > 0 ? guard->hold.ttl_ms / 3 : 1;
	struct itimerspec often = {.it_interval = {third / 1000, third % 1000 * 1000000}};
	sigset_t set, mask;
	int err;

	sigemptyset(&set);
	for (size_t i = 0; i < HEARD; i++)
		sigaddset(&set, heard[i]);
	sigprocmask(SIG_BLOCK, &set, &mask);
	sigaction(SIGCHLD, &normal, &chld); /* ignored, it would take the exit code with it */
	guard->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	guard->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	often.it_value = often.it_interval;
	if (guard->signals < 0 || guard->timer < 0 ||
		(guard->hold.ttl_ms && timerfd_settime(guard->timer, 0, &often, NULL) < 0)) {
		say("%s", strerror(errno));
		return CODE_ERROR;
	}
	err = child_start(&guard->child, guard->command, guard->hold.fd, &mask, &chld);
	if (err)
		say("%s: %s", guard->command[0], strerror(err));
	return err ? CODE_ERROR : CODE_OK;
}

static void guard_lost(struct guard *guard)
{
	static const char *const what[] = {
		"killing its command", "ending its command", "its command goes on without it"};

	guard->lost = true;
	say("%s: the hold is lost (it ran out, or somebody broke it); %s", guard->name,
		what[guard->on_lost]);
	if (guard->on_lost == LOST_KILL)
		child_signal_all(&guard->child, SIGKILL);
	if (guard->on_lost == LOST_TERM) {
		child_signal_all(&guard->child, SIGTERM);
		child_signal_all(&guard->child, SIGCONT);
	}
}

/* Acts on what hold_confirm() or hold_look() said. An error that does not say whether the hold is
 * lost becomes a loss when the TTL has passed since it last was ours for sure. */
static void guard_judge(struct guard *guard, int err)
{
	int64_t ttl = guard->hold.ttl_ms;

	if (guard->lost)
		return;
	if (err == ESTALE || (err && ttl && when_ms() - guard->hold.since_ms >= ttl)) {
		guard_lost(guard);
	} else if (err && !guard->warned) {
		guard->warned = true;
		say("%s: the mount does not answer for the hold: %s", guard->name, strerror(err));
	}
}

/* Stops the command and then guard itself; once continued, the command goes on if the hold did. */
static void guard_stop(struct guard *guard, int sig)
{
	sigset_t set;

	child_stop(&guard->child);
	sigemptyset(&set);
	sigaddset(&set, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &set, NULL); /* stops here */
	sigprocmask(SIG_BLOCK, &set, NULL);
	guard_judge(guard, hold_confirm(&guard->hold));
	if (!guard->lost || guard->on_lost != LOST_KILL)
		child_signal_all(&guard->child, SIGCONT);
}

/* A signal of the terminal's has reached the command too, if it is still in our process group. */
static bool signal_shared(const struct guard *guard, const struct signalfd_siginfo *info)
{
	return info->ssi_code == SI_KERNEL && getpgid(guard->child.pid) == getpgrp();
}

static void guard_signals(struct guard *guard)
{
	struct signalfd_siginfo info;

	while (read(guard->signals, &info, sizeof(info)) == sizeof(info)) {
		int sig = (int)info.ssi_signo;

		if (sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU)
			guard_stop(guard, sig);
		else if (sig == SIGCONT)
			child_signal_all(&guard->child, SIGCONT);
		else if (!signal_shared(guard, &info))
			child_signal(&guard->child, sig);
	}
}

/* Until the command ends. The hold's own descriptor reports POLLERR and POLLHUP when it is lost. */
static int guard_loop(struct guard *guard)
{
	struct pollfd fds[] = {{guard->child.pidfd, POLLIN, 0}, {guard->signals, POLLIN, 0},
		{guard->timer, POLLIN, 0}, {guard->hold.fd, 0, 0}};
	uint64_t ticks;

	for (;;) {
		if (poll(fds, 4, -1) < 0 && errno != EINTR) {
			say("poll: %s", strerror(errno));
			child_signal_all(&guard->child, SIGKILL);
			return child_finish(&guard->child);
		}
		if (fds[0].revents)
			return child_finish(&guard->child);
		if (fds[1].revents)
			guard_signals(guard);
		if (fds[2].revents && read(guard->timer, &ticks, sizeof(ticks)) > 0 && !guard->lost)
			guard_judge(guard, hold_renew(&guard->hold));
		if (fds[3].revents) {
			guard_judge(guard, hold_look(&guard->hold));
			fds[3].fd = -1; /* it would go on reporting */
		}
	}
}

int guard_main(int argc, char **argv)
{
	struct guard guard = {.ttl_ms = WHEN_UNSET, .timeout_ms = WHEN_UNSET, .hold = {.fd = -1}};
	int code;

	if (!guard_parse(&guard, argc, argv, &code))
		return code;
	code = guard_take(&guard);
	if (code == CODE_OK)
		code = guard_start(&guard);
	if (code == CODE_OK)
		code = guard_loop(&guard);
	hold_drop(&guard.hold);
	mount_settle(&guard.mount); /* a release, and not the death of a holder */
	return code;
}
