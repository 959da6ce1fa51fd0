/* See claims.h. */
#include "mosaic/paint/claims.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "mosaic/colour.h"
#include "mosaic/mosaic.h"

#define PIECE 4096 /* read at once */

int claims_create(const struct mosaic *mosaic)
{
	int fd = mosaic_make(mosaic->dir, MOSAIC_CLAIMS);
	uint64_t left = mosaic_total(mosaic);
	char piece[PIECE];
	ssize_t n = 0;

	if (fd < 0)
		return -1;
	memset(piece, CLAIMS_FREE, sizeof(piece));
	errno = ENOSPC;
	while (left > 0 && (n = write(fd, piece, left < PIECE ? left : PIECE)) > 0)
		left -= (uint64_t)n;
	close(fd);
	return left == 0 ? 0 : -1;
}

int claims_read(int fd, uint64_t i, char *mark)
{
	ssize_t n = pread(fd, mark, 1, (off_t)i);

	if (n == 0)
		*mark = CLAIMS_HELD;
	return n < 0 ? errno : 0;
}

int claims_write(int fd, uint64_t i, char mark)
{
	ssize_t n = pwrite(fd, &mark, 1, (off_t)i);

	return n == 1 ? 0 : n < 0 ? errno : ENOSPC;
}

/* The k-th that is found takes the place of the one before with a chance of 1 in k. */
int claims_pick(int fd, uint64_t total, uint64_t random, uint64_t *i)
{
	uint64_t found = 0;
	char piece[PIECE];

	*i = total;
	for (uint64_t from = 0; from < total; from += PIECE) {
		memset(piece, CLAIMS_HELD, sizeof(piece));
		if (pread(fd, piece, sizeof(piece), (off_t)from) < 0)
			return errno;
		for (uint64_t k = 0; k < PIECE && from + k < total; k++) {
			if (piece[k] == CLAIMS_DONE)
				continue;
			found++;
			if (splitmix64(random + found) % found == 0)
				*i = from + k;
		}
	}
	return 0;
}
