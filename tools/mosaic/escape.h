/* The way out while the mount hangs: who waits for a daemon that was stopped hears no signal but
 * SIGKILL (facts of FUSE: a request that was read is waited for). */
#ifndef MOSAIC_ESCAPE_H
#define MOSAIC_ESCAPE_H

/* Starts a thread that kills this process once a signal that asks it to end has been pending for some
 * seconds. All those signals must be blocked, and read by somebody who does so at once unless it hangs;
 * renderer, workers and keeper end with the process. Returns 0 or an errno. */
int escape_open(void);

/* Ends the thread. Nothing if there is none. */
void escape_close(void);

#endif
