/* See feed.h. */
#include "top/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "mount.h"
#include "top/source.h"
#include "trial.h"

/* Two pipes: the ends that are ours are non-blocking, and so is that of the process for reading. */
static int pipes_open(int news[2], int asks[2])
{
	if (pipe2(news, O_CLOEXEC) < 0)
		return -1;
	if (pipe2(asks, O_CLOEXEC | O_NONBLOCK) == 0)
		return fcntl(news[0], F_SETFL, O_NONBLOCK);
	close(news[0]);
	close(news[1]);
	return -1;
}

int feed_open(struct feed *feed, const struct mount *mount)
{
	pid_t parent = getpid();
	int news[2], asks[2];

	*feed = (struct feed){.news = -1, .asks = -1};
	if (pipes_open(news, asks) < 0)
		return -1;
	feed->pid = fork();
	if (feed->pid == 0) {
		close(news[0]);
		close(asks[1]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == parent)
			source_run(mount, news[1], asks[0]);
		_exit(0);
	}
	close(news[1]);
	close(asks[0]);
	feed->news = news[0];
	feed->asks = asks[1];
	lines_init(&feed->lines, feed->news);
	if (feed->pid > 0)
		return 0;
	feed_close(feed);
	return -1;
}

void feed_close(struct feed *feed)
{
	if (feed->pid > 0)
		trial_end(feed->pid);
	if (feed->news >= 0)
		close(feed->news);
	if (feed->asks >= 0)
		close(feed->asks);
	lines_finish(&feed->lines);
	*feed = (struct feed){.news = -1, .asks = -1};
}

int feed_next(struct feed *feed, char **text)
{
	size_t len;

	return lines_next(&feed->lines, text, &len) > 0 ? *(*text)++ : 0;
}

/* Sends one line. What cannot be sent is lost: the process is gone, or hangs with a full queue. */
static void feed_ask(struct feed *feed, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void feed_ask(struct feed *feed, const char *format, ...)
{
	char line[SOURCE_LINE];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (len > 0 && len < (int)sizeof(line) && write(feed->asks, line, (size_t)len) < 0)
		return;
}

void feed_ready(struct feed *feed)
{
	feed_ask(feed, "ready\n");
}

void feed_pause(struct feed *feed, bool paused)
{
	feed_ask(feed, paused ? "pause\n" : "resume\n");
}

void feed_break(struct feed *feed, const char *name, int64_t token)
{
	feed_ask(feed, "break %" PRId64 " %s\n", token, name);
}

void feed_freeze(struct feed *feed, const char *name, int64_t ttl_ms)
{
	feed_ask(feed, "freeze %" PRId64 " %s\n", ttl_ms, name);
}

void feed_unfreeze(struct feed *feed, const char *name)
{
	feed_ask(feed, "unfreeze 0 %s\n", name);
}
