/* The state directory, and the lock that keeps a second daemon out. */
#ifndef FS_DIRECTORY_H
#define FS_DIRECTORY_H

#include <stdbool.h>

/* Opens the directory; if `make`, it is made if it is not there. A descriptor; -1 after a message. */
int directory_open(const char *path, bool make);

/* Takes its lock, for as long as the descriptor is open, which is of the file `lock`: that says who has
 * it. -1 after a message, or with errno set. */
int directory_lock(int dir, const char *path);
int directory_try_lock(int dir);

/* Takes the lock of the directory, made if it is not there, for the supervisor; whoever is refused reads in it
 * what is mounted. A descriptor; -1 after a message. */
int directory_claim(const char *path, const char *mountpoint);

/* Whether `lock` is this directory's. */
bool directory_locked_by(int dir, int lock);

/* Opens the directory that a lock is in, wherever that has been moved to. -1 if it is nowhere. */
int directory_of(int lock);

/* Whether the path still leads to it. */
bool directory_there(int dir, const char *path);

#endif
