/* A worker: a process that takes the lock, paints the next tile, and enters it in the ledger. */
#ifndef MOSAIC_WORKER_H
#define MOSAIC_WORKER_H

struct mosaic;

/* Works until all tiles are painted or SIGTERM asks it to stop, which it does after the tile it is
 * at. Uses nothing but open, read, write and close on the mount and on the mosaic's files. Returns
 * the process's exit code: 0, or 1 after an error it cannot go on from (which it has reported). */
int worker_run(const struct mosaic *mosaic);

#endif
