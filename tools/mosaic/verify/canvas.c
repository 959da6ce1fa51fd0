/* See canvas.h. */
#include "mosaic/verify/canvas.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mosaic/colour.h"
#include "mosaic/mosaic.h"
#include "mosaic/verify/verdict.h"

#define HEADER 64

struct canvas {
	const struct mosaic *mosaic;
	int fd;          /* not owned */
	uint32_t *index; /* by place; owned */
	bool *torn;      /* by index; owned */
	uint8_t *row;    /* of pixels, across all tiles; owned */
	size_t row_bytes;
	off_t header; /* bytes of it */
};

/* Reads `len` bytes; what is missing of them is black, which no tile is. Returns 0 or an errno. */
static int bytes_read(int fd, off_t at, uint8_t *bytes, size_t len)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = pread(fd, bytes + have, len - have, at + (off_t)have);

		if (n < 0 && errno != EINTR)
			return errno;
		if (n == 0)
			break;
		have += n > 0 ? (size_t)n : 0;
	}
	memset(bytes + have, 0, len - have);
	return 0;
}

/* Compares a row of pixels of the tiles of line `y`. Returns whether any is still whole. */
static bool row_judge(struct canvas *canvas, uint64_t y)
{
	const struct mosaic *mosaic = canvas->mosaic;
	const uint8_t *pixel = canvas->row;
	bool whole = false;

	for (uint64_t x = 0; x < mosaic->gx; x++) {
		uint32_t i = canvas->index[y * mosaic->gx + x];
		uint8_t rgb[3];

		colour_of(rgb, i, mosaic->seed);
		for (uint64_t k = 0; k < mosaic->tile; k++, pixel += 3)
			if (memcmp(pixel, rgb, 3) != 0)
				canvas->torn[i] = true;
		whole = whole || !canvas->torn[i];
	}
	return whole;
}

/* No further down a line of tiles than one of them is whole: so that a picture said to be huge, of
 * which there is nothing, takes no time. */
static int rows_judge(struct canvas *canvas)
{
	uint64_t edge = canvas->mosaic->tile;
	int err = 0;

	for (uint64_t y = 0; y < canvas->mosaic->gy && err == 0; y++) {
		bool whole = true;

		for (uint64_t k = 0; k < edge && whole && err == 0; k++) {
			err = bytes_read(canvas->fd,
				canvas->header + (off_t)((y * edge + k) * canvas->row_bytes),
				canvas->row, canvas->row_bytes);
			whole = row_judge(canvas, y);
		}
	}
	return err;
}

/* The header, which has one form here, and the size that goes with it. */
static int frame_judge(struct canvas *canvas, struct verdict *verdict)
{
	const struct mosaic *mosaic = canvas->mosaic;
	char want[HEADER], have[HEADER];
	int len = snprintf(want, sizeof(want), "P6\n%" PRIu64 " %" PRIu64 "\n255\n",
		mosaic->gx * mosaic->tile, mosaic->gy * mosaic->tile);
	off_t size = len + (off_t)(mosaic->gy * mosaic->tile * canvas->row_bytes);
	struct stat st;
	int err = bytes_read(canvas->fd, 0, (uint8_t *)have, (size_t)len);

	canvas->header = len;
	if (err || fstat(canvas->fd, &st) < 0)
		return err ? err : errno;
	if (memcmp(have, want, (size_t)len) != 0)
		verdict_break(verdict, INVARIANT_PICTURE, 0,
			"its header is not that of %" PRIu64 " by %" PRIu64 " pixels",
			mosaic->gx * mosaic->tile, mosaic->gy * mosaic->tile);
	if (st.st_size != size)
		verdict_break(verdict, INVARIANT_PICTURE, VERDICT_NO_TILE,
			"it has %jd bytes, not %jd", (intmax_t)st.st_size, (intmax_t)size);
	return 0;
}

int canvas_judge(const struct mosaic *mosaic, int fd, struct verdict *verdict)
{
	uint64_t total = mosaic_total(mosaic);
	struct canvas canvas = {.mosaic = mosaic,
		.fd = fd,
		.index = calloc(total, sizeof(canvas.index[0])),
		.torn = calloc(total, sizeof(canvas.torn[0])),
		.row_bytes = mosaic->gx * mosaic->tile * 3};
	int err = ENOMEM;

	canvas.row = malloc(canvas.row_bytes);
	if (canvas.index && canvas.torn && canvas.row) {
		for (uint32_t i = 0; i < total; i++)
			canvas.index[mosaic->places[i]] = i;
		err = frame_judge(&canvas, verdict);
		if (err == 0)
			err = rows_judge(&canvas);
		for (uint64_t i = 0; i < total && err == 0; i++)
			if (canvas.torn[i])
				verdict_break(verdict, INVARIANT_PICTURE, i,
					"tile %" PRIu64 " is not all of its colour", i);
	}
	free(canvas.index);
	free(canvas.torn);
	free(canvas.row);
	return err;
}
