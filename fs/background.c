/* See background.h. */
#include "background.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "message.h"

int background_begin(void)
{
	int ends[2], status;
	char word;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	pid_t child = fork();

	if (child < 0)
		return -1;
	if (child == 0) {
		close(ends[0]);
		return setsid() < 0 ? -1 : ends[1];
	}
	close(ends[1]);
	if (read(ends[0], &word, 1) == 1)
		_exit(EXIT_SUCCESS);
	if (waitpid(child, &status, 0) == child && WIFSIGNALED(status)) /* else it has said why */
		message(LOG_ERR, "it died as it began: %s", strsignal(WTERMSIG(status)));
	_exit(EXIT_FAILURE);
}

void background_leave(void)
{
	int null;

	message_to_syslog();
	if (chdir("/") != 0)
		message(LOG_WARNING, "cannot change to /: %s", strerror(errno));
	if ((null = open("/dev/null", O_RDWR)) < 0)
		return;
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	if (null > 2)
		close(null);
}

void background_done(int launcher)
{
	if (launcher < 0)
		return;
	background_leave();
	if (write(launcher, "+", 1) != 1)
		message(LOG_WARNING, "nobody waited for the mount");
	close(launcher);
}
