/* See upgrade.h. */
#include "upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "carry.h"
#include "clock.h"
#include "control.h"
#include "file.h"
#include "message.h"
#include "recovery.h"
#include "spawn.h"

#define TRY_S 10   /* for the log to be read … */
#define SERVE_S 15 /* … and for a server to serve */

static uint64_t in_seconds(unsigned seconds)
{
	return clock_mono() + seconds * 1000000000ULL;
}

void upgrade_init(struct upgrade *upgrade, int carry)
{
	*upgrade = (struct upgrade){-1, -1, -1, -1, -1, -1, 0, 0, false, carry};
}

void upgrade_listen(struct upgrade *upgrade, const struct options *options, const char *mount)
{
	if (upgrade->listener >= 0 && control_is_there(upgrade->listener))
		return;
	file_close(&upgrade->listener);
	upgrade->listener = control_listen(options, mount);
	if (upgrade->listener < 0 && !upgrade->deaf)
		message(LOG_WARNING, "%s cannot be upgraded in place: %s", options->mountpoint,
			strerror(errno));
	upgrade->deaf = upgrade->listener < 0;
}

/* Starts the program, which is to say whether it could go on from the log. False, with errno set: it cannot be. */
static bool trial_start(struct upgrade *upgrade, const struct options *options)
{
	const struct kept kept = {-1, upgrade->carry, -1, -1};
	int ends[2], before = dup(2);

	if (before < 0 || pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		file_close(&before);
		return false;
	}
	dup2(ends[1], 2); /* what there is no room for is lost: nobody reads it yet */
	upgrade->pid = spawn(upgrade->program, ROLE_TRY, options, &kept);
	dup2(before, 2);
	close(before);
	close(ends[1]);
	upgrade->said = ends[0];
	upgrade->trial = upgrade->pid > 0 ? process_fd(upgrade->pid) : -1;
	upgrade->until_ns = in_seconds(TRY_S);
	return upgrade->trial >= 0;
}

/* Ends the trial; how it ended, as waitpid(2) says it. */
static int trial_end(struct upgrade *upgrade)
{
	int status = -1;

	if (upgrade->pid > 0) {
		kill(upgrade->pid, SIGKILL); /* over or not, it is ours until it is waited for */
		waitpid(upgrade->pid, &status, 0);
	}
	upgrade->pid = 0;
	file_close(&upgrade->trial);
	return status;
}

/* Whether it could; one that has not said so yet is late. Why not goes to `word`. */
static bool trial_judge(struct upgrade *upgrade, char word[CONTROL_WORD])
{
	const bool late = !process_has_ended(upgrade->trial);
	const int status = trial_end(upgrade);
	ssize_t len = read(upgrade->said, word, CONTROL_WORD - 1);

	word[len > 0 ? len : 0] = '\0';
	word[strcspn(word, "\n")] = '\0';
	if (status == 0)
		return true;
	if (late)
		snprintf(word, CONTROL_WORD, "it has not read the log within %d s", TRY_S);
	else if (!*word)
		snprintf(word, CONTROL_WORD, "it cannot be tried out (%s)",
			WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "is it loktfs?");
	return false;
}

/* Somebody calls. Who called before and has said nothing yet makes room: he may call again. */
static void call_take(struct upgrade *upgrade)
{
	const int caller = control_accept(upgrade->listener);

	if (caller < 0)
		return;
	file_close(&upgrade->caller);
	upgrade->caller = caller;
}

/* Who called has said what he wants. */
static void call_hear(struct upgrade *upgrade, const struct options *options)
{
	const int client = upgrade->caller, program = control_hear(client);

	upgrade->caller = -1;
	if (program < 0) {
		close(client);
	} else if (upgrade->client >= 0) {
		close(program);
		control_answer(client, "another upgrade is on its way");
	} else {
		upgrade->client = client;
		upgrade->program = program;
		if (!trial_start(upgrade, options))
			upgrade_end(upgrade, strerror(errno));
	}
}

void upgrade_poll(const struct upgrade *upgrade, struct pollfd fds[UPGRADE_FDS])
{
	fds[0] = (struct pollfd){upgrade->trial, POLLIN, 0};
	fds[1] = (struct pollfd){upgrade->caller, POLLIN, 0};
	fds[2] = (struct pollfd){upgrade->listener, POLLIN, 0};
}

int upgrade_patience(const struct upgrade *upgrade)
{
	const uint64_t now_ns = clock_mono();

	if (upgrade->client < 0)
		return -1;
	return upgrade->until_ns > now_ns ? (int)((upgrade->until_ns - now_ns) / 1000000) + 1 : 0;
}

enum upgrade_news upgrade_handle(struct upgrade *upgrade, const struct pollfd fds[UPGRADE_FDS],
	const struct options *options)
{
	const bool late = upgrade_patience(upgrade) == 0;
	enum upgrade_news news = UPGRADE_NO_NEWS;
	char word[CONTROL_WORD];

	if (late && upgrade_is_placed(upgrade)) {
		upgrade->until_ns = in_seconds(SERVE_S);
		news = UPGRADE_LATE;
	} else if (late || fds[0].revents) {
		if (trial_judge(upgrade, word))
			news = UPGRADE_FITS;
		else
			upgrade_end(upgrade, word);
	}
	if (fds[1].revents)
		call_hear(upgrade, options);
	if (fds[2].revents)
		call_take(upgrade);
	return news;
}

int upgrade_swap(struct upgrade *upgrade, int program)
{
	const int other = upgrade->program;

	upgrade->program = program;
	upgrade->until_ns = in_seconds(SERVE_S);
	return other;
}

bool upgrade_is_placed(const struct upgrade *upgrade)
{
	return upgrade->client >= 0 && upgrade->trial < 0;
}

void upgrade_end(struct upgrade *upgrade, const char *refusal)
{
	trial_end(upgrade);
	file_close(&upgrade->said);
	file_close(&upgrade->program);
	control_answer(upgrade->client, refusal);
	upgrade->client = -1;
}

int upgrade_tried(const struct options *options, int carry)
{
	if (!carry_fits(carry)) {
		message(LOG_ERR,
			"what the server has in memory is of another version: it takes a restart");
		return EXIT_FAILURE;
	}
	return recovery_try(options->state) ? EXIT_SUCCESS : EXIT_FAILURE;
}
