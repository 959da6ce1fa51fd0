/* loktfs: mounts a lock service, and stays behind it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <syslog.h>
#include <unistd.h>

#include "background.h"
#include "control.h"
#include "fuse.h"
#include "message.h"
#include "notify.h"
#include "options.h"
#include "rlimits.h"
#include "server.h"
#include "spawn.h"
#include "supervisor.h"
#include "upgrade.h"

/* One of the two processes, started by the other. The exit code. */
static int role_play(const char *role, int argc, char **argv)
{
	struct options options;
	struct kept kept;
	int code = options_parse(&options, argc, argv);

	kept_take(&kept);
	if (code != 0)
		return code;
	if (strcmp(role, ROLE_SERVE) == 0) {
		code = serve(&options, &kept);
	} else if (strcmp(role, ROLE_TRY) == 0) {
		code = upgrade_tried(&options, kept.carry);
	} else {
		notify_init();
		if (!options.foreground)
			background_leave();
		code = supervise_on(&options, &kept);
	}
	options_finish(&options);
	return code;
}

/* What a user asked for. The exit code. */
static int begin(int argc, char **argv)
{
	struct options options;
	int code = options_parse(&options, argc, argv), launcher = -1;

	if (code == 0)
		options_resolve(&options);
	/* Nothing of the caller's: a lock of another mount would stay held. */
	close_range(3, ~0U, 0);
	notify_init();
	if (code == 0 && options.help) {
		fputs(options_usage, stdout);
	} else if (code == 0 && options.version) {
		printf("loktfs %s (libfuse %s)\n", LOKT_VERSION, fuse_pkgversion());
	} else if (code == 0 && options.upgrade) {
		code = control_upgrade(&options);
	} else if (code == 0 && !rlimits_suffice()) {
		code = EXIT_FAILURE;
	} else if (code == 0 && !options.foreground && (launcher = background_begin()) < 0) {
		message(LOG_ERR, "cannot go into the background: %s", strerror(errno));
		code = EXIT_FAILURE;
	} else if (code == 0) {
		code = supervise(&options, launcher);
	}
	options_finish(&options);
	return code;
}

static bool is_role(const char *word)
{
	return strcmp(word, ROLE_SERVE) == 0 || strcmp(word, ROLE_SUPERVISE) == 0 ||
		strcmp(word, ROLE_TRY) == 0;
}

/* What is opened later never stands where messages go. */
static void standard_open(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDWR)) >= 0)
		if (fd > 2) {
			close(fd);
			return;
		}
}

int main(int argc, char **argv)
{
	standard_open();
	prctl(PR_SET_NAME, "loktfs"); /* also of one that was started by its descriptor */
	signal(SIGXFSZ, SIG_IGN);     /* a file that may not grow is an error as any */
	if (argc > 1 && is_role(argv[1]))
		return role_play(argv[1], argc - 1, argv + 1);
	return begin(argc, argv);
}
