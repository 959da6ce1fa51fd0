/*
 * lokt-try: does what its arguments say to files, one step after the other, and prints what came of
 * each, with the error's name: what a shell cannot do (O_NONBLOCK, poll, pread, bytes, EINTR).
 *
 *	lokt-try STEP…     each prints "VERB RESULT…": OK, a number, or an errno's name
 *
 *	open:FLAGS:FILE     FLAGS joined by '+': rd wr rw path nonblock creat excl trunc append,
 *	                    retry (again after EINTR), thread (by a second thread), later (by a
 *	                    second thread while the steps go on). Prints the milliseconds and the
 *	                    EINTRs too. Steps that need a descriptor use the newest; a failed
 *	                    open ends the run.
 *	join                waits for the open that was `later`, and prints what came of it
 *	close read[:N] pread:OFFSET[:N] write:TEXT seek:set|cur|end:N
 *	poll:in|pri|none:MS and select:…, epoll:… (edge-triggered; one descriptor a run)
 *	sleep:MS pause      pause: until SIGUSR1 (which waits, and disturbs nothing before)
 *	catch               from here on, SIGINT, SIGTERM and SIGALRM interrupt and do not kill
 *	alarm:MS            SIGALRM then, and again each time so long after
 *	settle:FILE         waits until the daemon of FILE has heard of the closes before, which
 *	                    close(2) does not; says nothing
 *	mkdir rmdir unlink chmod chown truncate utimes stat symlink :FILE, rename link :FILE:FILE
 *
 * Exit: 0 every step worked · 1 one did not · 64 usage.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "attempt.h"
#include "ready.h"

enum { EXIT_USAGE = 64, READ_MAX = 1 << 20 };

static int fd = -1;      /* what the newest open gave */
static bool failed_once; /* some step did not work */

static void usage(const char *what)
{
	fprintf(stderr, "lokt-try: cannot read '%s'; see the comment in tests/mount/try.c\n", what);
	exit(EXIT_USAGE);
}

/* The name of an error, "OK" for 0. */
static const char *name_of(int err)
{
	const char *name = err ? strerrorname_np(err) : "OK";

	return name ? name : "UNKNOWN";
}

/* Prints the outcome of a step that gives nothing but success. */
static void say(const char *verb, int result)
{
	printf("%s %s\n", verb, name_of(result < 0 ? errno : 0));
	failed_once = failed_once || result < 0;
}

/* Prints what a read gave: the count, then the bytes, with a newline shown as \n. */
static void say_bytes(const char *verb, const char *bytes, ssize_t n)
{
	if (n < 0) {
		say(verb, -1);
		return;
	}
	printf("%s %zd%s", verb, n, n ? " " : "");
	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] == '\n')
			fputs("\\n", stdout);
		else
			putchar(bytes[i]);
	}
	putchar('\n');
}

/* Prints what came of an open; its descriptor is the newest. */
static void say_open(struct attempt *a)
{
	attempt_end(a);
	fd = a->fd;
	printf("open %s %ld %d\n", name_of(a->err), a->end - a->begin, a->interrupted);
	if (fd < 0)
		exit(1);
}

static struct attempt later; /* the open that another thread is at */

static void step_open(char *arg)
{
	struct attempt a;

	if (!attempt_parse(&a, arg))
		usage(a.path);
	if (a.later) {
		later = a;
		attempt_begin(&later);
	} else {
		attempt_begin(&a);
		say_open(&a);
	}
}

static void step_join(char *arg)
{
	(void)arg;
	say_open(&later);
}

static void step_close(char *arg)
{
	(void)arg;
	say("close", close(fd));
	fd = -1;
}

static void step_pread(char *arg)
{
	static char bytes[READ_MAX];
	char *end = NULL;
	off_t offset = strtoll(arg, &end, 10);
	size_t size = *end == ':' ? strtoul(end + 1, NULL, 10) : sizeof(bytes);

	say_bytes("pread", bytes, pread(fd, bytes, size, offset));
}

static void step_read(char *arg)
{
	static char bytes[READ_MAX];
	size_t size = *arg ? strtoul(arg, NULL, 10) : sizeof(bytes);

	say_bytes("read", bytes, read(fd, bytes, size));
}

static void step_write(char *arg)
{
	ssize_t n = write(fd, arg, strlen(arg));

	if (n >= 0 && n != (ssize_t)strlen(arg)) {
		errno = ENOSPC; /* a short write is a failure here */
		n = -1;
	}
	say("write", n < 0 ? -1 : 0);
}

