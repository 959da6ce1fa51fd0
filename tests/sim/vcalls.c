/* The system calls of the server that are about its state directory. The linker puts each __wrap_X
 * in the place of X (ld(1), --wrap). */
#include "vcalls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "life.h"
#include "stores.h"
#include "story.h"
#include "vdisk.h"

/* The judge must not hold against the server what it could not write. */
static void log_fails(void)
{
	world->judge.log_failed = true;
	world->judge.failed_ns = world->mono_ns;
}

static bool in_use(const struct vfile *vfile)
{
	for (size_t i = 0; i < world->n_vfds; i++)
		if (world->vfds[i].kind == VFD_FILE && world->vfds[i].vfile == vfile)
			return true;
	return false;
}

static struct vfile *vfile_create(const char *name)
{
	size_t i = 0;

	while (i < world->n_vfiles && (world->vfiles[i].used || in_use(&world->vfiles[i])))
		i++;
	if (i == VFILES) {
		fail("the state directory has %d files", VFILES);
		return NULL;
	}
	if (i == world->n_vfiles)
		world->n_vfiles++;
	world->vfiles[i] = (struct vfile){.used = true,
		.data = world->disk_memory + 2 * i * VFILE_ROOM,
		.durable = world->disk_memory + (2 * i + 1) * VFILE_ROOM};
	vfile_name(&world->vfiles[i], name);
	return &world->vfiles[i];
}

static int oops(int err)
{
	errno = err;
	return -1;
}

static void cut(struct vfile *vfile, uint32_t len)
{
	if (len > vfile->len)
		memset(vfile->data + vfile->len, 0, len - vfile->len);
	vfile->len = len;
	if (vfile->clean > len)
		vfile->clean = len;
	log_was_cut();
}

static int dir_vfd_open(void)
{
	struct vfd *vfd;

	return vfd_open(VFD_DIR, &vfd);
}

int __wrap_open64(const char *path, int flags, ...)
{
	struct vfd *vfd;

	if (flags & O_DIRECTORY)
		return dir_vfd_open();
	return strncmp(path, "/dev/", 5) == 0 ? vfd_open(VFD_OTHER, &vfd) : oops(ENOENT);
}

int __wrap_openat64(int dir, const char *name, int flags, ...)
{
	struct vfile *vfile = vfile_find(name);
	struct vfd *vfd;

	(void)dir;
	stores_settle();
	if (strcmp(name, ".") == 0 || (flags & O_DIRECTORY))
		return dir_vfd_open();
	if (!vfile && !(flags & O_CREAT))
		return oops(ENOENT);
	if (vfile && (flags & O_EXCL))
		return oops(EEXIST);
	if (!vfile) {
		if (world->faults.full)
			return oops(ENOSPC);
		point("before it makes a file");
		vfile = vfile_create(name);
	}
	if (flags & O_TRUNC)
		cut(vfile, 0);
	int fd = vfd_open(VFD_FILE, &vfd);

	vfd->vfile = vfile;
	vfd->append = flags & O_APPEND;
	return fd;
}

int __wrap_mkdir(const char *path, mode_t mode)
{
	(void)path, (void)mode;
	return oops(EEXIST);
}

int __wrap_flock(int fd, int operation)
{
	struct vfd *vfd = vfd_of(fd);

	(void)operation;
	if (vfd->vfile->locked)
		return oops(EWOULDBLOCK);
	vfd->vfile->locked = true;
	return 0;
}

/* Puts bytes into a file; how many there was room for. */
static ssize_t put(struct vfile *vfile, uint32_t at, const char *data, size_t len)
{
	if (at + len > VFILE_ROOM) {
		fail("%s is longer than a simulated file can be", vfile->name);
		return oops(EFBIG);
	}
	memcpy(vfile->data + at, data, len);
	if (vfile->clean > at)
		vfile->clean = at;
	if (vfile->len < at + len)
		vfile->len = (uint32_t)(at + len);
	return (ssize_t)len;
}

/* A write may be cut short: by a signal that kills, or because the disk is full. */
static ssize_t write_at(struct vfile *vfile, uint32_t at, const char *data, size_t len)
{
	struct dice dice = dice_of(world->seed, world->points, 7);
	const bool is_log = strncmp(vfile->name, "log.", 4) == 0;
	size_t part = len;

	point("before a write");
	if (point_is_next()) {
		struct dice half = dice; /* what a branch does to ours would stay */

		put(vfile, at, data, dice_below(&half, (uint32_t)len));
	}
	point("in the middle of a write");
	if (world->faults.full) {
		part = dice_once(&dice, 2) ? dice_below(&dice, (uint32_t)len) : 0;
		say("the disk is full: %zu of %zu bytes are written to %s", part, len, vfile->name);
		if (is_log)
			log_fails();
		if (part == 0)
			return oops(ENOSPC);
	} else if (world->faults.short_writes && is_log && len > 1 && dice_once(&dice, 2)) {
		world->faults.short_writes--;
		part = 1 + dice_below(&dice, (uint32_t)len - 1);
	}
	ssize_t written = put(vfile, at, data, part);

	if (is_log && !world->faults.full)
		world->judge.log_failed = false;
	point("after a write");
	return written;
}

ssize_t __wrap_write(int fd, const void *data, size_t len)
{
	struct vfd *vfd = vfd_of(fd);

	if (!vfd)
		return __real_write(fd, data, len);
	if (vfd->kind != VFD_FILE)
		return (ssize_t)len;
	uint32_t at = vfd->append ? vfd->vfile->len : vfd->at;
	ssize_t written = write_at(vfd->vfile, at, data, len);

	if (written > 0)
		vfd->at = at + (uint32_t)written;
	return written;
}

