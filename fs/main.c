/* loktfs: mounts a lock service, and stays behind it. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <syslog.h>
#include <unistd.h>

#include "clock.h"
#include "daemon.h"
#include "fuse.h"
#include "handle.h"
#include "loop.h"
#include "message.h"
#include "mountpoint.h"
#include "notify.h"
#include "ops.h"
#include "process.h"
#include "request.h"
#include "users.h"

/* Where the parent waits to hear that the mount serves; -1 in the foreground. */
static int ready_fd = -1;

/* Goes into the background. The parent returns here only to exit with the child's word. */
static bool background(void)
{
	int ends[2];
	char word;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	pid_t child = fork();

	if (child < 0)
		return false;
	if (child == 0) {
		close(ends[0]);
		ready_fd = ends[1];
		return setsid() >= 0;
	}
	close(ends[1]);
	exit(read(ends[0], &word, 1) == 1 ? EXIT_SUCCESS : EXIT_FAILURE);
}

/* The mount serves: lets the parent go, and leaves its terminal and its directory. */
static void ready(void *context)
{
	int null;

	(void)context;
	notify("READY=1\nSTATUS=The mount serves");
	if (ready_fd < 0)
		return;
	message_to_syslog();
	if (chdir("/") != 0)
		message(LOG_WARNING, "cannot change to /: %s", strerror(errno));
	if ((null = open("/dev/null", O_RDWR)) >= 0) {
		dup2(null, 0);
		dup2(null, 1);
		dup2(null, 2);
		if (null > 2)
			close(null);
	}
	if (write(ready_fd, "+", 1) != 1)
		message(LOG_WARNING, "nobody waited for the mount");
	close(ready_fd);
	ready_fd = -1;
}

/* A descriptor for each process that holds: as many as may be had, and some for the rest. */
static void limits_raise(void)
{
	struct rlimit limit = {1024, 1024};

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	processes_init(limit.rlim_cur > 1000000 ? 300000 : (unsigned)limit.rlim_cur / 3);
}

static void daemon_init(struct daemon *daemon)
{
	inodes_init(&daemon->inodes);
	list_init(&daemon->interrupted);
	list_init(&daemon->handles);
	list_init(&daemon->undelivered);
	list_init(&daemon->openings);
	list_init(&daemon->reads);
	list_init(&daemon->polled);
	list_init(&daemon->bound);
	daemon->next_id = 1;
	daemon->started = clock_now();
	daemon->host.answer = request_answer;
	daemon->host.context = daemon;
}

/* libfuse's last word: why a mount failed, in the one line that we print. */
static char fuse_word[256];
static bool serving; /* from here on what it says is news */

static void fuse_said(enum fuse_log_level level, const char *format, va_list args)
{
	if (level == FUSE_LOG_DEBUG) {
		vfprintf(stderr, format, args);
		return;
	}
	vsnprintf(fuse_word, sizeof(fuse_word), format, args);
	fuse_word[strcspn(fuse_word, "\n")] = '\0';
	if (serving)
		message(LOG_WARNING, "%s", fuse_word);
}

static struct fuse_session *session_create(struct daemon *daemon)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session = NULL;

	if (fuse_opt_add_arg(&args, "loktfs") == 0 &&
		fuse_opt_add_arg(&args, "-osubtype=loktfs,fsname=lokt,nosuid,nodev") == 0 &&
		(!daemon->options.allow_other || fuse_opt_add_arg(&args, "-oallow_other") == 0) &&
		(!daemon->options.debug || fuse_opt_add_arg(&args, "-d") == 0))
		session = fuse_session_new(&args, &ops_table, sizeof(ops_table), daemon);
	fuse_opt_free_args(&args);
	return session;
}

/* Mounts and serves. The exit code. */
static int serve(struct daemon *daemon)
{
	const char *mountpoint = daemon->options.mountpoint;
	int err = 0;

	if (!mountpoint_check(mountpoint))
		return EXIT_FAILURE;
	daemon->session = session_create(daemon);
	if (!daemon->session || fuse_session_mount(daemon->session, mountpoint) != 0) {
		message(LOG_ERR,
			"cannot mount at %s: %s: it takes root, or fusermount3 (package fuse3) "
			"and the right to open /dev/fuse",
			mountpoint, *fuse_word ? fuse_word : "refused");
		return EXIT_FAILURE;
	}
	disk_claim(&daemon->host.disk, mountpoint);
	serving = true;
	if (host_start(&daemon->host)) {
		engine_configure(daemon->host.engine, &daemon->options.settings);
		daemon->first = disk_first(&daemon->host.disk);
		err = loop_run(daemon, ready, NULL);
		notify("STOPPING=1");
	} else {
		err = EIO;
	}
	fuse_session_unmount(daemon->session);
	if (err != 0 && err != EIO)
		message(LOG_ERR, "cannot serve %s: %s", mountpoint, strerror(err));
	return err == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static struct daemon daemon;
	int code = options_parse(&daemon.options, argc, argv);

	/* Nothing of the caller's: a lock of another mount would stay held. */
	close_range(3, ~0U, 0);
	notify_init();
	fuse_set_log_func(fuse_said);
	if (code == 0 && daemon.options.help)
		fputs(options_usage, stdout);
	if (code == 0 && daemon.options.version)
		printf("loktfs %s (libfuse %s)\n", LOKT_VERSION, fuse_pkgversion());
	if (code != 0 || daemon.options.help || daemon.options.version) {
		options_finish(&daemon.options);
		return code;
	}
	if (!daemon.options.foreground && !background()) {
		message(LOG_ERR, "cannot go into the background: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	limits_raise();
	code = EXIT_FAILURE;
	if (host_init(&daemon.host, daemon.options.state, daemon.options.audit_max)) {
		daemon_init(&daemon);
		code = serve(&daemon);
		daemon.stopping = true;
		handles_close(&daemon, &daemon.handles);
		host_finish(&daemon.host);
	}
	if (daemon.session)
		fuse_session_destroy(daemon.session);
	inodes_finish(&daemon.inodes);
	processes_finish();
	users_finish();
	options_finish(&daemon.options);
	return code;
}
