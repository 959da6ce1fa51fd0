/* lokt-dying.so, for LD_PRELOAD: a server that dies where the file $LOKT_DYING says, which may be written over
 * at any time: "WHAT SIDE COUNT AGAIN", each number of five digits.
 *
 *	WHAT    a: an append to the log, s: its sync, q: a request that is read, r: a reply, x: any of them
 *	SIDE    b: before it, a: after it, h: half of it done (an append, or before)
 *	COUNT   the how manieth from now on; 00000: never
 *	AGAIN   what COUNT is set to then: the next server dies as well. Above 1 it grows by one each time, so
 *		that at last one gets further than all before it
 *
 * Whoever is no server is left alone. */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { COUNT_AT = 4, AGAIN_AT = 10 }; /* where they stand in it */

static char *plan; /* the file; NULL: nobody dies */

/* The arguments are those of main(). */
__attribute__((constructor)) static void begin(int argc, char **argv)
{
	const char *path = getenv("LOKT_DYING");
	long fd = -1;

	if (path && argc > 1 && strcmp(argv[1], "--serve") == 0)
		fd = syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	plan = mmap(NULL, 16, PROT_READ | PROT_WRITE, MAP_SHARED, (int)fd, 0);
	if (plan == MAP_FAILED)
		plan = NULL;
	syscall(SYS_close, fd);
}

/* The number that stands at this place of the plan, 0..99999. */
static long number_get(size_t at)
{
	char text[6] = "";

	memcpy(text, plan + at, 5);
	return strtol(text, NULL, 10);
}

static void number_set(size_t at, long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%05ld", number % 100000);
	memcpy(plan + at, text, 5);
}

/* Whether this is the one to die at; it counts. */
static bool is_due(char what)
{
	long left, again;

	if (!plan || (plan[0] != what && plan[0] != 'x') || (left = number_get(COUNT_AT)) == 0)
		return false;
	if (left > 1) {
		number_set(COUNT_AT, left - 1);
		return false;
	}
	again = number_get(AGAIN_AT);
	number_set(COUNT_AT, again);
	number_set(AGAIN_AT, again > 1 ? again + 1 : again);
	return true;
}

static void die(void)
{
	syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
}

/* What a descriptor is: 'a': a file, 'r': the kernel's device, 0: neither. */
static char kind_of(int fd)
{
	struct stat st;

	if (!plan || fstat(fd, &st) != 0)
		return 0;
	return S_ISREG(st.st_mode) ? 'a' : S_ISCHR(st.st_mode) ? 'r' : 0;
}

ssize_t write(int fd, const void *data, size_t len)
{
	const bool due = kind_of(fd) == 'a' && is_due('a');
	ssize_t done;

	if (due && plan[2] == 'b')
		die();
	done = syscall(SYS_write, fd, data, due && plan[2] == 'h' ? len / 2 : len);
	if (due)
		die();
	return done;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	const bool due = kind_of(fd) == 'a' && is_due('a');
	ssize_t done;

	if (due && plan[2] == 'b')
		die();
	done = syscall(SYS_pwrite64, fd, data, due && plan[2] == 'h' ? len / 2 : len, offset);
	if (due)
		die();
	return done;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	const bool due = kind_of(fd) == 'r' && is_due('r');
	ssize_t done;

	if (due && plan[2] != 'a')
		die();
	done = syscall(SYS_writev, fd, parts, count);
	if (due)
		die();
	return done;
}

ssize_t read(int fd, void *data, size_t len)
{
	ssize_t done = syscall(SYS_read, fd, data, len);

	if (done > 0 && kind_of(fd) == 'r' && is_due('q'))
		die();
	return done;
}

int fdatasync(int fd)
{
	const bool due = is_due('s');
	int rc;

	if (due && plan[2] != 'a')
		die();
	rc = (int)syscall(SYS_fdatasync, fd);
	if (due)
		die();
	return rc;
}

int fsync(int fd)
{
	return fdatasync(fd);
}
