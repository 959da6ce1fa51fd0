/* What lokt top knows and shows; its files share this. */
#ifndef TOOLS_TOP_TOP_H
#define TOOLS_TOP_TOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "top/feed.h"
#include "top/recent.h"
#include "top/rows.h"

struct mount;

enum page { PAGE_NAMES, PAGE_ONE, PAGE_HELP };

/* What the last line asks for. */
enum ask { ASK_NOTHING, ASK_FILTER, ASK_BREAK, ASK_FREEZE, ASK_UNFREEZE };

#define TOP_TEXT 512
#define TOP_FILTER 64

struct top {
	struct feed feed;
	struct rows rows;
	struct recent recent;

	enum page page, before; /* before: what PAGE_HELP goes back to */
	enum order order;
	char filter[TOP_FILTER];
	bool paused, done;

	char chosen[256]; /* the name that is chosen; it may be gone */
	size_t at;        /* its row, or where it was */
	size_t person;    /* on PAGE_ONE: which holder or waiter, holders first */
	size_t first[3];  /* of each page: the first line that is shown below its heads */
	size_t lines;     /* how many lines of the page are shown */

	enum ask ask;
	char question[TOP_TEXT];
	char answer[TOP_FILTER];
	char target[256]; /* what the question is about: a name, and the token of a hold of it */
	int64_t token;

	char message[TOP_TEXT]; /* what came of the last key; shown until message_ms */
	int64_t message_ms;

	double rate;      /* grants a second; below 0: not known yet */
	int64_t grants;   /* at rate_ms */
	int64_t rate_ms;  /* when `rate` was worked out; 0: never */
	int64_t heard_ms; /* when the last status came */
	int writable;     /* whether the log can be written; -1: not known */
};

/* The chosen row; NULL when there is none. */
const struct row *top_chosen(const struct top *top);

/* The holder or waiter of that number of a row, holders first; NULL: there are not so many. */
const cJSON *row_person(const struct row *row, size_t number);

/* Chooses the row of that number, or the last one. */
void top_choose(struct top *top, size_t at);

/* Puts a message in place of the keys for a while. */
void top_say(struct top *top, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What the feed said. Returns an errno when that is the end, else 0. */
int top_news(struct top *top, enum news kind, char *text);

/* Makes the rows again, after the filter or the order changed, and finds the chosen one. */
void top_again(struct top *top);

/* What a key does. */
void key_press(struct top *top, int key);

/* Prints the table to standard output, once. Returns an exit code. */
int snapshot_print(const struct mount *mount);

#endif
