/* See escape.h. */
#include "mosaic/escape.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "say.h"

#define LOOK_MS 500
#define LOOKS 8 /* so many in a row with a signal pending: it hangs */

static pthread_t thread;
static bool running;

static bool end_is_pending(void)
{
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t pending;

	sigpending(&pending);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (sigismember(&pending, ends[i]))
			return true;
	return false;
}

static void *escape_run(void *context)
{
	int looks = 0;

	for (;;) {
		usleep(LOOK_MS * 1000);
		looks = end_is_pending() ? looks + 1 : 0;
		if (looks < LOOKS)
			continue;
		say("the mount does not answer: ended at once");
		kill(getpid(), SIGKILL);
	}
	return context;
}

int escape_open(void)
{
	int err = pthread_create(&thread, NULL, escape_run, NULL);

	running = err == 0;
	return err;
}

void escape_close(void)
{
	if (!running)
		return;
	running = false;
	pthread_cancel(thread);
	pthread_join(thread, NULL);
}
