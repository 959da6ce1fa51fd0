/* Memory that fails when a test says so, in a program that knows nothing of it: to be preloaded.
 *
 * The file that LOKT_SCARCE names is the test's hand on it, and where it reads what came of it. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What the file is; tests/memory/scarce.py has the same. */
struct scarce {
	int64_t pid;    /* whose allocations may fail; 0: everybody's */
	uint64_t left;  /* until one fails: 1 is the next; 0: none does */
	uint64_t seen;  /* allocations, while one was to fail */
	uint64_t count; /* that failed */
	char where[96]; /* the last that did: the caller's file, and the place in it */
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

static bool fails(const void *caller)
{
	if (!scarce || scarce->left == 0 || (scarce->pid != 0 && scarce->pid != getpid()))
		return false;
	scarce->seen++;
	if (--scarce->left > 0)
		return false;
	scarce->count++;
	note(caller);
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : __libc_realloc(block, size);
}
