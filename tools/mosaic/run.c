/* See run.h. */
#include "mosaic/run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mosaic/board.h"
#include "mosaic/crew.h"
#include "mosaic/escape.h"
#include "mosaic/evidence.h"
#include "mosaic/findings.h"
#include "mosaic/hooks.h"
#include "mosaic/mosaic.h"
#include "mosaic/plan.h"
#include "mosaic/renderer.h"
#include "mosaic/sample.h"
#include "mosaic/screen/plain.h"
#include "mosaic/screen/render.h"
#include "mosaic/service/private.h"
#include "mosaic/reports.h"
#include "mosaic/summary.h"
#include "mosaic/verify/verify.h"
#include "mosaic/watch.h"
#include "say.h"
#include "when.h"

#define TICK_MS 50       /* how often to look */
#define PATIENCE_MS 1500 /* for what the audit says late: repeated denials, a second */
#define HUNT_MS 5        /* how often to look for a holder that is to be killed */
#define SECOND_MS 1000   /* how often to write a sample, and a line without a terminal */

struct run {
	const struct mosaic *mosaic;
	const struct plan *plan;
	struct private *private; /* NULL: there is none */
	struct crew crew;
	struct board board;
	struct reports reports;
	struct watch watch; /* for the plain lines */
	struct evidence evidence;
	struct hooks hooks;
	struct renderer renderer;
	pid_t *impatient;            /* the workers that are; owned */
	int signals, timer, samples; /* owned */
	sigset_t before;             /* the signals that were blocked */
	int64_t start_ms, sampled_ms;
	int stopped; /* 0, or the exit code of a run that was stopped */
};

/* Blocks the signals that the loop reads, before there are workers, so that none comes too soon. */
static int signals_open(bool terminal, sigset_t *before)
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
	sigprocmask(SIG_BLOCK, &set, before);
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

/* Opens everything that looks at the workers. Returns 0 or an errno. */
static int run_look(struct run *run)
{
	const struct mosaic *mosaic = run->mosaic;
	int err = board_open(&run->board, mosaic);

	if (err)
		return err;
	if (reports_open(&run->reports, mosaic->dir) < 0)
		return errno;
	run->samples = mosaic_open(mosaic->dir, MOSAIC_STATS, O_WRONLY | O_APPEND);
	watch_open(&run->watch, mosaic);
	evidence_open(&run->evidence, mosaic);
	run->hooks = (struct hooks){.mosaic = mosaic,
		.plan = run->plan,
		.board = &run->board,
		.crew = &run->crew,
		.evidence = &run->evidence};
	return run->samples < 0 ? errno : 0;
}

/* Who is impatient, for when they have ended. Returns 0 or an errno. */
static int run_note_impatient(struct run *run)
{
	size_t size = run->mosaic->impatient * sizeof(pid_t);

	run->impatient = malloc(size + 1);
	if (run->impatient)
		memcpy(run->impatient, run->crew.pids, size);
	return run->impatient ? 0 : ENOMEM;
}

/* Starts the workers and everything that looks at them. Returns false having said why not. */
static bool run_open(struct run *run)
{
	bool terminal = render_can();
	int err = run_look(run);

	if (err == 0) {
		run->signals = signals_open(terminal, &run->before);
		run->timer = timer_open(TICK_MS);
		err = run->signals < 0 || run->timer < 0 ? errno : 0;
	}
	if (err == 0)
		err = crew_start(&run->crew, run->mosaic);
	if (err == 0)
		err = run_note_impatient(run);
	if (err == 0)
		err = escape_open();
	if (err == 0 && terminal)
		err = renderer_start(&run->renderer, run->mosaic);
	if (err)
		say("cannot start: %s",
			err == EAGAIN ? "no more processes may be started" : strerror(err));
	return err == 0;
}

/* The signal that asked it to end and was not acted on: a second one, or one that came late. 0: none.
 * Left pending, it would end the process before all is taken away. */
static int signals_drain(int signals)
{
	struct signalfd_siginfo info;
	int end = 0;

	while (signals >= 0 && read(signals, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo != SIGCHLD && info.ssi_signo != SIGTSTP)
			end = (int)info.ssi_signo;
	return end;
}

static void run_close(struct run *run)
{
	const int fds[] = {run->timer, run->signals, run->samples};

	crew_finish(&run->crew);
	escape_close();
	evidence_close(&run->evidence);
	watch_close(&run->watch);
	reports_close(&run->reports);
	board_close(&run->board);
	free(run->impatient);
	if (run->signals >= 0)
		sigprocmask(SIG_SETMASK, &run->before, NULL);
	for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static struct link_news run_news(const struct run *run)
{
	struct link_news news = {.alive = run->crew.alive, .killed = run->crew.killed};

	snprintf(news.note, sizeof(news.note), "%s", run->hooks.note);
	return news;
}

static void run_keys(struct run *run)
{
	char key;

	while ((key = renderer_key(&run->renderer)) != 0) {
		if (key == 'q')
			run->stopped = 128 + SIGINT;
		else
			hooks_key(&run->hooks, key);
	}
}

static void run_children(struct run *run)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!crew_ended(&run->crew, pid, status) && pid == run->renderer.pid)
			renderer_ended(&run->renderer, status, run->stopped != 0);
}

static void run_signals(struct run *run)
{
	struct signalfd_siginfo info;

	while (read(run->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD: run_children(run); break;
		case SIGTSTP: renderer_suspend(&run->renderer); break;
		default: run->stopped = 128 + (int)info.ssi_signo;
		}
	}
}

