/* See picture.h. */
#include "mosaic/paint/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mosaic/mosaic.h"

#define HEADER 64
#define ROW_MAX (TILE_MAX * 3) /* bytes of a row of one tile */

static int header_write(const struct mosaic *mosaic, char out[HEADER])
{
	return snprintf(out, HEADER, "P6\n%" PRIu64 " %" PRIu64 "\n255\n",
		mosaic->gx * mosaic->tile, mosaic->gy * mosaic->tile);
}

/* Where row `row` of tile `i` begins in the file. */
static off_t row_offset(const struct mosaic *mosaic, uint64_t i, uint64_t row)
{
	char header[HEADER];
	uint64_t place = i < mosaic_total(mosaic) ? mosaic->places[i] : i;
	uint64_t line = place / mosaic->gx * mosaic->tile + row;
	uint64_t pixel = (line * mosaic->gx + place % mosaic->gx) * mosaic->tile;

	return header_write(mosaic, header) + (off_t)pixel * 3;
}

int picture_create(const struct mosaic *mosaic)
{
	int fd = mosaic_make(mosaic->dir, MOSAIC_PICTURE);
	char header[HEADER];
	ssize_t len = header_write(mosaic, header);
	int done;

	if (fd < 0)
		return -1;
	done = write(fd, header, (size_t)len) == len &&
		ftruncate(fd, row_offset(mosaic, mosaic_total(mosaic), 0)) == 0;
	close(fd);
	return done ? 0 : -1;
}

static int tile_clear(const struct mosaic *mosaic, int fd, uint64_t i)
{
	static const uint8_t black[ROW_MAX];
	size_t len = mosaic->tile * 3;

	errno = 0;
	for (uint64_t row = 0; row < mosaic->tile; row++)
		if (pwrite(fd, black, len, row_offset(mosaic, i, row)) != (ssize_t)len)
			return errno ? errno : ENOSPC;
	return 0;
}

/* Adds the colour to `len` bytes of a row, from byte `from` of it on. */
static int row_add(int fd, off_t row, size_t from, size_t len, const uint8_t rgb[3])
{
	uint8_t bytes[ROW_MAX];
	off_t at = row + (off_t)from;

	errno = 0;
	if (pread(fd, bytes, len, at) != (ssize_t)len)
		return errno ? errno : EIO;
	for (size_t k = 0; k < len; k++)
		bytes[k] = (uint8_t)(bytes[k] + rgb[(from + k) % 3]);
	if (pwrite(fd, bytes, len, at) != (ssize_t)len)
		return errno ? errno : ENOSPC;
	return 0;
}

/* Adds the colour to the bytes [from, to) of a tile, counted through its rows. */
static int bytes_add(const struct mosaic *mosaic, int fd, uint64_t i, uint64_t from, uint64_t to,
	const uint8_t rgb[3])
{
	uint64_t width = mosaic->tile * 3;
	int err = 0;

	while (from < to && err == 0) {
		uint64_t column = from % width, len = width - column;

		if (len > to - from)
			len = to - from;
		err = row_add(fd, row_offset(mosaic, i, from / width), column, len, rgb);
		from += len;
	}
	return err;
}

static uint64_t tile_bytes(const struct mosaic *mosaic)
{
	return mosaic->tile * mosaic->tile * 3;
}

uint64_t picture_chunks(const struct mosaic *mosaic)
{
	return (tile_bytes(mosaic) + mosaic->chunk_size - 1) / mosaic->chunk_size;
}

static int chunk_add(
	const struct mosaic *mosaic, int fd, uint64_t i, uint64_t chunk, const uint8_t rgb[3])
{
	uint64_t from = chunk * mosaic->chunk_size, left = tile_bytes(mosaic) - from;
	int err = chunk == 0 ? tile_clear(mosaic, fd, i) : 0;

	if (left > mosaic->chunk_size)
		left = mosaic->chunk_size;
	return err ? err : bytes_add(mosaic, fd, i, from, from + left, rgb);
}

int picture_paint(const struct mosaic *mosaic, int fd, uint64_t i, const uint8_t rgb[3],
	const struct brush *brush)
{
	uint64_t chunks = picture_chunks(mosaic);
	int err = 0;

	for (uint64_t chunk = 0; chunk < chunks && err == 0; chunk++) {
		err = brush->before(brush->context, chunk);
		if (err)
			break;
		err = chunk_add(mosaic, fd, i, chunk, rgb);
		brush->after(brush->context);
	}
	return err;
}
