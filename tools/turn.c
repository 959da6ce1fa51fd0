/* See turn.h. */
#include "turn.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

#include "hold.h"
#include "refusal.h"
#include "spec.h"

#define PATIENCE_MS 700

static volatile sig_atomic_t curious;

static void on_alarm(int sig)
{
	(void)sig;
	curious = 1;
}

/* An alarm interrupts the wait, and the mount keeps the place of who comes back within a second. */
int turn_take(struct hold *hold, const struct mount *mount, const struct spec *spec)
{
	struct sigaction action = {.sa_handler = on_alarm}, before;
	struct itimerval soon = {.it_value = {0, PATIENCE_MS * 1000L}}, never = {{0}};
	char text[SPEC_ROOM];
	int err;

	spec_write(spec, text);
	if (!isatty(STDERR_FILENO))
		return hold_take(hold, mount, text, NULL);
	curious = 0;
	sigaction(SIGALRM, &action, &before);
	setitimer(ITIMER_REAL, &soon, NULL);
	err = hold_take(hold, mount, text, &curious);
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &before, NULL);
	if (err != EINTR)
		return err;
	waiting_say(mount, spec->names);
	return hold_take(hold, mount, text, NULL);
}
