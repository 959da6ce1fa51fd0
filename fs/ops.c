/* The kernel's requests, each handed to the file it is about. See ops.h; the table comes last. */
#include "ops.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "core/freeze.h"
#include "daemon.h"
#include "errors.h"
#include "handle.h"
#include "request.h"

static struct daemon *daemon_of(fuse_req_t req)
{
	struct daemon *daemon = fuse_req_userdata(req);

	daemon->heard = true;
	return daemon;
}

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
	struct daemon *daemon = userdata;

	conn->want &= ~(unsigned)(FUSE_CAP_READDIRPLUS | FUSE_CAP_SPLICE_READ |
		FUSE_CAP_SPLICE_WRITE | FUSE_CAP_SPLICE_MOVE);
	conn->max_background = 65535; /* or opens overtake releases: fact 3 */
	conn->congestion_threshold = 65535;
	daemon->ready = true;
}

/* Whether `text` may be looked up in locks/, leases/, freezes/ or status/. OK or the error to reply; `len` is
 * cut to what the inode is to be called. */
static enum err name_accept(
	const struct daemon *daemon, uint64_t dir, const char *text, size_t *len)
{
	struct spec spec;
	size_t suffix = strlen(STATUS_SUFFIX);

	switch (dir) {
	case INODE_LOCKS: return spec_parse(text, *len, &daemon->options.defaults, &spec);
	case INODE_LEASES: return lease_parse(text, *len, &spec);
	case INODE_FREEZES: return strcmp(text, FREEZE_ALL) == 0 ? OK : name_check(text, *len);
	case INODE_STATUS:
		if (*len <= suffix || strcmp(text + *len - suffix, STATUS_SUFFIX) != 0)
			return ERR_ABSENT;
		*len -= suffix;
		return name_check(text, *len);
	default: return ERR_ABSENT;
	}
}

static void entry_reply(struct daemon *daemon, fuse_req_t req, struct fuse_entry_param *entry)
{
	if (fuse_reply_entry(req, entry) != 0 && entry->ino >= INODE_FIRST)
		inode_forget(&daemon->inodes, entry->ino, 1);
}

/* Whether there is a freeze or a lease of this name; the other files always are. */
static bool is_there(const struct daemon *daemon, uint64_t dir, const char *name)
{
	struct spec spec;

	if (dir == INODE_FREEZES)
		return freeze_find(daemon->host.engine, name) != NULL;
	if (dir == INODE_LEASES)
		return lease_parse(name, strlen(name), &spec) == OK &&
			engine_lease(daemon->host.engine, spec.names) != 0;
	return true;
}

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct daemon *daemon = daemon_of(req);
	struct fuse_entry_param entry = {.entry_timeout = ATTR_FOREVER};
	size_t len = strlen(name);
	enum err err;

	if (parent == INODE_ROOT) {
		entry.ino = inode_fixed(name);
		if (entry.ino && attr_fill(daemon, entry.ino, &entry.attr))
			fuse_reply_entry(req, &entry);
		else
			fuse_reply_err(req, ENOENT);
		return;
	}
	err = name_accept(daemon, parent, name, &len);
	if (err == OK && !is_there(daemon, parent, name))
		err = ERR_ABSENT;
	if (err != OK)
		fuse_reply_err(req, errno_of(err));
	else if (!entry_fill(daemon, parent, name, len, &entry))
		fuse_reply_err(req, ENOMEM);
	else
		entry_reply(daemon, req, &entry);
}

static void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t lookups)
{
	inode_forget(&daemon_of(req)->inodes, ino, lookups);
	fuse_reply_none(req);
}

static void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct stat st;

	(void)fi;
	if (attr_fill(daemon_of(req), ino, &st))
		fuse_reply_attr(req, &st, 0);
	else
		fuse_reply_err(req, ESTALE);
}

