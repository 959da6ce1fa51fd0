/* See escape.h. */
#include "mosaic/escape.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "say.h"

#define LOOK_MS 500
#define LOOKS 8 /* so many in a row with a signal pending: it hangs */

static pthread_t thread;
static int over = -1; /* an eventfd that ends the thread; -1: there is none */

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
	struct pollfd end = {.fd = over, .events = POLLIN};
	int looks = 0;

	while (poll(&end, 1, LOOK_MS) == 0) {
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
	int err;

	over = eventfd(0, EFD_CLOEXEC);
	if (over < 0)
		return errno;
	err = pthread_create(&thread, NULL, escape_run, NULL);
	if (err)
		close(over);
	over = err ? -1 : over;
	return err;
}

void escape_close(void)
{
	if (over < 0)
		return;
	eventfd_write(over, 1);
	pthread_join(thread, NULL);
	close(over);
	over = -1;
}
