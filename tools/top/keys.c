/* What the keys of lokt top do. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <ncurses.h>

#include "json.h"
#include "top/top.h"
#include "when.h"

#define ESCAPE 27
#define FREEZE_DEFAULT "10m"

/* ---- questions ---- */

static void ask_end(struct top *top)
{
	top->ask = ASK_NOTHING;
}

/* Begins a question about a name; its text is set by the caller. */
static void ask_begin(struct top *top, enum ask ask, const char *name)
{
	top->ask = ask;
	top->answer[0] = '\0';
	snprintf(top->target, sizeof(top->target), "%s", name);
}

static void break_ask(struct top *top)
{
	const struct row *row = top_chosen(top);
	const cJSON *person = row ? row_person(row, top->page == PAGE_ONE ? top->person : 0) : NULL;
	char names[ROW_NAMES], process[ROW_PROCESS];

	if (row && row->holders > 1 && top->page == PAGE_NAMES) {
		top->page = PAGE_ONE;
		top->person = 0;
		top_say(top, "%s has %zu holders: choose one, then b", row->name, row->holders);
		return;
	}
	top->token = json_int(person, "token", 0);
	if (top->token <= 0) {
		top_say(top, "there is no hold to break here");
		return;
	}
	ask_begin(top, ASK_BREAK, row->name);
	row_names(names, row, person);
	row_process(process, person);
	snprintf(top->question, sizeof(top->question),
		"break token %" PRId64 " of %s held by %.64s (%s)? y/n", top->token, names,
		json_text(person, "owner"), process);
}

static void freeze_ask(struct top *top)
{
	const struct row *row = top_chosen(top);

	if (!row) {
		top_say(top, "there is no name to freeze here");
		return;
	}
	ask_begin(top, ASK_FREEZE, row->name);
	snprintf(top->question, sizeof(top->question),
		"freeze %s for how long (" FREEZE_DEFAULT ")? ", row->name);
}

/* Of the chosen row, or of the whole mount. */
static void unfreeze_ask(struct top *top)
{
	const struct row *row = top_chosen(top);
	const cJSON *freeze = row && row->freeze ? row->freeze : top->rows.frozen_all;
	const char *name = json_text(freeze, "name");

	if (!freeze) {
		top_say(top, "%s is not frozen", row ? row->name : "it");
		return;
	}
	ask_begin(top, ASK_UNFREEZE, name);
	snprintf(top->question, sizeof(top->question), "unfreeze %s frozen by %.64s? y/n",
		strcmp(name, "@all") == 0 ? "the whole mount" : name, json_text(freeze, "owner"));
}

static void filter_ask(struct top *top)
{
	ask_begin(top, ASK_FILTER, "");
	strcpy(top->answer, top->filter);
	strcpy(top->question, "filter: ");
}

static void filter_set(struct top *top, const char *text)
{
	if (strcmp(top->filter, text) == 0)
		return;
	strcpy(top->filter, text);
	top_again(top);
}

static void freeze_do(struct top *top)
{
	int64_t ttl_ms;

	if (when_parse(*top->answer ? top->answer : FREEZE_DEFAULT, &ttl_ms) < 0 || ttl_ms <= 0)
		top_say(top, "'%s' is no duration like 30s, 10m, 1h30m: nothing is frozen",
			top->answer);
	else
		feed_freeze(&top->feed, top->target, ttl_ms);
}

/* A key while a line of text is asked for. */
static void text_key(struct top *top, int key)
{
	size_t len = strlen(top->answer);

	if (key == ESCAPE) {
		if (top->ask == ASK_FILTER)
			filter_set(top, "");
		ask_end(top);
	} else if (key == '\n' || key == '\r' || key == KEY_ENTER) {
		if (top->ask == ASK_FREEZE)
			freeze_do(top);
		ask_end(top);
	} else if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && len > 0) {
		top->answer[len - 1] = '\0';
	} else if (key == ('U' & 31)) {
		top->answer[0] = '\0';
	} else if (key < 127 && isprint(key) && len + 1 < sizeof(top->answer)) {
		top->answer[len] = (char)key;
		top->answer[len + 1] = '\0';
	}
	if (top->ask == ASK_FILTER)
		filter_set(top, top->answer);
}

