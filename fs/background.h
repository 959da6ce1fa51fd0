/* Going into the background: whoever started the program waits until the mount serves, and no longer. */
#ifndef FS_BACKGROUND_H
#define FS_BACKGROUND_H

/* Goes on in a child, in a session of its own. The parent waits there for background_done(), and ends with
 * its word. What it is told by; -1: it cannot be. */
int background_begin(void);

/* Lets the parent go, if there is one (-1), and leaves its terminal and its directory. */
void background_done(int launcher);

/* The same for a process that nobody waits for. */
void background_leave(void);

#endif
