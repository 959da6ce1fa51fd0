/* lokt top: who holds, who waits and what happens, while it happens. */
#include "commands.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <ncurses.h>

#include "args.h"
#include "mount.h"
#include "json.h"
#include "refusal.h"
#include "say.h"
#include "top/screen.h"
#include "top/top.h"
#include "when.h"

#define TICK_MS 1000 /* how often the screen is drawn when nothing happens */

static volatile sig_atomic_t stopped; /* the signal that ends us */

static void stop(int signal)
{
	stopped = signal;
}

/* Signals come only while we wait: `waiting` is the mask for that. */
static void signals_take(sigset_t *waiting)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGWINCH);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++) {
		sigaction(ending[i], &(struct sigaction){.sa_handler = stop}, NULL);
		sigaddset(&held, ending[i]);
	}
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &held, waiting);
}

/* Whether the terminal is gone, though it says that there is something to read. */
static bool keys_ended(void)
{
	int waiting = 0;

	return ioctl(STDIN_FILENO, FIONREAD, &waiting) < 0 || waiting == 0;
}

/* Takes what was typed; what comes from no terminal was not meant for us. */
static void keys_read(struct top *top)
{
	for (int key; (key = getch()) != ERR && !top->done;)
		if (key != KEY_RESIZE && isatty(STDIN_FILENO))
			key_press(top, key);
}

/* Takes what the feed has. 0, or the errno of its end. */
static int news_read(struct top *top)
{
	int kind, err = 0;
	char *text;

	while (err == 0 && (kind = feed_next(&top->feed, &text)) > 0)
		err = top_news(top, (enum news)kind, text);
	return err;
}

/* Shows it until a key, a signal or the end of the mount. 0, or an errno. */
static int top_run(struct top *top, const sigset_t *waiting)
{
	const struct timespec tick = {TICK_MS / 1000, 0};
	int err = 0;

	while (!top->done && !stopped && err == 0) {
		struct pollfd ends[2] = {{top->feed.news, POLLIN, 0},
			{isatty(STDIN_FILENO) ? STDIN_FILENO : -1, POLLIN, 0}};

		screen_draw(top);
		if (ppoll(ends, 2, &tick, waiting) < 0 && errno != EINTR)
			return errno;
		if ((ends[1].revents & (POLLHUP | POLLERR)) ||
			((ends[1].revents & POLLIN) && keys_ended()))
			stopped = SIGHUP;
		keys_read(top);
		if (ends[0].revents) {
			bool ended = !(ends[0].revents & POLLIN);

			err = news_read(top);
			if (err == 0 && ended)
				err = ENOTCONN;
		}
	}
	return err;
}

/* The live view. An exit code; or -1: there is no terminal for it. */
static int top_live(const struct mount *mount)
{
	static struct top top;
	sigset_t waiting;
	int err;

	top = (struct top){.rate = -1, .writable = -1, .heard_ms = when_ms()};
	signals_take(&waiting);
	if (feed_open(&top.feed, mount) < 0) {
		say("cannot begin: %s", strerror(errno));
		return CODE_ERROR;
	}
	if (!screen_start()) {
		feed_close(&top.feed);
		sigprocmask(SIG_SETMASK, &waiting, NULL);
		return -1;
	}
	err = top_run(&top, &waiting);
	screen_stop();
	feed_close(&top.feed);
	rows_finish(&top.rows);
	if (stopped) { /* ended by it, and seen to be */
		signal(stopped, SIG_DFL);
		raise(stopped);
	}
	sigprocmask(SIG_SETMASK, &waiting, NULL);
	return err ? refusal_say(mount, DEED_READ, "top", err, 0) : CODE_OK;
}

static int json_print(const struct mount *mount)
{
	char path[PATH_MAX];
	int err = mount_status_path(mount, NULL, path);

	if (err == 0)
		err = json_copy(path);
	return err ? refusal_say(mount, DEED_READ, "status", err, 0) : CODE_OK;
}

int top_main(int argc, char **argv)
{
	const char *where = NULL;
	bool json = false;
	const struct flag flags[] = {
		{"json", FLAG_ON, &json, NULL, "print status.json, and no more"},
		FLAG_MOUNT(&where),
	};
	struct args args = {"top", "[--json]",
		"Shows who holds, who waits, what is frozen and what happens, while it happens;\n"
		"? tells the keys. Without a terminal it prints the table once.\n",
		flags, 2};
	struct mount mount;
	int code;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	if (args.noperands > 0)
		return args_refuse(&args, "there is nothing to do with '%s'", args.operands[0]);
	if (mount_find(&mount, where) < 0)
		return CODE_ERROR;
	if (json)
		return json_print(&mount);
	setlocale(LC_CTYPE, "");
	code = isatty(STDOUT_FILENO) ? top_live(&mount) : -1;
	return code >= 0 ? code : snapshot_print(&mount);
}
