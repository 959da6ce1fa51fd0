/* Text as it grows. */
#include <string.h>

#include "check.h"
#include "core/record.h"
#include "core/text.h"

static void room_is_kept(void)
{
	struct text text = {0};
	size_t room;

	CHECK(text_reserve(&text, 1000));
	room = text.room;
	CHECK(room >= 1000 && text.len == 0);
	CHECK(text_reserve(&text, room) && text.room == room);
	CHECK(text_reserve(&text, room + 1) && text.room > room);
	text_finish(&text);
	CHECK(!text.data && !text.len && !text.room);
}

/* What is printed is one number or word: nothing is nothing, and what is too long is cut. */
static void what_is_printed(void)
{
	static const char X[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	struct text text = {0};

	text_printf(&text, "%s", "");
	CHECK_EQUAL(text.len, 0);
	text_printf(&text, "%s%s%s%s", X, X, X, X);
	CHECK_EQUAL(text.len, 255);
	text_printf(&text, "%d", 7);
	CHECK(text.len == 256 && text.data[254] == 'x' && text.data[255] == '7');
	text_finish(&text);
}

static void keys(void)
{
	struct text text = {0};

	text_key_u64(&text, "a", 1);
	text_put(&text, ",{");
	text_key_string(&text, "b", "c");
	text_key_time(&text, "d", -1);
	text_add(&text, "}", 2);
	CHECK_STRING(text.data, "\"a\":1,{\"b\":\"c\",\"d\":\"1970-01-01T00:00:00.000Z\"}");
	text_finish(&text);
}

/* What messages call a record is what its line does. */
static void words(void)
{
	for (enum record_kind kind = 0; kind < RECORD_KINDS; kind++) {
		struct record record = record_new(kind, 0);
		struct text line = {0}, word = {0};

		record_write(&record, "box", &line);
		text_add(&line, "", 1);
		text_key_string(&word, "event", record_kind_word(kind));
		text_add(&word, "", 1);
		CHECK(strstr(line.data, word.data));
		text_finish(&line);
		text_finish(&word);
	}
}

int main(void)
{
	static const struct check_case cases[] = {
		{"room is kept, and more of it made", room_is_kept},
		{"what is printed is whole, or cut", what_is_printed},
		{"keys are parted where they have to be", keys},
		{"a record has one word", words},
	};

	return CHECK_RUN(cases);
}