static void run_pull(struct run *run)
{
	board_pull(&run->board);
	reports_pull(&run->reports);
	evidence_pull(&run->evidence);
}

static void run_corrupt(struct run *run)
{
	struct hooks *hooks = &run->hooks;
	int err = private_damage(
		run->private, &run->mosaic->mount, hooks->damage, sizeof(hooks->damage));

	hooks->corrupted = err == 0;
	if (err) {
		hooks_note(hooks, "cannot damage the log: %s", strerror(err));
		run->stopped = CODE_ERROR;
	} else {
		hooks_note(hooks, "killed the lock service, damaged its log: it serves again");
	}
}

static void run_tick(struct run *run)
{
	struct link_news news;
	int64_t now = when_ms();

	run_pull(run);
	hooks_tick(&run->hooks);
	if (run->hooks.corrupt && !run->hooks.corrupted)
		run_corrupt(run);
	news = run_news(run);
	renderer_tell(&run->renderer, &news);
	if (now - run->sampled_ms < SECOND_MS)
		return;
	run->sampled_ms = now;
	sample_write(run->samples, &run->board, &run->reports, &run->crew, &run->renderer.word);
	if (run->renderer.pid)
		return;
	watch_pull(&run->watch);
	plain_line(run->mosaic, &run->board, &run->reports, &run->watch);
}

/* Until every tile is in the ledger, every worker has ended, or somebody stops it. */
static void run_loop(struct run *run)
{
	struct pollfd fds[] = {{run->signals, POLLIN, 0}, {run->timer, POLLIN, 0},
		{run->renderer.link, POLLIN, 0}};
	uint64_t ticks;

	while (!run->stopped && run->crew.alive && run->board.done < run->board.total) {
		fds[2].fd = run->renderer.link;
		if (poll(fds, 3, run->hooks.killing ? HUNT_MS : -1) < 0 && errno != EINTR)
			break;
		if (run->hooks.killing)
			hooks_tick(&run->hooks);
		if (fds[0].revents)
			run_signals(run);
		if (fds[2].revents)
			run_keys(run);
		if (fds[1].revents && read(run->timer, &ticks, sizeof(ticks)) > 0)
			run_tick(run);
	}
}

/* Whether the audit has yet to say what was done. */
static bool run_awaits(const struct run *run)
{
	const struct evidence *evidence = &run->evidence;
	const struct hooks *hooks = &run->hooks;

	return (hooks->killed > 0 && !*evidence->recovered) ||
		(hooks->frozen && (!*evidence->frozen || evidence->denied == 0)) ||
		(hooks->corrupted && !*evidence->corrupt);
}

/* Once no worker is left: the daemon may still be about to say what became of them. */
static void run_settle(struct run *run)
{
	int64_t start = when_ms();

	run_pull(run);
	while (run_awaits(run) && when_ms() - start < PATIENCE_MS) {
		poll(NULL, 0, TICK_MS);
		evidence_pull(&run->evidence);
	}
}

/* After the workers have ended. Returns the exit code. */
static int run_verdict(struct run *run, bool *seen)
{
	struct findings findings = {run->mosaic, run->plan, &run->hooks, &run->evidence,
		&run->reports, run->impatient, NULL};
	char path[PATH_MAX];
	struct verdict verdict;
	int code = CODE_ERROR;

	if (run->stopped)
		return run->stopped;
	if (run->crew.failed && run->reports.error)
		say("%zu workers gave up: %s", run->crew.failed, report_reason(run->reports.error));
	else if (run->crew.alive == 0 && run->board.done < run->board.total)
		say("no worker is left");
	fflush(stdout);
	if (verify_mosaic(run->mosaic->dir, &verdict) == 0) {
		verdict_print(&verdict);
		findings.verdict = &verdict;
		code = verdict_broken(&verdict) ? CODE_ERROR : CODE_OK;
	}
	*seen = findings_print(&findings);
	snprintf(path, sizeof(path), "%.4000s/" MOSAIC_PICTURE, run->mosaic->dir);
	text_clean(path);
	puts(path);
	return code == CODE_OK && !*seen ? CODE_ERROR : code;
}

int run_mosaic(
	const struct mosaic *mosaic, const struct plan *plan, struct private *private, bool *seen)
{
	struct run run = {.mosaic = mosaic,
		.plan = plan,
		.private = private,
		.board.fd = -1,
		.reports.fd = -1,
		.watch.tail.fd = -1,
		.evidence.tail.fd = -1,
		.renderer.link = -1,
		.signals = -1,
		.timer = -1,
		.samples = -1,
		.start_ms = when_ms()};
	struct link_news news;
	int code = CODE_ERROR, end;

	*seen = false;
	run.sampled_ms = run.start_ms;
	if (run_open(&run)) {
		run_loop(&run);
		crew_finish(&run.crew);
		run_settle(&run);
		news = run_news(&run);
		renderer_stop(&run.renderer, &news);
		sample_write(run.samples, &run.board, &run.reports, &run.crew, &run.renderer.word);
		if (render_can())
			plain_picture(mosaic, &run.board);
		summary_print(&(struct summary){mosaic, &run.board, &run.reports, &run.crew,
			&run.renderer.word, when_ms() - run.start_ms, run.stopped != 0});
		escape_close(); /* what follows asks the mount for nothing, and may take its time */
		code = run_verdict(&run, seen);
	}
	end = signals_drain(run.signals);
	run_close(&run);
	return end && !run.stopped ? 128 + end : code;
}