ssize_t __wrap_pwrite64(int fd, const void *data, size_t len, off_t offset)
{
	if (vfd_of(fd)->kind == VFD_CARRY) {
		__real_memcpy(world->carry + offset, data, len);
		return (ssize_t)len;
	}
	return write_at(vfd_of(fd)->vfile, (uint32_t)offset, data, len);
}

ssize_t __wrap_pread64(int fd, void *data, size_t len, off_t offset)
{
	const struct vfd *vfd = vfd_of(fd);

	if (!vfd || vfd->kind != VFD_FILE)
		return oops(EBADF);
	if (offset >= (off_t)vfd->vfile->len)
		return 0;
	if (len > vfd->vfile->len - (size_t)offset)
		len = vfd->vfile->len - (size_t)offset;
	memcpy(data, vfd->vfile->data + offset, len);
	return (ssize_t)len;
}

ssize_t vfile_read(struct vfd *vfd, void *data, size_t len)
{
	ssize_t got = __wrap_pread64((int)(vfd - world->vfds) + 10000, data, len, vfd->at);

	if (got > 0)
		vfd->at += (uint32_t)got;
	return got;
}

int __wrap_ftruncate64(int fd, off_t len)
{
	struct vfd *vfd = vfd_of(fd);

	if (!vfd || vfd->kind == VFD_CARRY)
		return 0;
	point("before it cuts a file");
	cut(vfd->vfile, (uint32_t)len);
	point("after it cut a file");
	return 0;
}

static void vfile_sync(struct vfile *vfile)
{
	memcpy(vfile->durable + vfile->clean, vfile->data + vfile->clean,
		vfile->len - vfile->clean);
	vfile->durable_len = vfile->clean = vfile->len;
}

static void names_sync(void)
{
	for (size_t i = 0; i < world->n_vfiles; i++) {
		struct vfile *vfile = &world->vfiles[i];

		strcpy(vfile->durable_name, vfile->name);
		if (vfile->used && !vfile->name[0])
			vfile->used = false;
	}
}

int __wrap_fsync(int fd)
{
	struct vfd *vfd = vfd_of(fd);

	point("before a sync");
	if (world->faults.sync_bad) {
		say("the sync fails");
		log_fails();
		return oops(EIO);
	}
	if (vfd->kind == VFD_DIR)
		names_sync();
	else
		vfile_sync(vfd->vfile);
	point("after a sync");
	return 0;
}

int __wrap_fdatasync(int fd)
{
	return __wrap_fsync(fd);
}

int __wrap_renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	struct vfile *vfile = vfile_find(from), *old = vfile_find(to);

	(void)from_dir, (void)to_dir;
	if (!vfile)
		return oops(ENOENT);
	point("before a rename");
	if (old)
		vfile_name(old, "");
	vfile_name(vfile, to);
	log_was_cut();
	point("after a rename");
	return 0;
}

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	if ((flags & RENAME_NOREPLACE) && vfile_find(to))
		return oops(EEXIST);
	return __wrap_renameat(from_dir, from, to_dir, to);
}

/* Room for what is to be written: there is some, or there is none. */
int __wrap_fallocate64(int fd, int mode, off_t offset, off_t len)
{
	(void)fd, (void)mode, (void)offset, (void)len;
	return world->faults.full ? oops(ENOSPC) : 0;
}

int __wrap_unlinkat(int dir, const char *name, int flags)
{
	struct vfile *vfile = vfile_find(name);

	(void)dir, (void)flags;
	if (!vfile)
		return oops(ENOENT);
	point("before it removes a file");
	vfile_name(vfile, "");
	if (!vfile->durable_name[0])
		vfile->used = false;
	log_was_cut();
	point("after it removed a file");
	return 0;
}

static void describe(const struct vfile *vfile, struct stat *st)
{
	*st = (struct stat){.st_mode = S_IFREG | 0600,
		.st_nlink = vfile->name[0] != '\0',
		.st_size = vfile->len,
		.st_ino = (ino_t)(vfile - world->vfiles) + 1};
}

int __wrap_fstat64(int fd, struct stat *st)
{
	struct vfd *vfd = vfd_of(fd);

	*st = (struct stat){.st_mode = S_IFDIR | 0700, .st_nlink = 2};
	if (vfd && vfd->kind == VFD_FILE)
		describe(vfd->vfile, st);
	return 0;
}

int __wrap_stat64(const char *path, struct stat *st)
{
	(void)path;
	return __wrap_fstat64(-1, st);
}

int __wrap_fstatat64(int dir, const char *name, struct stat *st, int flags)
{
	const struct vfile *vfile = vfile_find(name);

	(void)dir, (void)flags;
	if (!vfile)
		return oops(ENOENT);
	describe(vfile, st);
	return 0;
}

DIR *__wrap_fdopendir(int fd)
{
	return (DIR *)vfd_of(fd);
}

struct dirent *__wrap_readdir64(DIR *dir)
{
	static struct dirent entry;
	struct vfd *vfd = (struct vfd *)dir;

	while (vfd->at < world->n_vfiles) {
		const struct vfile *vfile = &world->vfiles[vfd->at++];

		if (!vfile->used || !vfile->name[0])
			continue;
		memcpy(entry.d_name, vfile->name, sizeof(vfile->name));
		return &entry;
	}
	return NULL;
}

int __wrap_closedir(DIR *dir)
{
	((struct vfd *)dir)->kind = VFD_NONE;
	return 0;
}

int __wrap_dprintf(int fd, const char *format, ...)
{
	(void)fd, (void)format;
	return 0;
}
