/*
 * lokt-growth: all that can be done with locks, over and over.
 *
 *	lokt-growth MOUNT CYCLES PID…
 *
 * Prints the memory of these processes, KiB, a hundred times on the way: for each what it alone has and
 * what it shares, not the files it maps. Ends with 1 when something went wrong; what the figures mean is
 * for tests/memory/growth to say.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#define SELDOM 512 /* cycles to one of what takes longer */
#define NAMES 509  /* that come and go; a prime, so that each is used in every way */
#define FEW 8      /* names of what takes longer: soon all are known */

static const char *mount;
static unsigned long cycle;
static char buffer[1 << 16];

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "lokt-growth: cycle %lu: %s: %s\n", cycle, what, strerror(errno));
	exit(1);
}

static const char *path(const char *format, va_list args)
{
	static char text[4096];
	int len = snprintf(text, sizeof(text), "%s/", mount);

	vsnprintf(text + len, sizeof(text) - (size_t)len, format, args);
	return text;
}

/* Opens a file of the mount; it has to be there. */
__attribute__((format(printf, 2, 3))) static int take(int flags, const char *format, ...)
{
	va_list args;
	int fd;

	va_start(args, format);
	fd = open(path(format, args), flags | O_CLOEXEC);
	va_end(args);
	if (fd < 0)
		fail(format);
	return fd;
}

/* Opens a file that must not open, and for this reason. */
__attribute__((format(printf, 2, 3))) static void denied(int wanted, const char *format, ...)
{
	va_list args;
	int fd;

	va_start(args, format);
	fd = open(path(format, args), O_RDWR | O_CLOEXEC);
	va_end(args);
	if (fd >= 0 || errno != wanted)
		fail(format);
}

__attribute__((format(printf, 1, 2))) static void removed(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (unlink(path(format, args)) != 0)
		fail(format);
	va_end(args);
}

static void say(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(text);
}

/* Reads it to its end, and gives it back. */
static void drain(int fd)
{
	ssize_t len;

	while ((len = read(fd, buffer, sizeof(buffer))) > 0)
		;
	if (len < 0 && errno != EAGAIN)
		fail("read");
	close(fd);
}

static unsigned name(void)
{
	return (unsigned)(cycle % SELDOM ? cycle % NAMES : cycle / SELDOM % FEW);
}

static void one(void)
{
	close(take(O_RDWR, "locks/a%u", name()));
}

static void shared(void)
{
	int other = take(O_RDONLY, "locks/b%u@shared", name());

	close(take(O_RDWR, "locks/b%u@shared", name()));
	close(other);
}

static void slots(void)
{
	int other = take(O_RDWR, "locks/c%u@slots=2", name());

	close(take(O_RDWR, "locks/c%u@slots=2", name()));
	close(other);
}

static void group(void)
{
	close(take(O_RDWR, "locks/a%u+b%u+d%u", name(), name(), name()));
}

static void renewed(void)
{
	int fd = take(O_RDWR, "locks/a%u@ttl=1h,owner=somebody", name());

	say(fd, "renew 2h");
	if (read(fd, buffer, sizeof(buffer)) <= 0)
		fail("no hold to read");
	close(fd);
}

static void refused(void)
{
	int fd = take(O_RDWR, "locks/a%u", name());

	denied(EAGAIN, "locks/a%u@try", name());
	close(fd);
}

static void asked(void)
{
	drain(take(O_RDONLY, "status/a%u.json", name()));
}

/* From here on what is done less often, since it takes longer. */

static void looked_at(void)
{
	drain(take(O_RDONLY, "status.json"));
	drain(take(O_RDONLY, "metrics"));
}

static void followed(void)
{
	int fd = take(O_RDONLY | O_NONBLOCK, "audit");

	lseek(fd, 0, SEEK_END);
	drain(fd);
	fd = take(O_RDONLY, "audit.jsonl");
	if (read(fd, buffer, sizeof(buffer)) <= 0)
		fail("audit.jsonl");
	close(fd);
}