/* Size and times may be "set", so that `>` and touch work; only a lease is renewed by it. */
static void op_setattr(
	fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *fi)
{
	struct daemon *daemon = daemon_of(req);
	const struct inode *inode = ino >= INODE_FIRST ? inode_find(&daemon->inodes, ino) : NULL;
	const int times = FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME |
		FUSE_SET_ATTR_MTIME_NOW;
	struct stat st;

	(void)attr;
	if (to_set & (FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID))
		fuse_reply_err(req, EPERM);
	else if ((to_set & FUSE_SET_ATTR_SIZE) && attr_fill(daemon, ino, &st) &&
		!(st.st_mode & 0222)) /* as of a file in /proc */
		fuse_reply_err(req, EACCES);
	else if (inode && inode->dir == INODE_LEASES && (to_set & times))
		lease_touch(daemon, req, inode);
	else
		op_getattr(req, ino, fi);
}

static void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct daemon *daemon = daemon_of(req);
	const struct inode *inode = NULL;

	if (ino >= INODE_FIRST && !(inode = inode_find(&daemon->inodes, ino)))
		fuse_reply_err(req, ESTALE);
	else if (ino == INODE_AUDIT || ino == INODE_AUDIT_JSONL)
		audit_open(daemon, req, ino == INODE_AUDIT, fi);
	else if (ino == INODE_RENEW)
		renew_open(daemon, req, fi);
	else if (inode && inode->dir == INODE_LOCKS)
		hold_open(daemon, req, inode, fi);
	else if (inode && inode->dir == INODE_LEASES)
		lease_file_open(daemon, req, inode->text, ino, fi);
	else if (inode && inode->dir == INODE_FREEZES)
		freeze_open(daemon, req, inode, fi);
	else
		view_open(daemon, req, ino, fi);
}

static void op_create(
	fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, struct fuse_file_info *fi)
{
	struct daemon *daemon = daemon_of(req);
	struct fuse_entry_param entry;
	size_t len = strlen(name);
	enum err err = name_accept(daemon, parent, name, &len);

	(void)mode;
	if (err == OK && parent == INODE_LEASES) {
		lease_file_open(daemon, req, name, 0, fi);
		return;
	}
	if (parent != INODE_FREEZES) {
		fuse_reply_err(req, err == OK || err == ERR_ABSENT ? EPERM : errno_of(err));
		return;
	}
	if (err != OK || !entry_fill(daemon, parent, name, len, &entry)) {
		fuse_reply_err(req, err != OK ? errno_of(err) : ENOMEM);
		return;
	}
	freeze_create(daemon, req, inode_find(&daemon->inodes, entry.ino), &entry, fi);
}

static void op_read(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	struct handle *handle = handle_find(daemon_of(req), fi->fh);

	(void)ino;
	if (handle && handle->type->read)
		handle->type->read(daemon_of(req), handle, req, size, off, fi->flags);
	else
		fuse_reply_err(req, handle ? EBADF : ESTALE);
}

static void op_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
	struct fuse_file_info *fi)
{
	struct handle *handle = handle_find(daemon_of(req), fi->fh);

	(void)ino;
	(void)off;
	if (handle && handle->type->write)
		handle->type->write(daemon_of(req), handle, req, buf, size);
	else
		fuse_reply_err(req, handle ? EBADF : ESTALE);
}

static void op_poll(
	fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, struct fuse_pollhandle *poll)
{
	struct handle *handle = handle_find(daemon_of(req), fi->fh);
	unsigned ready = POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM;

	(void)ino;
	if (!handle)
		ready = POLLERR | POLLHUP;
	if (handle && handle->type->poll)
		ready = handle->type->poll(daemon_of(req), handle, poll);
	else if (poll)
		fuse_pollhandle_destroy(poll);
	fuse_reply_poll(req, ready);
}

void releases_reply(struct daemon *daemon)
{
	for (size_t i = 0; i < daemon->n_releases; i++) {
		if (daemon->releases[i].file)
			carry_file_remove(&daemon->carry, daemon->releases[i].file);
		fuse_reply_err(daemon->releases[i].req, 0);
	}
	daemon->n_releases = 0;
}

