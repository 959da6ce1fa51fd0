/* What the supervisor does for a server, and the memory that it keeps for the next: see fs/supervisor.c,
 * fs/carry.h. */
#include "vmount.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>

#include "fs/carry.h"
#include "fs/options.h"
#include "fs/server.h"
#include "fs/spawn.h"
#include "kernel.h"
#include "life.h"
#include "story.h"
#include "vcalls.h"
#include "vdisk.h"

#define CARRY_ROOM (8UL << 30) /* of addresses: what is never touched costs nothing */

int __pthread_key_create(pthread_key_t *key, void (*destroy)(void *));

static int carry_open(void)
{
	struct vfd *vfd;

	return vfd_open(VFD_CARRY, &vfd);
}

int __wrap_memfd_create(const char *name, unsigned flags)
{
	(void)name, (void)flags;
	if (!world->carry)
		world->carry = mmap(NULL, CARRY_ROOM, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	else
		madvise(world->carry, CARRY_ROOM, MADV_DONTNEED);
	return carry_open();
}

void *__wrap_mmap64(void *where, size_t len, int rights, int flags, int fd, off_t offset)
{
	const struct vfd *vfd = vfd_of(fd);

	if (vfd && vfd->kind == VFD_CARRY)
		return world->carry + offset;
	return __real_mmap64(where, len, rights, flags, fd, offset);
}

int __wrap_munmap(void *where, size_t len)
{
	if (carry_has(where))
		return 0;
	return __real_munmap(where, len);
}

ssize_t __wrap_writev(int fd, const struct iovec *parts, int count)
{
	const struct vfd *vfd = vfd_of(fd);

	if (vfd && vfd->kind == VFD_KERNEL)
		return kernel_write(parts, count);
	errno = EBADF;
	return -1;
}

bool carry_has(const void *at)
{
	return world->carry && (const char *)at >= world->carry &&
		(const char *)at < world->carry + CARRY_ROOM;
}

bool supervisor_goes_on(void)
{
	return ((const struct carry_head *)(const void *)world->carry)->init_len > 0;
}

int server_run(const char *words)
{
	char role[] = "--serve", stay[] = "-f", list[] = "-o", where[] = "/mnt", text[512];
	char *argv[] = {role, stay, list, text, where, NULL};
	struct options options;
	struct kept kept = {.lock = -1, .ready = -1};
	struct vfd *vfd;

	strcpy(text, words);
	if (options_parse(&options, 5, argv) != 0)
		abort();
	kept.fuse = vfd_open(VFD_KERNEL, &vfd);
	if (!world->kernel.up) {
		kernel_mount();
		kept.carry = carry_create();
	} else {
		struct carry_head *head = (struct carry_head *)(void *)world->carry;

		kept.carry = carry_open();
		head->life = LIFE_STARTING;
		head->restarts++;
		head->signal = SIGKILL;
	}
	return serve(&options, &kept);
}

/* libfuse takes a key for each session, and a server that dies never gives it back. */
int pthread_key_create(pthread_key_t *key, void (*destroy)(void *))
{
	if (!world || !world->in_server)
		return __pthread_key_create(key, destroy);
	*key = 1000;
	return 0;
}
