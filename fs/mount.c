/* See mount.h. */
#include "mount.h"

#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "fuse.h"
#include "message.h"

/* libfuse's last word: why a mount failed, in the one line that we print. */
static char fuse_word[256];

static void fuse_said(enum fuse_log_level level, const char *format, va_list args)
{
	(void)level;
	vsnprintf(fuse_word, sizeof(fuse_word), format, args);
	fuse_word[strcspn(fuse_word, "\n")] = '\0';
}

/* A session for its mount alone: nobody ever reads by it. */
static struct fuse_session *session_create(const struct options *options)
{
	static const struct fuse_lowlevel_ops none;
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session = NULL;

	if (fuse_opt_add_arg(&args, "loktfs") == 0 &&
		fuse_opt_add_arg(&args, "-osubtype=loktfs,fsname=lokt,nosuid,nodev") == 0 &&
		(!options->allow_other || fuse_opt_add_arg(&args, "-oallow_other") == 0))
		session = fuse_session_new(&args, &none, sizeof(none), NULL);
	fuse_opt_free_args(&args);
	return session;
}

int mount_open(const struct options *options, char identity[MOUNT_TEXT])
{
	/* As long as the mount: libfuse frees it in no other way than by unmounting. */
	static struct fuse_session *session;
	int fuse;

	fuse_set_log_func(fuse_said);
	session = session_create(options);
	/* Without memory libfuse may say that it is mounted, at descriptor 0. */
	if (!session || fuse_session_mount(session, options->mountpoint) != 0 ||
		(fuse = fuse_session_fd(session)) <= 2) {
		message(LOG_ERR,
			"cannot mount at %s: %s: it takes root, or fusermount3 (package fuse3) "
			"and the right to open /dev/fuse",
			options->mountpoint, *fuse_word ? fuse_word : "refused");
		return -1;
	}
	/* Without it nobody could tell later which holds are of this mount. */
	if (mountpoint_identity(options->mountpoint, identity) &&
		fcntl(fuse, F_SETFL, O_NONBLOCK) == 0)
		return fuse;
	message(LOG_ERR, "cannot find the mount at %s in /proc/self/mountinfo",
		options->mountpoint);
	fuse_session_unmount(session);
	return -1;
}

void mount_close(int fuse, const char *mountpoint, const char *identity)
{
	struct pollfd fd = {fuse, POLLIN, 0};
	char there[MOUNT_TEXT];

	/* The kernel says POLLERR once it is unmounted; what is mounted there then is not ours. */
	if (poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR))
		return;
	/* It may be moved, or the way to it lead elsewhere by now: then it ends with our descriptor. */
	if (mountpoint_identity(mountpoint, there) && strcmp(there, identity) == 0)
		mountpoint_unmount(mountpoint);
}
