/* See attr.h. */
#include "attr.h"

#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "daemon.h"
#include "fuse.h"

/* The modes: what a user may do, as far as the kernel can say it. */
static mode_t mode_of(uint64_t number)
{
	switch (number) {
	case INODE_ROOT:
	case INODE_STATUS: return S_IFDIR | 0555;
	case INODE_LOCKS:
	case INODE_LEASES:
	case INODE_FREEZES: return S_IFDIR | 0777;
	case INODE_RENEW: return S_IFREG | 0222;
	default: return S_IFREG | 0444;
	}
}

static void times_fill(struct stat *st, int64_t wall_ms)
{
	st->st_mtim.tv_sec = wall_ms / 1000;
	st->st_mtim.tv_nsec = wall_ms % 1000 * 1000000;
	st->st_atim = st->st_ctim = st->st_mtim;
}

/* The owner and the time of a file under locks/, leases/, freezes/ or status/. */
static void inode_fill(const struct daemon *daemon, const struct inode *inode, struct stat *st)
{
	const struct engine *engine = daemon->host.engine;
	struct spec spec;
	uint32_t uid;
	int64_t wall_ms;

	if (inode->dir == INODE_STATUS)
		return;
	st->st_mode = S_IFREG | (inode->dir == INODE_LOCKS ? 0666 : 0644);
	if (inode->dir == INODE_FREEZES) {
		if (!view_freeze_owner(engine, inode->text, &uid, &wall_ms))
			return;
	} else {
		if (spec_parse(inode->text, strlen(inode->text), &daemon->options.defaults,
			    &spec) != OK ||
			!view_owner(engine, spec.names, &uid, &wall_ms))
			return;
	}
	st->st_uid = uid;
	times_fill(st, wall_ms);
}

bool entry_fill(struct daemon *daemon, uint64_t dir, const char *text, size_t len,
	struct fuse_entry_param *entry)
{
	struct inode *inode = inode_look_up(&daemon->inodes, (uint32_t)dir, text, len);
	bool comes_and_goes = dir == INODE_FREEZES || dir == INODE_LEASES;

	if (!inode)
		return false;
	*entry = (struct fuse_entry_param){.ino = inode->number};
	entry->entry_timeout = comes_and_goes ? 0 : ATTR_FOREVER;
	return attr_fill(daemon, inode->number, &entry->attr);
}

bool attr_fill(const struct daemon *daemon, uint64_t number, struct stat *st)
{
	const struct inode *inode = NULL;

	if (number >= INODE_FIRST && !(inode = inode_find(&daemon->inodes, number)))
		return false;
	*st = (struct stat){.st_ino = number,
		.st_mode = mode_of(number),
		.st_nlink = 1,
		.st_uid = geteuid(),
		.st_gid = getegid(),
		.st_blksize = 4096};
	times_fill(st, daemon->carry.head->started_wall_ms);
	if (S_ISDIR(st->st_mode))
		st->st_nlink = number == INODE_ROOT ? 6 : 2;
	if (number == INODE_AUDIT || number == INODE_AUDIT_JSONL) {
		uint64_t base = number == INODE_AUDIT ? 0 : daemon->carry.head->first;

		st->st_size = (off_t)(disk_end(&daemon->host.disk) - base);
		times_fill(st, clock_now().wall_ms);
	}
	if (inode)
		inode_fill(daemon, inode, st);
	return true;
}
