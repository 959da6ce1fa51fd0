/* lokt-fault.so, for LD_PRELOAD: a disk and clocks that fail as the file $LOKT_FAULT says, which may be
 * written over at any time. It has six numbers of twelve characters: what writing a file fails with,
 * what syncing does, what reading does (an errno, or 0), by how many seconds the wall clock and
 * CLOCK_BOOTTIME are off, and what listing a directory fails with. Those at the end may be left out, and
 * whoever has no such file is left alone. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum fault { FAULT_WRITE, FAULT_SYNC, FAULT_READ, FAULT_WALL, FAULT_BOOT, FAULT_LIST, FAULTS };

#define WIDTH 12

/* What the file says of this. It is opened each time: the daemon closes what it did not open. */
static long fault(enum fault which)
{
	char text[FAULTS * WIDTH + 1] = "", *number = text + (size_t)which * WIDTH;
	const char *path = getenv("LOKT_FAULT");
	long fd = path ? syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC) : -1;

	if (fd < 0)
		return 0;
	syscall(SYS_pread64, fd, text, sizeof(text) - 1, 0L);
	syscall(SYS_close, fd);
	number[WIDTH] = '\0';
	return strtol(number, NULL, 10);
}

/* Whether this fails; errno says how. */
static bool fails(int fd, enum fault which)
{
	struct stat st;
	int err = (int)fault(which);

	if (err == 0 || fstat(fd, &st) != 0 || S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode) ||
		S_ISSOCK(st.st_mode))
		return false;
	errno = err;
	return true;
}

ssize_t write(int fd, const void *data, size_t len)
{
	return fails(fd, FAULT_WRITE) ? -1 : syscall(SYS_write, fd, data, len);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t offset)
{
	return fails(fd, FAULT_WRITE) ? -1 : syscall(SYS_pwrite64, fd, data, len, offset);
}

/* Files beside a directory's descriptor are those of the state. */
int openat(int dir, const char *name, int flags, ...)
{
	int err = dir != AT_FDCWD && (flags & O_ACCMODE) != O_RDONLY ? (int)fault(FAULT_WRITE) : 0;
	va_list args;

	if (err != 0) {
		errno = err;
		return -1;
	}
	va_start(args, flags);
	mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;

	va_end(args);
	return (int)syscall(SYS_openat, dir, name, flags, mode);
}

int fallocate(int fd, int mode, off_t offset, off_t len)
{
	return fails(fd, FAULT_WRITE) ? -1 : (int)syscall(SYS_fallocate, fd, mode, offset, len);
}

int fsync(int fd)
{
	return fails(fd, FAULT_SYNC) ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	return fails(fd, FAULT_SYNC) ? -1 : (int)syscall(SYS_fdatasync, fd);
}

ssize_t pread(int fd, void *data, size_t len, off_t offset)
{
	return fails(fd, FAULT_READ) ? -1 : syscall(SYS_pread64, fd, data, len, offset);
}

/* The directories of /proc are no disk's. */
struct dirent64 *readdir64(DIR *dir)
{
	union {
		void *symbol;
		struct dirent64 *(*call)(DIR *);
	} real = {dlsym(RTLD_NEXT, "readdir64")};
	struct statfs fs;

	if (fstatfs(dirfd(dir), &fs) == 0 && fs.f_type != PROC_SUPER_MAGIC &&
		fails(dirfd(dir), FAULT_LIST))
		return NULL;
	return real.call(dir);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, time);

	if (clock == CLOCK_REALTIME)
		time->tv_sec += fault(FAULT_WALL);
	else if (clock == CLOCK_BOOTTIME)
		time->tv_sec += fault(FAULT_BOOT);
	return rc;
}