/* A key while y or n is asked for: anything but y is n. */
static void answer_key(struct top *top, int key)
{
	if (key == KEY_RESIZE)
		return;
	if (key != 'y' && key != 'Y')
		top_say(top, "nothing is changed");
	else if (top->ask == ASK_BREAK)
		feed_break(&top->feed, top->target, top->token);
	else
		feed_unfreeze(&top->feed, top->target);
	ask_end(top);
}

/* ---- moving ---- */

static void move_by(struct top *top, long by)
{
	const struct row *row = top_chosen(top);
	size_t *at = top->page == PAGE_ONE ? &top->person : &top->at;
	size_t count =
		top->page == PAGE_ONE ? (row ? row->holders + row->waiters : 0) : top->rows.count;
	long to = (long)*at + by, last = count > 0 ? (long)count - 1 : 0;

	if (top->page == PAGE_HELP) {
		to = (long)top->first[PAGE_HELP] + by;
		top->first[PAGE_HELP] = to < 0 ? 0 : (size_t)to;
		return;
	}
	*at = (size_t)(to < 0 ? 0 : to > last ? last : to);
	if (top->page == PAGE_NAMES)
		top_choose(top, *at);
}

static bool move_key(struct top *top, int key)
{
	const long page = top->lines > 1 ? (long)top->lines - 1 : 1, end = 1000000;

	switch (key) {
	case 'k':
	case KEY_UP: move_by(top, -1); return true;
	case 'j':
	case KEY_DOWN: move_by(top, 1); return true;
	case KEY_PPAGE: move_by(top, -page); return true;
	case KEY_NPAGE: move_by(top, page); return true;
	case 'g':
	case KEY_HOME: move_by(top, -end); return true;
	case 'G':
	case KEY_END: move_by(top, end); return true;
	default: return false;
	}
}

static void page_back(struct top *top)
{
	if (top->page == PAGE_HELP)
		top->page = top->before;
	else
		top->page = PAGE_NAMES;
}

static void page_open(struct top *top, enum page page)
{
	if (page == PAGE_HELP)
		top->before = top->page;
	top->page = page;
	top->first[page] = 0;
	top->person = 0;
}

static void pause_key(struct top *top)
{
	top->paused = !top->paused;
	top->heard_ms = when_ms();
	feed_pause(&top->feed, top->paused);
}

static void order_key(struct top *top)
{
	static const char *const orders[ORDERS] = {"name", "age", "waiters"};

	top->order = (top->order + 1) % ORDERS;
	top_again(top);
	top_say(top, "sorted by %s", orders[top->order]);
}

void key_press(struct top *top, int key)
{
	bool help = top->page == PAGE_HELP, names = top->page == PAGE_NAMES;

	top->message_ms = 0;
	if (top->ask == ASK_BREAK || top->ask == ASK_UNFREEZE)
		answer_key(top, key);
	else if (top->ask != ASK_NOTHING)
		text_key(top, key);
	else if (move_key(top, key))
		return;
	else if (key == 'q' && names)
		top->done = true;
	else if (!names && (key == 'q' || key == ESCAPE || key == '\n' || key == KEY_ENTER))
		page_back(top);
	else if (key == ESCAPE)
		filter_set(top, "");
	else if (key == 'p')
		pause_key(top);
	else if (help)
		return;
	else if (key == '?' || key == 'h')
		page_open(top, PAGE_HELP);
	else if (names && (key == '\n' || key == '\r' || key == KEY_ENTER) && top_chosen(top))
		page_open(top, PAGE_ONE);
	else if (names && key == 's')
		order_key(top);
	else if (names && key == '/')
		filter_ask(top);
	else if (key == 'b')
		break_ask(top);
	else if (key == 'f')
		freeze_ask(top);
	else if (key == 'u')
		unfreeze_ask(top);
}
