/* See depth.h. */
#include "mosaic/screen/depth.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>

#include "say.h"

#define DIRECT 0x1000000 /* colours */

/* What the entry has; -1: there is none of that name. */
static int entry_colours(const char *term)
{
	int err, colours;

	if (setupterm(term, STDOUT_FILENO, &err) != OK)
		return -1;
	colours = tigetnum("colors");
	if (colours >= DIRECT && tigetflag("RGB") <= 0)
		colours = 8;
	del_curterm(cur_term);
	return colours < 0 ? 0 : colours;
}

static bool is_direct(const char *term)
{
	return entry_colours(term) >= DIRECT;
}

/* COLORTERM is what terminals say who have no entry of their own for it. The console of Linux is
 * none of those, and can only have inherited it. */
static bool wants_direct(const char *own)
{
	const char *says = getenv("COLORTERM");

	return says && (strcmp(says, "truecolor") == 0 || strcmp(says, "24bit") == 0) &&
		strcmp(own, "linux") != 0;
}

/* An entry with direct colours for a terminal like `own`: tmux-direct for tmux-256color. */
static bool relative_find(char term[DEPTH_TERM], const char *own)
{
	static const char *const ends[] = {"-256color", "-color"};
	size_t len = strlen(own);

	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		size_t end = strlen(ends[i]);

		if (len > end && strcmp(own + len - end, ends[i]) == 0)
			len -= end;
	}
	snprintf(term, DEPTH_TERM, "%.*s-direct", (int)len, own);
	if (is_direct(term))
		return true;
	snprintf(term, DEPTH_TERM, "%s", getenv("TMUX") ? "tmux-direct" : "xterm-direct");
	return is_direct(term);
}

enum depth depth_find(char term[DEPTH_TERM])
{
	const char *own = getenv("TERM");
	int colours = own ? entry_colours(own) : -1;

	snprintf(term, DEPTH_TERM, "%s", colours < 0 ? "" : own);
	if (colours < 8 || !say_colour(stdout))
		return DEPTH_NONE;
	if (colours < DIRECT && wants_direct(own) && relative_find(term, own))
		return DEPTH_DIRECT;
	snprintf(term, DEPTH_TERM, "%s", own);
	return colours >= DIRECT ? DEPTH_DIRECT : colours >= 256 ? DEPTH_MANY : DEPTH_FEW;
}

static int distance(const uint8_t rgb[3], const int other[3])
{
	int sum = 0;

	for (int i = 0; i < 3; i++)
		sum += (rgb[i] - other[i]) * (rgb[i] - other[i]);
	return sum;
}

/* The eight: on where it is brighter than the middle between its least and its most, which keeps
 * the hue. */
static int few_number(const uint8_t rgb[3])
{
	int least = 255, most = 0, number = 0;

	for (int i = 0; i < 3; i++) {
		least = rgb[i] < least ? rgb[i] : least;
		most = rgb[i] > most ? rgb[i] : most;
	}
	if (most < 96)
		return COLOR_BLACK;
	if (most - least < 32)
		return most > 160 ? COLOR_WHITE : COLOR_BLACK;
	for (int i = 0; i < 3; i++)
		number |= (rgb[i] > (least + most) / 2) << i;
	return number;
}

/* The nearest of the cube, 0, 95, 135 … 255, or of the greys, 8, 18 … 238. */
static int many_number(const uint8_t rgb[3])
{
	int step[3], cube[3], grey = (rgb[0] + rgb[1] + rgb[2]) / 3, level;

	for (int i = 0; i < 3; i++) {
		step[i] = rgb[i] < 48 ? 0 : rgb[i] < 115 ? 1 : (rgb[i] - 35) / 40;
		cube[i] = step[i] ? step[i] * 40 + 55 : 0;
	}
	grey = grey < 8 ? 0 : grey > 238 ? 23 : (grey - 3) / 10;
	level = grey * 10 + 8;
	if (distance(rgb, (int[]){level, level, level}) < distance(rgb, cube))
		return 232 + grey;
	return 16 + step[0] * 36 + step[1] * 6 + step[2];
}

int depth_number(enum depth depth, const uint8_t rgb[3])
{
	int number = rgb[0] << 16 | rgb[1] << 8 | rgb[2];

	if (depth == DEPTH_DIRECT) /* the first eight numbers are the eight colours */
		return number > 0 && number < 8 ? 8 : number;
	return depth == DEPTH_MANY ? many_number(rgb) : few_number(rgb);
}

void depth_begin(const char *term)
{
	int err;

	if (setupterm(term, STDOUT_FILENO, &err) != OK)
		return;
}

/* Prints a capability of the entry with a number in it, or without. */
static void entry_print(const char *capability, int number)
{
	const char *text = tigetstr(capability);

	if (text && text != (const char *)-1)
		putp(tiparm(text, number));
}

void depth_set(enum depth depth, const uint8_t *fore, const uint8_t *back)
{
	if (depth == DEPTH_NONE || !cur_term)
		return;
	entry_print("sgr0", 0);
	if (fore)
		entry_print("setaf", depth_number(depth, fore));
	if (back)
		entry_print("setab", depth_number(depth, back));
}

void depth_end(void)
{
	if (cur_term)
		del_curterm(cur_term);
}
