/* See run.h. */
#include "mosaic/run.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "freeze.h"
#include "mosaic/board.h"
#include "mosaic/crew.h"
#include "mosaic/mosaic.h"
#include "mosaic/screen.h"
#include "mosaic/stats.h"
#include "mosaic/verify.h"
#include "mosaic/view.h"
#include "mosaic/watch.h"
#include "say.h"
#include "when.h"

#define PLAIN_TICK_MS 100  /* without a terminal: how often to look */
#define PLAIN_LINE_MS 1000 /* and how often to print */
#define FREEZE_MS 10000

struct run {
	const struct mosaic *mosaic;
	struct crew crew;
	struct board board;
	struct stats stats;
	struct watch watch;
	struct view view;
	int signals, timer;
	bool terminal;
	int64_t start_ms, printed_ms;
	int stopped; /* 0, or the exit code of a run that was stopped */
};

/* Blocks the signals that the loop reads, before there are workers, so that none comes too soon. */
static int signals_open(bool terminal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGCHLD);
	if (terminal)
		sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGCHLD, SIG_DFL); /* ignored, there would be nothing to wait for */
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int timer_open(int64_t ms)
{
	struct itimerspec often = {.it_interval = {ms / 1000, ms % 1000 * 1000000}};
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	often.it_value = often.it_interval;
	if (fd >= 0)
		timerfd_settime(fd, 0, &often, NULL);
	return fd;
}

/* Starts the workers and everything that looks at them. Returns false having said why not. */
static bool run_open(struct run *run)
{
	const struct mosaic *mosaic = run->mosaic;
	int err;

	run->signals = signals_open(run->terminal);
	err = crew_start(&run->crew, mosaic);
	if (err) {
		say("only %zu of %" PRIu64 " workers could be started: %s", run->crew.size,
			mosaic->workers, strerror(err));
		return false;
	}
	run->timer = timer_open(run->terminal ? 1000 / (int64_t)mosaic->fps : PLAIN_TICK_MS);
	err = board_open(&run->board, mosaic);
	if (err || stats_open(&run->stats, mosaic->dir) < 0 || run->signals < 0 || run->timer < 0) {
		say("%s", strerror(err ? err : errno));
		return false;
	}
	watch_open(&run->watch, mosaic);
	if (run->terminal)
		screen_open();
	return true;
}

static void run_close(struct run *run)
{
	screen_close();
	crew_finish(&run->crew);
	watch_close(&run->watch);
	stats_close(&run->stats);
	board_close(&run->board);
	if (run->timer >= 0)
		close(run->timer);
	if (run->signals >= 0)
		close(run->signals);
}

/* Freezes the lock for ten seconds, or lifts that. */
static void run_freeze(struct run *run, bool freeze)
{
	const struct mosaic *mosaic = run->mosaic;
	int err = freeze ? freeze_write(&mosaic->mount, mosaic->name, FREEZE_MS)
			 : freeze_lift(&mosaic->mount, mosaic->name);

	run->view.note = err == 0 ? NULL : err == ENOENT ? "it is not frozen" : strerror(err);
}

/* Kills the worker that holds the lock now; nobody else, should another have it. */
static void run_kill(struct run *run)
{
	pid_t holder = watch_holder(&run->watch);

	run->view.note = "killed the holder";
	if (!crew_has(&run->crew, holder))
		run->view.note = holder ? "the holder is none of the workers" : "nobody holds it";
	else if (kill(holder, SIGKILL) < 0)
		run->view.note = strerror(errno);
}

static void run_keys(struct run *run)
{
	char key;

	if (read(STDIN_FILENO, &key, 1) != 1)
		return;
	if (key == 'q')
		run->stopped = 128 + SIGINT;
	if (!mosaic_locked(run->mosaic))
		return;
	if (key == 'f' || key == 'u')
		run_freeze(run, key == 'f');
	if (key == 'k')
		run_kill(run);
}