static void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct daemon *daemon = daemon_of(req);
	struct handle *handle = handle_find(daemon, fi->fh);
	struct carry_file *file = handle ? handle_release(daemon, handle) : NULL;

	(void)ino;
	if (daemon->n_releases == RELEASES_MAX) {
		host_flush(&daemon->host); /* a close that was answered does not come again */
		releases_reply(daemon);
	}
	daemon->releases[daemon->n_releases].req = req;
	daemon->releases[daemon->n_releases++].file = file;
}

static void op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct daemon *daemon = daemon_of(req);
	struct event event = {.kind = EVENT_UNFREEZE, .name = name};
	struct spec spec;
	size_t len = strlen(name);
	enum err err = name_accept(daemon, parent, name, &len);

	if (parent == INODE_LOCKS && err == OK) {
		spec_parse(name, len, &daemon->options.defaults, &spec);
		event.kind = EVENT_BREAK;
		event.name = spec.names;
		event.token = spec.token;
	} else if (parent == INODE_LEASES && err == OK) {
		lease_parse(name, len, &spec);
		event.kind = EVENT_LEASE_REMOVE;
		event.spec = &spec;
	}
	if (parent != INODE_LOCKS && parent != INODE_LEASES && parent != INODE_FREEZES)
		fuse_reply_err(req, EPERM);
	else if (err != OK)
		fuse_reply_err(req, errno_of(err));
	else
		request_command(daemon, req, &event, 0);
}

static void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	(void)fi;
	dir_open(daemon_of(req), req, ino);
}

static void op_readdir(
	fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	struct handle *handle = handle_find(daemon_of(req), fi->fh);

	if (handle && dir_is(handle))
		dir_read(daemon_of(req), req, ino, handle, size, off);
	else
		fuse_reply_err(req, handle ? EBADF : ESTALE);
}

static void op_statfs(fuse_req_t req, fuse_ino_t ino)
{
	struct statvfs st = {.f_bsize = 4096, .f_frsize = 4096, .f_namemax = SPEC_MAX};

	(void)ino;
	fuse_reply_statfs(req, &st);
}

/* What the modes say, for test(1) and its like; rights are decided by the requests themselves. */
static void op_access(fuse_req_t req, fuse_ino_t ino, int mask)
{
	struct stat st;

	if (!attr_fill(daemon_of(req), ino, &st))
		fuse_reply_err(req, ESTALE);
	else if (((mask & W_OK) && !(st.st_mode & 0222)) ||
		((mask & R_OK) && !(st.st_mode & 0444)) || ((mask & X_OK) && !(st.st_mode & 0111)))
		fuse_reply_err(req, EACCES);
	else
		fuse_reply_err(req, 0);
}

static void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t dev)
{
	(void)parent, (void)name, (void)mode, (void)dev;
	fuse_reply_err(req, EPERM);
}

static void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	op_mknod(req, parent, name, mode, 0);
}

static void op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	op_mknod(req, parent, name, 0, 0);
}

static void op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name)
{
	(void)target;
	op_mknod(req, parent, name, 0, 0);
}

static void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t to,
	const char *new_name, unsigned flags)
{
	(void)to, (void)new_name, (void)flags;
	op_mknod(req, parent, name, 0, 0);
}

static void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	(void)ino;
	op_mknod(req, parent, name, 0, 0);
}

/* FLUSH is left out: libfuse answers ENOSYS and the kernel asks no more (fact 2). */
const struct fuse_lowlevel_ops ops_table = {
	.init = op_init,
	.lookup = op_lookup,
	.forget = op_forget,
	.getattr = op_getattr,
	.setattr = op_setattr,
	.mknod = op_mknod,
	.mkdir = op_mkdir,
	.unlink = op_unlink,
	.rmdir = op_rmdir,
	.symlink = op_symlink,
	.rename = op_rename,
	.link = op_link,
	.open = op_open,
	.read = op_read,
	.write = op_write,
	.release = op_release,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.releasedir = op_release,
	.statfs = op_statfs,
	.access = op_access,
	.create = op_create,
	.poll = op_poll,
};
