/* See upgrade.h. */
#include "upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "recovery.h"
#include "spawn.h"

#define PATIENCE_MS 10000 /* for the log to be read */

/* Reads what the program says, to its end. False: it takes too long. */
static bool word_read(int fd, char word[CONTROL_WORD])
{
	const uint64_t until = clock_mono() + PATIENCE_MS * 1000000ULL;
	struct pollfd end = {fd, POLLIN, 0};
	size_t len = 0;
	ssize_t got = 1;

	while (got > 0 && clock_mono() < until)
		if (poll(&end, 1, 100) == 1) {
			char rest[256], *to = len < CONTROL_WORD - 1 ? word + len : rest;

			got = read(fd, to, to == rest ? sizeof(rest) : CONTROL_WORD - 1 - len);
			len += to != rest && got > 0 ? (size_t)got : 0;
		}
	word[len] = '\0';
	word[strcspn(word, "\n")] = '\0';
	return got <= 0;
}

/* Starts the program with its standard error in a pipe. */
static pid_t try_start(int program, const struct options *options, int *said)
{
	const struct kept none = {-1, -1, -1, -1};
	int ends[2], before = dup(2);
	pid_t pid;

	if (before < 0 || pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	dup2(ends[1], 2);
	pid = spawn(program, ROLE_TRY, options, &none);
	dup2(before, 2);
	close(before);
	close(ends[1]);
	*said = ends[0];
	return pid;
}

bool upgrade_try(int program, const struct options *options, char word[CONTROL_WORD])
{
	int said = -1, status = 0;
	pid_t pid = try_start(program, options, &said);

	if (pid < 0) {
		snprintf(word, CONTROL_WORD, "cannot start it: %s", strerror(errno));
		return false;
	}
	if (!word_read(said, word))
		kill(pid, SIGKILL);
	close(said);
	waitpid(pid, &status, 0);
	if (status == 0)
		return true;
	if (!*word)
		snprintf(word, CONTROL_WORD, "it cannot be tried out (%s)",
			WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "is it loktfs?");
	return false;
}

int upgrade_tried(const struct options *options)
{
	return recovery_try(options->state) ? EXIT_SUCCESS : EXIT_FAILURE;
}
