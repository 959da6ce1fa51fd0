/* See render.h. */
#include "mosaic/screen/render.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <ncurses.h>

#include "bar.h"
#include "mosaic/board.h"
#include "mosaic/link.h"
#include "mosaic/mosaic.h"
#include "mosaic/screen/clock.h"
#include "mosaic/screen/grid.h"
#include "mosaic/screen/help.h"
#include "mosaic/screen/layout.h"
#include "mosaic/screen/paint.h"
#include "mosaic/screen/scout.h"
#include "mosaic/screen/side.h"
#include "mosaic/screen/terminal.h"
#include "mosaic/screen/tiles.h"
#include "mosaic/reports.h"
#include "mosaic/watch.h"
#include "when.h"

#define WORD_MS 1000 /* how often the coordinator hears from us */
#define PART_MS 300  /* how long to wait for its last word */

struct render {
	const struct mosaic *mosaic;
	pid_t coordinator;
	int link, signals;
	struct clock clock;
	struct scout scout;
	struct board board;
	struct reports reports;
	struct sight sight;
	struct link_news news;
	struct tiles tiles;
	struct layout layout;
	struct grid grid;
	struct side side;
	int64_t word_ms; /* when the coordinator last heard from us */
	bool keys, sampled, paused, help, done;
};

/* SIGINT and SIGQUIT are for the coordinator to act on; the others come between two frames. */
static int signals_open(void)
{
	static const int taken[] = {SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		sigaddset(&set, taken[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- a frame ---- */

/* Lays everything out anew for the size that the screen has. */
static void render_lay(struct render *render)
{
	const struct board *board = &render->board;

	layout_find(&render->layout, board->gx, board->gy, COLS, LINES, paint_has_halves());
	grid_forget(&render->grid);
	erase();
}

static void keys_draw(const struct render *render)
{
	const struct box *box = &render->layout.keys;
	bool locked = mosaic_locked(render->mosaic);
	struct bar bar = {0};

	if (box->high == 0)
		return;
	mvhline(box->y, 0, ' ', COLS);
	if (render->paused)
		bar_add(&bar, 0, A_REVERSE, "", " PAUSED ");
	if (*render->news.note) {
		bar_add(&bar, 0, A_BOLD, "", "%s", render->news.note);
	} else if (render->keys) {
		if (locked) {
			bar_add(&bar, 1, A_NORMAL, "f", "freeze");
			bar_add(&bar, 2, A_NORMAL, "u", "unfreeze");
			bar_add(&bar, 3, A_NORMAL, "k", "kill holder");
		}
		bar_add(&bar, 5, A_NORMAL, "p", render->paused ? "go on" : "pause");
		bar_add(&bar, 6, A_NORMAL, "v", render->sampled ? "ledger" : "picture");
		bar_add(&bar, 4, A_NORMAL, "?", "help");
		bar_add(&bar, 0, A_NORMAL, "q", "quit");
	}
	bar_draw(&bar, box->y, box->x, box->wide);
}

static void render_frame(struct render *render)
{
	const struct layout *layout = &render->layout;
	char word[SIDE_WORD], label[SIDE_WORD + 2] = "";
	int tint = side_word(&render->side, word);

	if (paint_renew())
		render_lay(render);
	if (!render->paused || !render->grid.shown) {
		tiles_pull(&render->tiles, render->sight.frozen);
		grid_draw(&render->grid, &render->tiles, layout);
		if (*word)
			snprintf(label, sizeof(label), " %s ", word);
		frame_draw(layout, tint, label, render->sampled);
		side_draw(&render->side, &layout->side);
	}
	keys_draw(render);
	if (render->help)
		help_draw(mosaic_locked(render->mosaic));
	move(LINES - 1, COLS - 1);
	refresh();
}

/* ---- what comes in ---- */

static void word_send(struct render *render, char key)
{
	struct link_word word = {.key = key,
		.frames = render->clock.frames,
		.late = render->clock.late,
		.slowest_ms = render->clock.slowest_ms};

	render->word_ms = when_ms();
	link_send(render->link, &word, sizeof(word));
}

/* By a signal too: a coordinator that a mount keeps waiting does not read, but that ends it. */
static void render_quit(struct render *render)
{
	word_send(render, 'q');
	if (render->coordinator > 1 && getppid() == render->coordinator)
		kill(render->coordinator, SIGINT);
}

static void key_press(struct render *render, int key)
{
	if (render->help) {
		render->help = false;
		render_lay(render);
		if (key != 'q')
			return;
	}
	switch (key) {
	case 'f':
	case 'u':
	case 'k': word_send(render, (char)key); break;
	case 'q': render_quit(render); break;
	case 'p': render->paused = !render->paused; break;
	case 'v':
		render->sampled = !render->sampled;
		tiles_sample(&render->tiles, render->sampled);
		break;
	case '?': render->help = true; break;
	}
}

static void keys_read(struct render *render)
{
	for (int key; (key = terminal_key()) != ERR;)
		if (key != KEY_RESIZE)
			key_press(render, key);
}

/* Whether it is to end, which may be why it goes on after a stop: then in the background, where
 * whoever touches the terminal is stopped again. */
static bool end_pending(void)
{
	sigset_t set;

	return sigpending(&set) == 0 && (sigismember(&set, SIGTERM) || sigismember(&set, SIGHUP));
}

/* Whether it runs while the shell has the terminal: a stop that was on its way was void when it was told to go on. */
static bool stop_missed(void)
{
	return terminal_is_anothers() && !end_pending();
}

static void signals_read(struct render *render)
{
	struct signalfd_siginfo info;

	while (!render->done && read(render->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGTSTP || (info.ssi_signo == SIGCONT && stop_missed()))
			terminal_suspend();
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP || end_pending()) {
			render->done = true;
		} else if (info.ssi_signo == SIGCONT || isendwin()) {
			terminal_again();
			clock_start(&render->clock, render->mosaic->fps);
		}
	}
	if (!render->done && terminal_resized())
		render_lay(render);
}

/* The news of the coordinator; its end is ours. */
static void news_read(struct render *render)
{
	int more;

	while ((more = link_receive(render->link, &render->news, sizeof(render->news))) > 0)
		render->done |= render->news.over;
	render->done |= more < 0;
}

static void sight_read(struct render *render)
{
	int more;

	while ((more = link_receive(render->scout.link, &render->sight, sizeof(render->sight))) > 0)
		continue;
	if (more < 0) {
		close(render->scout.link);
		render->scout.link = -1;
	}
}

static void render_pull(struct render *render)
{
	board_pull(&render->board);
	reports_pull(&render->reports);
	side_count(&render->side);
}

/* ---- all of it ---- */

static bool render_open(struct render *render)
{
	const struct mosaic *mosaic = render->mosaic;

	render->signals = signals_open();
	scout_start(&render->scout, mosaic, render->link);
	if (render->signals < 0 || board_open(&render->board, mosaic) != 0 ||
		reports_open(&render->reports, mosaic->dir) < 0 ||
		!clock_open(&render->clock, mosaic->fps) || !terminal_open())
		return false;
	tiles_open(&render->tiles, mosaic, &render->board);
	render->keys = terminal_has_keys();
	render->sampled = mosaic->sample;
	render->side = (struct side){
		mosaic, &render->board, &render->reports, &render->sight, &render->news};
	render_lay(render);
	return true;
}

static void render_loop(struct render *render)
{
	struct pollfd ends[] = {{render->clock.fd, POLLIN, 0}, {render->signals, POLLIN, 0},
		{render->link, POLLIN, 0}, {render->scout.link, POLLIN, 0},
		{render->keys ? STDIN_FILENO : -1, POLLIN, 0}};

	while (!render->done) {
		ends[3].fd = render->scout.link;
		if (poll(ends, sizeof(ends) / sizeof(*ends), -1) < 0 && errno != EINTR)
			return;
		if (ends[1].revents)
			signals_read(render);
		if (ends[2].revents)
			news_read(render);
		if (ends[3].revents)
			sight_read(render);
		if (ends[4].revents & POLLIN)
			keys_read(render);
		else if (ends[4].revents)
			ends[4].fd = -1;
		if (render->done || !ends[0].revents || !clock_tick(&render->clock))
			continue;
		if (stop_missed()) {
			terminal_suspend();
			continue;
		}
		render_pull(render);
		render_frame(render);
		clock_drawn(&render->clock);
		if (when_ms() - render->word_ms >= WORD_MS)
			word_send(render, 0);
	}
}

static void render_close(struct render *render)
{
	terminal_close();
	scout_stop(&render->scout);
	tiles_close(&render->tiles);
	grid_forget(&render->grid);
	reports_close(&render->reports);
	board_close(&render->board);
}

static void render_last(struct render *render)
{
	render->paused = render->help = false;
	render_pull(render);
	render_frame(render);
	clock_drawn(&render->clock);
}

/* Ended by a signal that the coordinator may have got too: it then says that it is over, and need
 * not wonder why there is no more renderer. */
static void render_part(struct render *render)
{
	struct pollfd end = {render->link, POLLIN, 0};
	int64_t until = when_ms() + PART_MS, left;

	terminal_close();
	while ((left = until - when_ms()) > 0 && poll(&end, 1, (int)left) > 0)
		if (link_receive(render->link, &render->news, sizeof(render->news)) < 0 ||
			render->news.over)
			return;
}

int render_run(const struct mosaic *mosaic, int link)
{
	static struct render render;
	bool open;

	prctl(PR_SET_NAME, "lokt-renderer");
	setlocale(LC_CTYPE, "");
	render = (struct render){
		.mosaic = mosaic, .coordinator = getppid(), .link = link, .clock.fd = -1};
	render.board.fd = render.reports.fd = render.tiles.picture = render.tiles.claims = -1;
	open = render_open(&render);
	if (open) {
		render_loop(&render);
		if (!render.news.over)
			render_part(&render);
		else
			render_last(&render);
		word_send(&render, 0);
	}
	render_close(&render);
	return !open;
}
