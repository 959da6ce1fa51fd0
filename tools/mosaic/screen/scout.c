/* See scout.h. */
#include "mosaic/screen/scout.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mosaic/link.h"
#include "mosaic/mosaic.h"
#include "mosaic/watch.h"

#define TICK_MS 50
#define PATIENCE 100 /* times 5 ms: a mount that hangs holds even the dead */

/* Tells what there is to be seen whenever it is something else, until nobody listens. */
static _Noreturn void scout_run(const struct mosaic *mosaic, int link)
{
	struct pollfd end = {link, POLLIN, 0};
	struct sight told = {0};
	struct watch watch;

	watch_open(&watch, mosaic);
	while (poll(&end, 1, TICK_MS) <= 0) {
		watch_pull(&watch);
		if (memcmp(&told, &watch.sight, sizeof(told)) != 0)
			link_send(link, &watch.sight, sizeof(watch.sight));
		memcpy(&told, &watch.sight, sizeof(told));
	}
	_exit(0);
}

void scout_start(struct scout *scout, const struct mosaic *mosaic, int other)
{
	pid_t renderer = getpid();
	sigset_t none;
	int ends[2];

	*scout = (struct scout){.link = -1};
	if (!mosaic_locked(mosaic) || link_open(ends) != 0)
		return;
	scout->pid = fork();
	if (scout->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != renderer) /* it died before the line above */
			_exit(1);
		prctl(PR_SET_NAME, "lokt-scout");
		close(other);
		close(ends[0]);
		signal(SIGTERM, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		scout_run(mosaic, ends[1]);
	}
	close(ends[1]);
	scout->link = ends[0];
	if (scout->pid < 0)
		scout->pid = 0;
}

void scout_stop(struct scout *scout)
{
	if (scout->link >= 0)
		close(scout->link);
	if (scout->pid == 0)
		return;
	kill(scout->pid, SIGKILL);
	for (int i = 0; i < PATIENCE && waitpid(scout->pid, NULL, WNOHANG) == 0; i++)
		usleep(5000);
}
