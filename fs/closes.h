/* Whether a file of a mount that is gone is open still, wherever its descriptor went: inotify(7) tells when it
 * is closed for good, by the last process that had it, be it on its way through a socket or as a mapping
 * alone. What cannot be watched is not known to be open. */
#ifndef FS_CLOSES_H
#define FS_CLOSES_H

#include "search.h"

/* What is listened to. All zero: nothing yet. */
struct closes {
	int fd; /* of inotify(7), plus 1 */
};

/* Listens to the file that was found, from now on. A number for it, which others that are the same file have
 * too; 0: it cannot be, or is not open there any more. Only while the search tells of it. */
int closes_watch(struct closes *closes, const struct finding *finding);

/* The number of a file that was closed since; 0: there is no more of them. Another may have it open. */
int closes_next(const struct closes *closes);

void closes_finish(struct closes *closes);

#endif