static void step_seek(char *arg)
{
	int whence = arg[0] == 's' ? SEEK_SET : arg[0] == 'c' ? SEEK_CUR : SEEK_END;
	char *number = strchr(arg, ':');
	off_t at = lseek(fd, number ? atoll(number + 1) : 0, whence);

	if (at < 0)
		say("seek", -1);
	else
		printf("seek %lld\n", (long long)at);
}

/* Waits for "EVENT:MS" in one of the ways, and prints what came. */
static void wait_for(const char *verb, const char *arg, const char *(*ready)(int, short, int))
{
	short events = arg[0] == 'i' ? POLLIN : arg[0] == 'p' ? POLLPRI : 0;
	const char *limit = strchr(arg, ':');
	const char *came = ready(fd, events, limit ? atoi(limit + 1) : 0);

	if (came)
		printf("%s %s\n", verb, came);
	else
		say(verb, -1);
}

static void step_poll(char *arg)
{
	wait_for("poll", arg, ready_poll);
}

static void step_select(char *arg)
{
	wait_for("select", arg, ready_select);
}

static void step_epoll(char *arg)
{
	wait_for("epoll", arg, ready_epoll);
}

static void step_sleep(char *arg)
{
	long ms = atol(arg);
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	while (nanosleep(&t, &t) < 0 && errno == EINTR)
		continue;
}

static void step_pause(char *arg)
{
	sigset_t set;
	int sig;

	(void)arg;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigwait(&set, &sig);
}

static void on_signal(int sig)
{
	(void)sig;
}

static void step_catch(char *arg)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGALRM};
	struct sigaction sa = {.sa_handler = on_signal}; /* without SA_RESTART */

	(void)arg;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &sa, NULL);
}

static void step_alarm(char *arg)
{
	long ms = atol(arg);
	struct timeval then = {ms / 1000, ms % 1000 * 1000};
	struct itimerval t = {.it_interval = then, .it_value = then};

	say("alarm", setitimer(ITIMER_REAL, &t, NULL));
}

static void step_settle(char *arg)
{
	struct statfs st;

	statfs(arg, &st); /* asks the daemon each time, and after what was closed */
}

static void step_mkdir(char *arg)
{
	say("mkdir", mkdir(arg, 0777));
}

static void step_rmdir(char *arg)
{
	say("rmdir", rmdir(arg));
}

static void step_unlink(char *arg)
{
	say("unlink", unlink(arg));
}

static void step_chmod(char *arg)
{
	say("chmod", chmod(arg, 0600));
}

static void step_chown(char *arg)
{
	say("chown", chown(arg, 12345, 12345));
}

static void step_truncate(char *arg)
{
	say("truncate", truncate(arg, 0));
}

static void step_utimes(char *arg)
{
	say("utimes", utimensat(AT_FDCWD, arg, NULL, 0));
}

static void step_stat(char *arg)
{
	struct stat st;

	say("stat", stat(arg, &st));
}

static void step_symlink(char *arg)
{
	say("symlink", symlink("target", arg));
}

/* Splits "FILE:FILE" in place and returns the second. */
static char *second(char *arg)
{
	char *colon = strchr(arg, ':');

	if (!colon)
		usage(arg);
	*colon = '\0';
	return colon + 1;
}

static void step_rename(char *arg)
{
	char *to = second(arg);

	say("rename", rename(arg, to));
}

static void step_link(char *arg)
{
	char *to = second(arg);

	say("link", link(arg, to));
}

static const struct {
	const char *verb;
	void (*run)(char *arg);
} steps[] = {
	{"open", step_open},
	{"join", step_join},
	{"close", step_close},
	{"read", step_read},
	{"pread", step_pread},
	{"write", step_write},
	{"seek", step_seek},
	{"poll", step_poll},
	{"select", step_select},
	{"epoll", step_epoll},
	{"sleep", step_sleep},
	{"pause", step_pause},
	{"catch", step_catch},
	{"alarm", step_alarm},
	{"settle", step_settle},
	{"mkdir", step_mkdir},
	{"rmdir", step_rmdir},
	{"unlink", step_unlink},
	{"chmod", step_chmod},
	{"chown", step_chown},
	{"truncate", step_truncate},
	{"utimes", step_utimes},
	{"stat", step_stat},
	{"symlink", step_symlink},
	{"rename", step_rename},
	{"link", step_link},
};

static void step_run(char *text)
{
	char *arg = strchr(text, ':');

	if (arg)
		*arg++ = '\0';
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (strcmp(text, steps[i].verb) == 0) {
			steps[i].run(arg ? arg : text + strlen(text));
			return;
		}
	}
	usage(text);
}

int main(int argc, char **argv)
{
	sigset_t set;

	setvbuf(stdout, NULL, _IOLBF, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 1; i < argc; i++)
		step_run(argv[i]);
	return failed_once ? 1 : 0;
}
