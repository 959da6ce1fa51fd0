/* An open file, of whatever kind: what reading, writing, polling and closing it mean. */
#ifndef FS_HANDLE_H
#define FS_HANDLE_H

#include <sys/types.h>

#include "carry.h"
#include "core/list.h"
#include "fuse.h"

struct daemon;
struct handle;
struct inode;

/* NULL for what the kind does not do: EBADF. Each replies, now or later, once. */
struct handle_type {
	void (*read)(struct daemon *daemon, struct handle *handle, fuse_req_t req, size_t size,
		off_t offset, int flags);
	void (*write)(struct daemon *daemon, struct handle *handle, fuse_req_t req,
		const char *data, size_t size);
	/* What is ready, as poll(2) says it; takes over `poll`, which may be NULL. */
	unsigned (*poll)(
		struct daemon *daemon, struct handle *handle, struct fuse_pollhandle *poll);
	void (*release)(struct daemon *daemon, struct handle *handle);
};

/* The first member of every kind. */
struct handle {
	const struct handle_type *type;
	union {
		struct carry_file *file; /* once it is open: what the next server would need */
		struct {                 /* before that, of a lock: what is opened, and … */
			uint64_t inode : 40;
			uint64_t wait : 24; /* … the entry of its request, see carry_wait */
		} asked;
	};
};

/* Makes a handle of this kind that is not open yet. */
void handle_init(struct handle *handle, const struct handle_type *type);

/* The next open file after place `*at` in the table, and its place; NULL: no more. Begin with 0. */
struct handle *handle_next(const struct daemon *daemon, uint64_t *at);

/* The open file that the kernel means, or NULL. */
struct handle *handle_find(const struct daemon *daemon, uint64_t fh);

/* Makes a handle for a file that was open before the restart. */
void handle_revive(struct handle *handle, struct carry_file *file);

/* What opens a file of each kind: each replies, now or later, once. */
void hold_open(struct daemon *daemon, fuse_req_t req, const struct inode *inode,
	struct fuse_file_info *fi);
/* `inode` 0: it is to be created. */
void lease_file_open(struct daemon *daemon, fuse_req_t req, const char *text, uint64_t inode,
	const struct fuse_file_info *fi);
void freeze_open(struct daemon *daemon, fuse_req_t req, const struct inode *inode,
	struct fuse_file_info *fi);
void freeze_create(struct daemon *daemon, fuse_req_t req, const struct inode *inode,
	const struct fuse_entry_param *entry, struct fuse_file_info *fi);
void renew_open(struct daemon *daemon, fuse_req_t req, struct fuse_file_info *fi);
void audit_open(struct daemon *daemon, fuse_req_t req, bool follow, struct fuse_file_info *fi);
void view_open(struct daemon *daemon, fuse_req_t req, uint64_t number, struct fuse_file_info *fi);

void dir_open(struct daemon *daemon, fuse_req_t req, uint64_t number);

/* What goes on with a file that was open before the restart. False: it cannot, and is no file any more. */
bool hold_revive(struct daemon *daemon, struct carry_file *file);
bool lease_file_revive(struct daemon *daemon, struct carry_file *file);
bool freeze_revive(struct daemon *daemon, struct carry_file *file);
bool renew_revive(struct carry_file *file);
bool audit_revive(struct daemon *daemon, struct carry_file *file);
bool view_revive(struct daemon *daemon, struct carry_file *file);
bool dir_revive(struct daemon *daemon, struct carry_file *file);

/* Whether this is an open directory. */
bool dir_is(const struct handle *handle);

/* Replies with a part of an open directory. Offsets are places in the names: where the next one begins. */
void dir_read(struct daemon *daemon, fuse_req_t req, uint64_t number, struct handle *handle,
	size_t size, off_t offset);

/* Renews a lease whose times are set, and replies with its attributes. */
void lease_touch(struct daemon *daemon, fuse_req_t req, const struct inode *inode);

/* Replies to request `unique` that the file is open as `handle`; `filled` says what the next server would need
 * to know of it. The kernel keeps none of its bytes. If nobody is there to have it, and so nobody to
 * close it, or there are too many, handles_close() will. */
void handle_reply_open(struct daemon *daemon, fuse_req_t req, uint64_t unique,
	struct handle *handle, const struct carry_file *filled);

/* The same for a file that was just created. */
void handle_reply_create(struct daemon *daemon, fuse_req_t req, uint64_t unique,
	const struct fuse_entry_param *entry, struct handle *handle,
	const struct carry_file *filled);

/* Closes a handle, whatever its kind. Its entry in the table is left, or NULL, to be removed once what follows
 * from the closing is in the log. */
struct carry_file *handle_release(struct daemon *daemon, struct handle *handle);

/* Closes those that nobody is there to have; and all, at the end. */
void undelivered_close(struct daemon *daemon);
void handles_close(struct daemon *daemon);

/* A written command without the newline that echo adds. */
static inline size_t command_len(const char *data, size_t size)
{
	return size > 0 && data[size - 1] == '\n' ? size - 1 : size;
}

/* Renders what waited for the batch's answers; wakes the readers of new events; on `stopping`, all
 * of them. */
void views_open(struct daemon *daemon);
void audit_wake(struct daemon *daemon);

#endif
