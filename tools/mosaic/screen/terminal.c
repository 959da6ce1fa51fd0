/* See terminal.h, and render.h. */
#include "mosaic/screen/terminal.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <ncurses.h>
#include <term.h>

#include "mosaic/screen/depth.h"
#include "mosaic/screen/paint.h"
#include "mosaic/screen/render.h"

static SCREEN *screen;
static WINDOW *keys;        /* a pad: asking another window for a key would draw that one */
static struct termios kept; /* of the terminal, before there was a renderer */
static bool keeping;
static struct termios drawing; /* of it, while we draw */

bool terminal_open(void)
{
	char term[DEPTH_TERM];
	enum depth depth = depth_find(term);

	if (!*term)
		return false;
	screen = newterm(term, stdout, stdin);
	if (!screen)
		return false;
	paint_start(depth);
	cbreak();
	noecho();
	curs_set(0);
	keys = newpad(1, 1);
	nodelay(keys, TRUE);
	keypad(keys, TRUE); /* a key like F1 is one key, and none of its letters */
	typeahead(-1);      /* a frame is drawn whole, whatever is typed meanwhile */
	set_escdelay(25);
	tcgetattr(STDOUT_FILENO, &drawing);
	return true;
}

bool terminal_is_anothers(void)
{
	const pid_t group = tcgetpgrp(STDOUT_FILENO);

	return group > 0 && group != getpgrp();
}

/* Whether the modes are those that we draw with. */
static bool modes_are_ours(void)
{
	struct termios now;

	return tcgetattr(STDOUT_FILENO, &now) == 0 && now.c_iflag == drawing.c_iflag &&
		now.c_oflag == drawing.c_oflag && now.c_lflag == drawing.c_lflag;
}

/* Gives it back as it was before; but where the shell, on a slow machine, has it by now and has set it as it likes
 * it, that is what is left behind. */
static void terminal_give_back(void)
{
	if (isendwin())
		return;
	signal(SIGTTOU, SIG_IGN);
	if (terminal_is_anothers() && !modes_are_ours())
		def_shell_mode();
	endwin();
	signal(SIGTTOU, SIG_DFL);
}

void terminal_close(void)
{
	if (!screen)
		return;
	terminal_give_back();
	delscreen(screen);
	screen = NULL;
}

void terminal_suspend(void)
{
	sigset_t stop;

	terminal_give_back();
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	signal(SIGTSTP, SIG_DFL);
	raise(SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, NULL); /* here it stops */
	sigprocmask(SIG_BLOCK, &stop, NULL);
}

void terminal_again(void)
{
	if (isendwin())
		def_shell_mode();
	reset_prog_mode();
	tcgetattr(STDOUT_FILENO, &drawing);
	clearok(curscr, TRUE);
	refresh();
}

bool terminal_resized(void)
{
	struct winsize size = {0};

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0 || size.ws_col == 0 ||
		(size.ws_row == LINES && size.ws_col == COLS))
		return false;
	resizeterm(size.ws_row, size.ws_col);
	return true;
}

int terminal_key(void)
{
	return wgetch(keys);
}

bool terminal_has_keys(void)
{
	return isatty(STDIN_FILENO);
}

/* ---- in the coordinator ---- */

bool render_can(void)
{
	char term[DEPTH_TERM];

	depth_find(term);
	return isatty(STDOUT_FILENO) && *term && strcmp(term, "dumb") != 0;
}

void render_keep(void)
{
	keeping = tcgetattr(STDOUT_FILENO, &kept) == 0;
}

/* A string of the entry; "" if it has none such. */
static const char *entry_string(const char *capability)
{
	const char *text = tigetstr(capability);

	return text && text != (const char *)-1 ? text : "";
}

void render_restore(void)
{
	static const char *const ends[] = {"rmacs", "sgr0", "op", "rmkx", "cnorm", "rmcup"};
	struct winsize size = {0};
	char term[DEPTH_TERM];
	int err;

	depth_find(term);
	if (setupterm(*term ? term : NULL, STDOUT_FILENO, &err) == OK) {
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
			putp(tiparm(entry_string("cup"), size.ws_row - 1, 0));
		for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
			putp(entry_string(ends[i]));
		fflush(stdout);
		del_curterm(cur_term);
	}
	if (keeping && !terminal_is_anothers())
		tcsetattr(STDOUT_FILENO, TCSADRAIN, &kept);
}
