/* What the kernel may ask of the file system. */
#ifndef FS_OPS_H
#define FS_OPS_H

struct daemon;
struct fuse_lowlevel_ops;

/* The table for fuse_session_new(); its user data is a struct daemon. */
extern const struct fuse_lowlevel_ops ops_table;

/* Replies to the closes that were handled: after the answers that somebody waits for. */
void releases_reply(struct daemon *daemon);

#endif
