/* Memory, or descriptors, that cannot be had when a test says so, in a program that knows nothing of it: to be
 * preloaded.
 *
 * The file that LOKT_SCARCE names is the test's hand on it, and where it reads what came of it. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* What the file is; tests/memory/scarce.py has the same. */
struct scarce {
	int64_t pid;          /* whose allocations may fail; 0: everybody's */
	uint64_t left;        /* until one fails: 1 is the next; 0: none does */
	uint64_t seen;        /* allocations, while one was to fail */
	uint64_t count;       /* that failed */
	char where[96];       /* the last that did: the caller's file, and the place in it */
	uint64_t descriptors; /* 1: it is those that fail */
};

static struct scarce *scarce;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

__attribute__((constructor)) static void scarce_init(void)
{
	const char *path = getenv("LOKT_SCARCE");
	int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
	void *map = fd < 0 ? MAP_FAILED
			   : mmap(NULL, sizeof(*scarce), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (map != MAP_FAILED)
		scarce = map;
	if (fd >= 0)
		close(fd);
}

/* Says who asked for what there is not. */
static void note(const void *caller)
{
	Dl_info info;

	if (!dladdr(caller, &info) || !info.dli_fname)
		return;
	const char *slash = strrchr(info.dli_fname, '/');

	snprintf(scarce->where, sizeof(scarce->where), "%s+0x%zx",
		slash ? slash + 1 : info.dli_fname,
		(size_t)((const char *)caller - (const char *)info.dli_fbase));
}

static bool fails(const void *caller, bool descriptor)
{
	if (!scarce || scarce->left == 0 || (scarce->pid != 0 && scarce->pid != getpid()) ||
		descriptor != scarce->descriptors)
		return false;
	scarce->seen++;
	if (--scarce->left > 0)
		return false;
	scarce->count++;
	note(caller);
	errno = descriptor ? EMFILE : ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails(__builtin_return_address(0), false) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(__builtin_return_address(0), false) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	return fails(__builtin_return_address(0), false) ? NULL : __libc_realloc(block, size);
}

/* The C library's own. */
#define REAL(name) (__extension__(__typeof__(&(name))) dlsym(RTLD_NEXT, #name))

int open64(const char *path, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;

	va_end(args);
	return fails(__builtin_return_address(0), true) ? -1 : REAL(open64)(path, flags, mode);
}

int openat64(int dir, const char *path, int flags, ...)
{
	va_list args;

	va_start(args, flags);
	mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;

	va_end(args);
	return fails(__builtin_return_address(0), true) ? -1
							: REAL(openat64)(dir, path, flags, mode);
}

FILE *fopen64(const char *path, const char *how)
{
	return fails(__builtin_return_address(0), true) ? NULL : REAL(fopen64)(path, how);
}

DIR *opendir(const char *path)
{
	return fails(__builtin_return_address(0), true) ? NULL : REAL(opendir)(path);
}

int signalfd(int fd, const sigset_t *mask, int flags)
{
	return fails(__builtin_return_address(0), true) ? -1 : REAL(signalfd)(fd, mask, flags);
}

int timerfd_create(clockid_t clock, int flags)
{
	return fails(__builtin_return_address(0), true) ? -1 : REAL(timerfd_create)(clock, flags);
}

int epoll_create1(int flags)
{
	return fails(__builtin_return_address(0), true) ? -1 : REAL(epoll_create1)(flags);
}

/* That the daemon calls for pidfds. */
long syscall(long number, ...)
{
	long with[6];
	va_list args;

	va_start(args, number);
	for (int i = 0; i < 6; i++)
		with[i] = va_arg(args, long);
	va_end(args);
	if (number == SYS_pidfd_open && fails(__builtin_return_address(0), true))
		return -1;
	return REAL(syscall)(number, with[0], with[1], with[2], with[3], with[4], with[5]);
}
