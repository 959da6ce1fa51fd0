/* See trial.h. */
#include "trial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "when.h"

#define END_NAPS 50 /* of 2 ms */

/* In the other process: acts, and writes the errno, and on a line of their own the bytes. */
static void act_out(char *(*act)(const void *data), const void *data, int fd)
{
	FILE *out = fdopen(fd, "w");
	char *text = act(data);
	int err = text ? 0 : errno;

	if (out) {
		fprintf(out, "%d\n%s", err, text ? text : "");
		fclose(out);
	}
	_exit(0);
}

/* Reads all that comes until the end or the time is over. NULL with errno set. */
static char *wait_for(int fd)
{
	int64_t until = when_ms() + TRIAL_MS;
	size_t len = 0, room = 65536;
	char *text = malloc(room);

	while (text) {
		struct pollfd end = {fd, POLLIN, 0};
		int64_t left = until - when_ms();
		ssize_t n;
		int ready = left > 0 ? poll(&end, 1, (int)left) : 0;

		if (ready < 0)
			continue;
		if (ready == 0) {
			errno = ETIMEDOUT;
			break;
		}
		n = read(fd, text + len, room - len - 1);
		if (n == 0) {
			text[len] = '\0';
			return text;
		}
		len += n > 0 ? (size_t)n : 0;
		if (room - len > 1)
			continue;

		char *more = realloc(text, room *= 2);

		if (!more)
			break;
		text = more;
	}
	free(text);
	return NULL;
}

/* Takes the errno off the front of what came. */
static char *result_take(char *text)
{
	char *rest = strchr(text, '\n');
	int err = rest ? atoi(text) : EIO;

	if (err == 0)
		return memmove(text, rest + 1, strlen(rest + 1) + 1);
	free(text);
	errno = err;
	return NULL;
}

void trial_end(pid_t pid)
{
	const struct timespec nap = {0, 2000000};

	kill(pid, SIGKILL);
	for (int i = 0; i < END_NAPS && waitpid(pid, NULL, WNOHANG) == 0; i++)
		nanosleep(&nap, NULL);
}

char *trial_run(char *(*act)(const void *data), const void *data)
{
	int ends[2], err;
	char *text;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	fflush(NULL);
	pid = fork();
	if (pid == 0)
		act_out(act, data, ends[1]);
	close(ends[1]);
	text = pid > 0 ? wait_for(ends[0]) : NULL;
	err = errno;
	close(ends[0]);
	if (pid > 0)
		trial_end(pid);
	errno = err;
	return text ? result_take(text) : NULL;
}
