/* The table of names: what a lock may be called.
 *
 * "`<name>` matches `[A-Za-z0-9._-]{1,128}` and does not begin with `.` or `-`." */
#include <string.h>

#include "check.h"
#include "core/err.h"
#include "core/spec.h"

#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16
#define X127 X64 X16 X16 X16 "xxxxxxxxxxxxxxx"
#define X128 X64 X64

static const struct {
	const char *text;
	int err;
} table[] = {
	{"x", OK},
	{"deploy", OK},
	{"Deploy_2.1-rc", OK},
	{"0", OK},
	{"_", OK},
	{"_.-", OK},
	{"a..b", OK},
	{"a-", OK},
	{"a.", OK},
	{X127, OK},
	{X128, OK},
	{X128 "x", ERR_TOO_LONG},
	{X128 X127, ERR_TOO_LONG},
	{"", ERR_INVALID},
	{".", ERR_INVALID},
	{"..", ERR_INVALID},
	{".hidden", ERR_INVALID},
	{"-x", ERR_INVALID},
	{"-", ERR_INVALID},
	{"a/b", ERR_INVALID},
	{"/", ERR_INVALID},
	{"a b", ERR_INVALID},
	{" a", ERR_INVALID},
	{"a ", ERR_INVALID},
	{"a\n", ERR_INVALID},
	{"a\tb", ERR_INVALID},
	{"a\x7f", ERR_INVALID},
	{"a\x01", ERR_INVALID},
	{"\x1b[31m", ERR_INVALID},
	{"a+b", ERR_INVALID},
	{"a@b", ERR_INVALID},
	{"a,b", ERR_INVALID},
	{"a=b", ERR_INVALID},
	{"a:b", ERR_INVALID},
	{"a*", ERR_INVALID},
	{"a\\b", ERR_INVALID},
	{"a\"b", ERR_INVALID},
	{"a%00", ERR_INVALID},
	{"caf\xc3\xa9", ERR_INVALID},
	{"\xd0\xb0", ERR_INVALID},
	{"a\xff", ERR_INVALID},
	{"a\x80", ERR_INVALID},
	{"a\xc0\xaf", ERR_INVALID},
	{"a\xe2\x80\xae", ERR_INVALID},
};

static void names(void)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (name_check(table[i].text, strlen(table[i].text)) != table[i].err)
			check_fail(__FILE__, __LINE__, "name '%s'", table[i].text);
	CHECK(name_check("a\0b", 3) == ERR_INVALID);
	CHECK(name_check("a\0", 2) == ERR_INVALID);
	CHECK(name_check("\0", 1) == ERR_INVALID);
	CHECK(name_check("ab", 1) == OK);
}

/* Every byte alone, at the beginning and later. */
static void bytes_of_names(void)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	for (int c = 0; c < 256; c++) {
		char text[] = {'x', (char)c, 'x'};
		bool letter = c != 0 && strchr(letters, c);
		bool later = letter || c == '.' || c == '-';

		CHECK((name_check(text + 1, 1) == OK) == letter);
		CHECK((name_check(text, 3) == OK) == later);
	}
}

int main(void)
{
	static const struct check_case cases[] = {
		{"names", names},
		{"every byte in a name", bytes_of_names},
	};

	return CHECK_RUN(cases);
}
