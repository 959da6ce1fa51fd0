/* An open file whose text was made when it was opened: a view of the state, or a directory. */
#ifndef FS_TEXT_FILE_H
#define FS_TEXT_FILE_H

#include "core/text.h"
#include "handle.h"
#include "request.h"

/* Who opened it is charged for it while it is open. */
struct text_file {
	struct handle handle;
	struct request request; /* of the open, until it is answered */
	struct text text;
	enum carry_kind kind;
	uint64_t inode, unique; /* of the file, and of the request for it */
	uint32_t uid, charged;  /* who opened it, and for how many KiB he is charged */
	bool stale;             /* the text went with an earlier server: only its length is known */
};

/* Replies to the open of `file`, which it takes over: as it is, or with an error, when the text could not be
 * made or the opener has too much open already; then free() ends it. */
void text_file_open(struct daemon *daemon, fuse_req_t req, struct text_file *file);

/* Whether a read at `offset` can be served, of a text that may have gone with its server: who begins again
 * gets a fresh one, who had read to the end is there, and who is half through is told ESTALE: false,
 * after a reply. */
bool text_file_ready(struct text_file *file, fuse_req_t req, off_t offset,
	void (*render)(struct daemon *, struct text_file *), struct daemon *daemon);

/* Goes on with one that was open before the restart. */
void text_file_revive(struct daemon *daemon, struct text_file *file, struct carry_file *kept);

/* Gives back what the opener was charged. The file is then free()d. */
void text_file_close(struct daemon *daemon, struct text_file *file);

/* Replies with the part of `text` that a read asks for. */
void reply_part(fuse_req_t req, const struct text *text, size_t size, off_t offset);

#endif
