/* What has become of each tile of a mosaic in two phases, mosaic.claims: a byte a tile. */
#ifndef MOSAIC_PAINT_CLAIMS_H
#define MOSAIC_PAINT_CLAIMS_H

#include <stdint.h>

struct mosaic;

#define CLAIMS_FREE '.' /* nobody has painted at it */
#define CLAIMS_HELD 'c' /* somebody has it, or had it when he died; it may be in the ledger */
#define CLAIMS_DONE '#' /* it is in the ledger */

/* Makes the file, all free. Returns 0, or -1 with errno. */
int claims_create(const struct mosaic *mosaic);

/* Reads and writes the mark of tile `i`. What is not in the file reads as held: one has to look
 * into the ledger. 0 or an errno. */
int claims_read(int fd, uint64_t i, char *mark);
int claims_write(int fd, uint64_t i, char mark);

/* Sets `*i` to one of the tiles that are not done, each as likely as another, as `random` has it;
 * to `total` if all are. 0 or an errno. */
int claims_pick(int fd, uint64_t total, uint64_t random, uint64_t *i);

#endif
