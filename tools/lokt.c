/* lokt: the command line of a Lokt mount. Here: which command. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "say.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{"guard", guard_main, "run a command while holding a lock"},
	{"lock", lock_main, "hold a lock beyond the end of this command (a lease)"},
	{"unlock", unlock_main, "give a lease back; --force breaks whatever hold there is"},
	{"status", status_main, "who holds, who waits, what is frozen"},
	{"exists", exists_main, "exit 0 if a lock is held, 3 if not"},
	{"why", why_main, "why a lock cannot be had, and what to do about it"},
	{"audit", audit_main, "what happened, or what happens; audit verify checks the log"},
	{"freeze", freeze_main, "refuse new holds on a lock for a while"},
	{"unfreeze", unfreeze_main, "lift a freeze"},
	{"top", top_main, "who holds, who waits and what happens, while it happens"},
	{"doctor", doctor_main, "what is wrong with a mount, and what to do about it"},
	{"prime", prime_main, "what a coding agent must know, for its rules file"},
	{"demo", demo_main, "demo mosaic: hundreds of processes paint one picture under one lock"},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void help_print(FILE *stream)
{
	fputs("usage: lokt COMMAND [ARG…]\n\n"
	      "Works on a mounted Lokt file system, through its files alone.\n\n",
		stream);
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(stream, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("\nlokt COMMAND --help tells more, lokt --version which version this is.\n"
	      "Exit: 0 done, 1 error, 2 held, frozen or timed out, 3 not found, 4 not yours,\n"
	      "64 usage; guard gives its command's own code, 128+n for signal n.\n",
		stream);
}

/* Descriptors 0 to 2 must be something, or a lock would become somebody's standard output. */
static void descriptors_fill(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

/* Whether the word there may be the value of the flag before it: which flags take one is each
 * command's own. */
static bool is_value(char **argv, int at)
{
	return at > 1 && argv[at - 1][0] == '-' && !strchr(argv[at - 1], '=');
}

/* Where the command stands: the first word, or the second if the first may be a flag's value. What
 * is no command there is a mistake. */
static int command_search(int argc, char **argv)
{
	int at = 1;

	while (at < argc && (argv[at][0] == '-' || (!command_find(argv[at]) && is_value(argv, at))))
		at++;
	return at;
}

/* Puts the flags before the command behind it, and behind the word after it: so `lokt --mount DIR
 * audit verify` is `lokt audit verify --mount DIR`. */
static void command_lead(char **argv, int at)
{
	char *name = argv[at], *word = argv[at + 1];
	int words = word && word[0] != '-' ? 2 : 1;

	memmove(argv + 1 + words, argv + 1, (size_t)(at - 1) * sizeof(*argv));
	argv[1] = name;
	if (words == 2)
		argv[2] = word;
}

/* Says what `word` is not, and what was perhaps meant. */
static int command_refuse(const char *word, const char *next)
{
	if (next && command_find(next))
		say("there is no command '%s'; the command comes first: lokt %s %s", word, next,
			word);
	else
		say("there is no command '%s'; to run something under that lock: lokt guard %s -- "
		    "COMMAND (see lokt --help)",
			word, word);
	return CODE_USAGE;
}

/* `lokt help`, `lokt help COMMAND`, and flags without a command. */
static int plain_main(const char *word, char *next)
{
	const struct command *command = next ? command_find(next) : NULL;
	char help[] = "--help", *argv[] = {help, NULL};

	if (strcmp(word, "--version") == 0) {
		puts("lokt " LOKT_VERSION);
		return CODE_OK;
	}
	if (strcmp(word, "help") == 0 && command)
		return command->run(1, argv);
	if (strcmp(word, "help") == 0 && next)
		return command_refuse(next, NULL);
	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
		help_print(stdout);
		return CODE_OK;
	}
	if (*word == '-')
		say("which command? (see lokt --help)");
	else
		help_print(stderr);
	return CODE_USAGE;
}

int main(int argc, char **argv)
{
	int at = command_search(argc, argv);
	const struct command *command = at < argc ? command_find(argv[at]) : NULL;

	descriptors_fill();
	if (command && is_value(argv, at) && argv[at + 1] && command_find(argv[at + 1])) {
		say("is '%s' the command, or the value of %s? Put flags behind the command",
			argv[at], argv[at - 1]);
		return CODE_USAGE;
	}
	if (command) {
		command_lead(argv, at);
		return command->run(argc - 2, argv + 2);
	}
	if (at == argc || strcmp(argv[at], "help") == 0)
		return plain_main(argc > 1 ? argv[1] : "", at == 1 && argc > 2 ? argv[2] : NULL);
	return command_refuse(argv[at], argv[at + 1]);
}