static void leased(void)
{
	int fd = take(O_WRONLY | O_TRUNC | O_CREAT, "leases/l%u", name());

	say(fd, "10m\n");
	close(fd);
	fd = take(O_WRONLY | O_APPEND, "leases/l%u", name());
	say(fd, "20m\n");
	close(fd);
	removed("leases/l%u", name());
}

static void frozen(void)
{
	int fd = take(O_WRONLY | O_TRUNC | O_CREAT, "freezes/f%u", name());

	say(fd, "10m\n");
	close(fd);
	denied(EBUSY, "locks/f%u", name());
	removed("freezes/f%u", name());
}

static void expired(void)
{
	int fd = take(O_RDWR, "locks/e%u@ttl=1ms", name());
	struct pollfd lost = {fd, POLLPRI, 0};

	if (poll(&lost, 1, 10000) != 1 || !(lost.revents & POLLHUP))
		fail("not lost");
	close(fd);
}

static void timed_out(void)
{
	int fd = take(O_RDWR, "locks/a%u", name());

	denied(ETIMEDOUT, "locks/a%u@timeout=1ms", name());
	close(fd);
}

static void broken(void)
{
	int fd = take(O_RDWR, "locks/g%u", name());
	const char *token;

	if (read(fd, buffer, sizeof(buffer)) <= 0 || !(token = strstr(buffer, "\"token\":")))
		fail("no token");
	removed("locks/g%u@token=%lu", name(), strtoul(token + 8, NULL, 10));
	close(fd);
}

static void nothing(int signal)
{
	(void)signal;
}

/* A waiter whom a signal takes from the queue, and who comes back or not. */
static void interrupted(void)
{
	const struct itimerval soon = {{0, 500}, {0, 500}}, off = {{0, 0}, {0, 0}};
	int fd = take(O_RDWR, "locks/a%u", name());

	sigaction(SIGALRM, &(struct sigaction){.sa_handler = nothing}, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	denied(EINTR, "locks/a%u@timeout=1h", name());
	denied(EINTR, "locks/a%u@timeout=1h", name());
	setitimer(ITIMER_REAL, &off, NULL);
	close(fd);
}

/* Another process waits, is granted, and dies with the hold: by itself or not. */
static void inherited(void)
{
	int fd = take(O_RDWR, "locks/a%u", name()), status;
	pid_t pid = fork();

	if (pid == 0) {
		close(fd);
		take(O_RDWR, "locks/a%u@bind=pid", name());
		if (cycle & 64)
			raise(SIGKILL);
		_exit(0);
	}
	close(fd);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		fail("fork");
}

static void (*const often[])(void) = {one, one, shared, one, slots, one, group, one, renewed, one,
	refused, one, asked, one, one, one};
static void (*const seldom[])(void) = {
	looked_at, followed, leased, frozen, expired, timed_out, broken, interrupted, inherited};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Says what a process has of its own and what it shares, KiB. */
static void memory_tell(const char *pid)
{
	char line[256], file[64];
	FILE *status;

	snprintf(file, sizeof(file), "/proc/%s/status", pid);
	if (!(status = fopen(file, "r")))
		fail(file);
	while (fgets(line, sizeof(line), status))
		if (strncmp(line, "RssAnon:", 8) == 0 || strncmp(line, "RssShmem:", 9) == 0)
			printf(" %lu", strtoul(strchr(line, ':') + 1, NULL, 10));
	fclose(status);
}

int main(int argc, char **argv)
{
	unsigned long cycles = argc > 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (cycles < 100) {
		fputs("usage: lokt-growth MOUNT CYCLES PID...\n", stderr);
		return 64;
	}
	mount = argv[1];
	for (cycle = 1; cycle <= cycles; cycle++) {
		if (cycle % SELDOM == 0)
			seldom[cycle / SELDOM % COUNT(seldom)]();
		else
			often[cycle % COUNT(often)]();
		if (cycle % (cycles / 100) != 0)
			continue;
		printf("%lu", cycle);
		for (int i = 3; i < argc; i++)
			memory_tell(argv[i]);
		putchar('\n');
		fflush(stdout);
	}
	return 0;
}
