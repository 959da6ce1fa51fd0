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

int __pthread_key_create(pthread_key_t *key, void (*destroy)(void *));

static struct carry tables; /* where they stand, which is always the same */

static int carry_open(void)
{
	struct vfd *vfd;

	return vfd_open(VFD_CARRY, &vfd);
}

void carry_prepare(void)
{
	world->carry = mmap(NULL, CARRY_ROOM, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (world->carry == MAP_FAILED || !carry_map(&tables, carry_create()))
		abort();
}

void carry_each(void (*use)(struct span span))
{
	const struct carry_head *head = tables.head;

	use((struct span){(char *)tables.waits, head->n_waits * sizeof(*tables.waits)});
	use((struct span){(char *)tables.files, head->n_files * sizeof(*tables.files)});
	for (int32_t i = 0; i < CARRY_PAUSES; i += CARRY_PAUSES_NEAR)
		if (head->paused[i / CARRY_PAUSES_NEAR])
			use((struct span){(char *)&tables.pauses[i],
				CARRY_PAUSES_NEAR * sizeof(*tables.pauses)});
	for (int i = 0; i < 2; i++)
		use((struct span){tables.names[i],
			(size_t)((char *)carry_name_at(&tables, i, head->n_names[i]) -
				tables.names[i])});
	use((struct span){(char *)tables.head, sizeof(*tables.head)});
}

static void clear(struct span span)
{
	memset(span.at, 0, span.len);
}

void carry_clear(void)
{
	if (tables.head)
		carry_each(clear);
}

int __wrap_memfd_create(const char *name, unsigned flags)
{
	(void)name, (void)flags;
	carry_clear();
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
	struct carry_head *head = (struct carry_head *)(void *)world->carry;
	struct vfd *vfd;

	strcpy(text, words);
	if (options_parse(&options, 5, argv) != 0)
		abort();
	kept.fuse = vfd_open(VFD_KERNEL, &vfd);
	if (!world->kernel.up) {
		kernel_mount();
		kept.carry = carry_create();
		mountpoint_identity(where, head->mount);
	} else {
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
