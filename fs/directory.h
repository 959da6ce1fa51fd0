/* The state directory, and the lock that keeps a second daemon out. */
#ifndef FS_DIRECTORY_H
#define FS_DIRECTORY_H

/* Opens the directory, made if it is not there. A descriptor; -1 after a message. */
int directory_open(const char *path);

/* Takes its lock, for as long as the descriptor is open. -1 after a message. */
int directory_lock(int dir, const char *path);

#endif
