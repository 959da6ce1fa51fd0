/* The next index, mosaic.next: one decimal number. */
#ifndef MOSAIC_PAINT_NEXT_H
#define MOSAIC_PAINT_NEXT_H

#include <stdint.h>

/* Reads it. UINT64_MAX if it holds no number. */
uint64_t next_read(int fd);

/* Writes it and syncs it. Returns 0 or an errno. */
int next_write(int fd, uint64_t number);

#endif
