/* See bar.h. */
#include "bar.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#define GAP 2

size_t text_width(const char *text)
{
	size_t width = 0, left = strlen(text);
	mbstate_t state = {0};
	wchar_t wide;

	while (left > 0) {
		size_t len = mbrtowc(&wide, text, left, &state);
		bool bad = len == (size_t)-1 || len == (size_t)-2 || len == 0;
		int columns = bad || wcwidth(wide) < 0 ? 1 : wcwidth(wide);

		if (bad) {
			state = (mbstate_t){0};
			len = 1;
		}
		width += (size_t)columns;
		text += len;
		left -= len;
	}
	return width;
}

/* The next character of `text`, '?' for what is none here, and the columns that it takes. Returns
 * its bytes, 0 at the end. */
static size_t text_next(const char *text, wchar_t *c, int *columns)
{
	mbstate_t state = {0};
	size_t used = mbrtowc(c, text, strlen(text), &state);

	if (*text == '\0')
		return 0;
	if (used == 0 || used > strlen(text)) {
		*c = L'?';
		used = 1;
	}
	*columns = wcwidth(*c);
	if (*columns < 0)
		*c = L'?', *columns = 1;
	return used;
}

/* Draws as much of `text` as fits into `room` columns from the cursor on. Returns its bytes. */
static size_t text_part(const char *text, int room)
{
	const char *at = text;
	int columns = 0;
	wchar_t c[2] = {0};

	for (size_t used; (used = text_next(at, c, &columns)) > 0 && columns <= room; at += used) {
		if (columns > 0)
			addwstr(c);
		room -= columns;
	}
	return (size_t)(at - text);
}

int text_draw(int y, int x, int room, attr_t attr, const char *text)
{
	int columns = (int)text_width(text);

	if (room <= 0 || move(y, x) == ERR)
		return 0;
	attrset(attr);
	text_part(text, columns > room ? room - 1 : room);
	if (columns > room)
		addwstr(MB_CUR_MAX > 1 ? L"…" : L"~");
	attrset(A_NORMAL);
	return columns > room ? room : columns;
}

void text_right(int y, int x, int room, attr_t attr, const char *text)
{
	int columns = (int)text_width(text), left = room > columns ? room - columns : 0;

	text_draw(y, x + left, room - left, attr, text);
}

void text_draw_last(attr_t attr, const char *text, bool cursor)
{
	int columns = (int)text_width(text) + cursor, lines = (columns + COLS - 1) / COLS;
	int y = LINES > lines ? LINES - lines : 0;

	attrset(attr);
	move(y, 0);
	clrtobot();
	for (; y < LINES && *text; y++) {
		move(y, 0);
		text += text_part(text, COLS);
	}
	if (cursor)
		addch(' ' | A_REVERSE);
	attrset(A_NORMAL);
}

void bar_add(struct bar *bar, int rank, attr_t attr, const char *key, const char *format, ...)
{
	struct note *note = &bar->notes[bar->count];
	va_list args;

	if (bar->count == BAR_NOTES)
		return;
	bar->count++;
	*note = (struct note){.attr = attr, .rank = rank};
	snprintf(note->key, sizeof(note->key), "%s", key);
	va_start(args, format);
	vsnprintf(note->text, sizeof(note->text), format, args);
	va_end(args);
}

static int note_width(const struct note *note)
{
	size_t key = text_width(note->key);

	return (int)(key + (key > 0) + text_width(note->text));
}

static int bar_width(const struct bar *bar)
{
	int width = 0;

	for (size_t i = 0; i < bar->count; i++)
		if (bar->notes[i].rank >= 0)
			width += note_width(&bar->notes[i]) + (width ? GAP : 0);
	return width;
}

/* Hides the note of the highest rank. False: only those of rank 0 are left. */
static bool bar_hide(struct bar *bar)
{
	struct note *least = NULL;

	for (size_t i = 0; i < bar->count; i++)
		if (bar->notes[i].rank > (least ? least->rank : 0))
			least = &bar->notes[i];
	if (least)
		least->rank = -1;
	return least != NULL;
}

void bar_draw(struct bar *bar, int y, int x, int room)
{
	int end = x + room;

	while (bar_width(bar) > room && bar_hide(bar))
		continue;
	for (size_t i = 0; i < bar->count; i++) {
		const struct note *note = &bar->notes[i];

		if (note->rank < 0)
			continue;
		if (*note->key)
			x += text_draw(y, x, end - x, A_BOLD, note->key) + 1;
		x += text_draw(y, x, end - x, note->attr, note->text) + GAP;
	}
}
