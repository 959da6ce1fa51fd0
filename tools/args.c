/* See args.h. */
#include "args.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "when.h"

int args_refuse(const struct args *args, const char *format, ...)
{
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	say("%s: %s (see lokt %s --help)", args->command, text, args->command);
	return CODE_USAGE;
}

static void args_help(const struct args *args)
{
	printf("usage: lokt %s %s\n\n%s\n", args->command, args->synopsis, args->about);
	for (size_t i = 0; i < args->nflags; i++) {
		const struct flag *flag = &args->flags[i];
		char left[48];

		snprintf(left, sizeof(left), "--%s%s%s", flag->name, flag->hint ? " " : "",
			flag->hint ? flag->hint : "");
		printf("  %-18s %s\n", left, flag->help);
	}
	printf("  %-18s %s\n", "-h, --help", "this text");
}

static const struct flag *flag_find(const struct args *args, const char *name, size_t len)
{
	for (size_t i = 0; i < args->nflags; i++)
		if (strlen(args->flags[i].name) == len &&
			memcmp(args->flags[i].name, name, len) == 0)
			return &args->flags[i];
	return NULL;
}

static bool number_parse(const struct flag *flag, const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	return isdigit((unsigned char)*text) && *end == '\0' && errno == 0 &&
		*number >= flag->least && (flag->limit == 0 || *number <= flag->limit);
}

static bool percent_parse(const char *text, unsigned *percent)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	*percent = (unsigned)number;
	return isdigit((unsigned char)*text) && number <= 100 &&
		strcmp(end, *end == '%' ? "%" : "") == 0;
}

static bool time_parse(const struct flag *flag, const char *text, int64_t *ms)
{
	if (flag->kind == FLAG_LIMIT && strcmp(text, "none") == 0) {
		*ms = WHEN_NONE;
		return true;
	}
	return when_parse(text, ms) == 0 && *ms >= (int64_t)flag->least;
}

/* Says what value the flag takes. */
static void value_refuse(const struct args *args, const struct flag *flag, const char *text)
{
	size_t len = strlen(text);

	if (flag->kind == FLAG_NUMBER && flag->limit)
		args_refuse(args, "--%s takes a number from %llu to %llu, not '%s'", flag->name,
			flag->least, flag->limit, text);
	else if (flag->kind == FLAG_PERCENT)
		args_refuse(
			args, "--%s takes a share from 0%% to 100%%, not '%s'", flag->name, text);
	else if (flag->kind == FLAG_NUMBER)
		args_refuse(args, "--%s takes a number, not '%s'", flag->name, text);
	else
		args_refuse(args,
			"--%s takes a duration like 500ms, 2s, 1h30m%s (%s30 days), not '%s'%s",
			flag->name, flag->kind == FLAG_LIMIT ? " or none" : "",
			flag->least ? "over 0, up to " : "up to ", text,
			len && text[len - 1] == 'd' ? "; a day is 24h" : "");
}

/* Puts `text` where the flag wants it. Returns false, having said why, if it does not fit. */
static bool flag_set(const struct args *args, const struct flag *flag, const char *text)
{
	bool fits = true;

	switch (flag->kind) {
	case FLAG_ON: *(bool *)flag->value = true; break;
	case FLAG_TEXT: *(const char **)flag->value = text; break;
	case FLAG_TIME:
	case FLAG_LIMIT: fits = time_parse(flag, text, flag->value); break;
	case FLAG_PERCENT: fits = percent_parse(text, flag->value); break;
	case FLAG_NUMBER: fits = number_parse(flag, text, flag->value); break;
	}
	if (!fits)
		value_refuse(args, flag, text);
	return fits;
}

/* Takes the flag at argv[*at], and its value from there or from the next argument. */
static bool flag_take(const struct args *args, int argc, char **argv, int *at)
{
	const char *name = argv[*at] + 2, *value = strchr(name, '=');
	size_t len = value ? (size_t)(value - name) : strlen(name);
	const struct flag *flag = argv[*at][1] == '-' ? flag_find(args, name, len) : NULL;

	if (!flag) {
		args_refuse(args, "there is no flag '%s'", argv[*at]);
		return false;
	}
	if (flag->kind == FLAG_ON && value) {
		args_refuse(args, "--%s takes no value", flag->name);
		return false;
	}
	if (flag->kind != FLAG_ON && !value &&
		(*at + 1 >= argc || strcmp(argv[*at + 1], "--") == 0)) {
		args_refuse(args, "--%s needs a value", flag->name);
		return false;
	}
	if (value)
		value++;
	else if (flag->kind != FLAG_ON)
		value = argv[++*at];
	return flag_set(args, flag, value);
}

bool args_parse(struct args *args, int argc, char **argv, int *code)
{
	args->operands = argv;
	args->noperands = 0;
	args->rest = NULL;
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0 && args->takes_command) {
			args->rest = argv + i + 1;
			break;
		}
		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc)
				args->operands[args->noperands++] = argv[i];
			break;
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
			args_help(args);
			*code = CODE_OK;
			return false;
		}
		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			args->operands[args->noperands++] = argv[i];
		} else if (!flag_take(args, argc, argv, &i)) {
			*code = CODE_USAGE;
			return false;
		}
	}
	return true;
}
