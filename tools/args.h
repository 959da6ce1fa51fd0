/* A command's arguments: long flags anywhere before `--`, and operands. */
#ifndef TOOLS_ARGS_H
#define TOOLS_ARGS_H

#include <stdbool.h>
#include <stddef.h>

enum flag_kind {
	FLAG_ON,      /* bool: the flag takes no value */
	FLAG_TEXT,    /* const char *: any value */
	FLAG_TIME,    /* int64_t: a duration in ms */
	FLAG_LIMIT,   /* int64_t: a duration in ms, or WHEN_NONE for `none` */
	FLAG_NUMBER,  /* uint64_t: a number of at most `limit` (0: any) */
	FLAG_PERCENT, /* unsigned: 0 to 100, with or without a % */
};

struct flag {
	const char *name; /* without the dashes */
	enum flag_kind kind;
	void *value;      /* where to put it; keeps its default when the flag is absent */
	const char *hint; /* what the value is called in the help; NULL for FLAG_ON */
	const char *help;
	unsigned long long least, limit; /* FLAG_NUMBER, and the least of a duration in ms */
};

struct args {
	const char *command;  /* "guard" */
	const char *synopsis; /* "NAME [flags] -- COMMAND [ARG…]" */
	const char *about;    /* a paragraph for --help, lines of its own */
	const struct flag *flags;
	size_t nflags;
	bool takes_command; /* what follows `--` is somebody else's command line */
	char **operands;    /* set by args_parse() */
	int noperands;
	char **rest; /* with takes_command: what follows `--`; NULL without a `--` */
};

/* The flag that every command has which talks to a mount. `value` is a const char *. */
#define FLAG_MOUNT(value)                                                                          \
	{                                                                                          \
		"mount", FLAG_TEXT, value, "DIR",                                                  \
			"the mount (or LOKT_MOUNT; else the only one there is)"                    \
	}

/* Parses `argv` (without the command's own name), reordering it. Returns true to go on; false
 * after --help or a usage error, with the code to exit with in `*code`. */
bool args_parse(struct args *args, int argc, char **argv, int *code);

/* Says what is wrong, and how to get help; returns CODE_USAGE. */
int args_refuse(const struct args *args, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
