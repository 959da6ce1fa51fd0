/* lokt: the command line of a Lokt mount. Here: which command. */
#include <fcntl.h>
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
	{"status", status_main, "who holds, who waits, what is frozen"},
	{"exists", exists_main, "exit 0 if a lock is held, 3 if not"},
	{"audit", audit_main, "what happened, or what happens from now on"},
	{"freeze", freeze_main, "refuse new holds on a lock for a while"},
	{"unfreeze", unfreeze_main, "lift a freeze"},
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

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	descriptors_fill();
	if (strcmp(name, "--version") == 0) {
		puts("lokt " LOKT_VERSION);
		return CODE_OK;
	}
	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
		help_print(stdout);
		return CODE_OK;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	if (*name)
		say("there is no command '%s' (see lokt --help)", name);
	else
		help_print(stderr);
	return CODE_USAGE;
}
