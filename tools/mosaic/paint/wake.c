/* See wake.h. */
#include "mosaic/paint/wake.h"

#include <stddef.h>
#include <sys/time.h>
#include <time.h>

#define INSIST_MS 20

static volatile sig_atomic_t stopping, rung;

static void bell_set(int64_t ms)
{
	struct timeval often = {ms / 1000, ms % 1000 * 1000};
	struct itimerval timer = {often, often};

	setitimer(ITIMER_REAL, &timer, NULL);
}

static void on_stop(int sig)
{
	(void)sig;
	stopping = rung = 1;
	bell_set(INSIST_MS);
}

static void on_bell(int sig)
{
	(void)sig;
	rung = 1;
}

/* Without SA_RESTART: they end a wait. A Ctrl-C is the coordinator's to act on. */
void wake_init(void)
{
	struct sigaction stop = {.sa_handler = on_stop}, bell = {.sa_handler = on_bell},
			 ignore = {.sa_handler = SIG_IGN};

	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGALRM, &bell, NULL);
	sigaction(SIGINT, &ignore, NULL);
	sigaction(SIGQUIT, &ignore, NULL);
}

bool wake_stopping(void)
{
	return stopping;
}

/* A SIGTERM that comes in between loses its bell here; but then nobody begins another wait. */
void wake_bell(int64_t ms)
{
	if (!stopping)
		bell_set(ms);
}

const volatile sig_atomic_t *wake_listen(void)
{
	rung = 0;
	if (stopping)
		rung = 1;
	return &rung;
}

void wake_sleep(int64_t us)
{
	struct timespec time = {us / 1000000, us % 1000000 * 1000};

	if (us > 0 && !stopping)
		nanosleep(&time, NULL);
}