static void run_signals(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD: crew_reap(&run->crew); break;
		case SIGTSTP:
			screen_close();
			raise(SIGSTOP);
			screen_open();
			break;
		default: run->stopped = 128 + (int)info.ssi_signo;
		}
	}
}

static void run_pull(struct run *run)
{
	board_pull(&run->board);
	stats_pull(&run->stats);
	watch_pull(&run->watch);
}

static void run_tick(struct run *run)
{
	int64_t now = when_ms();

	run_pull(run);
	if (run->terminal) {
		view_draw(&run->view);
	} else if (now - run->printed_ms >= PLAIN_LINE_MS) {
		run->printed_ms = now;
		view_line(&run->view);
	}
}

/* Until every tile is in the ledger, every worker has ended, or somebody stops it. */
static void run_loop(struct run *run)
{
	struct pollfd fds[] = {{run->signals, POLLIN, 0}, {run->timer, POLLIN, 0},
		{screen_has_keys() ? STDIN_FILENO : -1, POLLIN, 0}};
	uint64_t ticks;

	while (!run->stopped && run->crew.alive && run->board.done < run->board.total) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents)
			run_signals(run);
		if (fds[2].revents & POLLIN)
			run_keys(run);
		else if (fds[2].revents)
			fds[2].fd = -1;
		if (fds[1].revents && read(run->timer, &ticks, sizeof(ticks)) > 0)
			run_tick(run);
	}
}

/* What it was like, once it is over. */
static void run_summary(const struct run *run)
{
	const uint64_t *counts = run->stats.counts;
	char took[WHEN_TEXT];

	when_spell(took, when_ms() - run->start_ms);
	printf("%" PRIu64 " of %" PRIu64 " tiles by %" PRIu64 " workers in %s", run->board.done,
		run->board.total, run->mosaic->workers, took);
	if (mosaic_locked(run->mosaic))
		printf("; wait p50 %.1f ms, p95 %.1f ms; %" PRIu64 " timeouts, %" PRIu64
		       " lost, %" PRIu64 " recovered",
			(double)stats_percentile(&run->stats, 50) / 1000,
			(double)stats_percentile(&run->stats, 95) / 1000, counts[REPORT_TIMEOUT],
			counts[REPORT_LOST], counts[REPORT_RECOVERED]);
	else
		printf("; NO LOCK");
	if (run->crew.killed)
		printf("; %zu killed", run->crew.killed);
	if (run->stopped)
		printf("; stopped");
	putchar('\n');
}

/* After the workers have ended. Returns the exit code. */
static int run_verdict(struct run *run)
{
	int code;

	if (run->stopped)
		return run->stopped;
	if (run->crew.failed && run->stats.error)
		say("%zu workers gave up: %s", run->crew.failed, strerror(run->stats.error));
	else if (run->crew.alive == 0 && run->board.done < run->board.total)
		say("no worker is left");
	fflush(stdout);
	code = verify_print(run->mosaic->dir);
	printf("%s/%s\n", run->mosaic->dir, MOSAIC_PICTURE);
	return code;
}

int run_mosaic(const struct mosaic *mosaic)
{
	struct run run = {.mosaic = mosaic,
		.signals = -1,
		.timer = -1,
		.board.fd = -1,
		.stats.fd = -1,
		.watch.audit = -1,
		.terminal = screen_is_there(),
		.start_ms = when_ms()};
	int keep = mosaic_create(mosaic), code = CODE_ERROR;

	if (keep < 0)
		return CODE_ERROR;
	run.printed_ms = run.start_ms;
	run.view = (struct view){mosaic, &run.board, &run.stats, &run.watch, &run.crew};
	if (run_open(&run)) {
		run_loop(&run);
		crew_finish(&run.crew);
		run_pull(&run);
		screen_close();
		if (run.terminal)
			view_print(&run.view);
		else
			view_line(&run.view);
		run_summary(&run);
		code = run_verdict(&run);
	}
	run_close(&run);
	close(keep);
	return code;
}
