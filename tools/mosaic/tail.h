/* The events of the audit from now on, also past the end of a lock service that comes back. */
#ifndef MOSAIC_TAIL_H
#define MOSAIC_TAIL_H

#include <stdbool.h>
#include <stdint.h>

#include "lines.h"
#include "when.h"

struct mosaic;

struct tail {
	const struct mosaic *mosaic;
	int fd; /* owned; -1: none now */
	struct lines lines;
	bool again;            /* it was opened once more: what was seen comes anew */
	char last[WHEN_STAMP]; /* when the last event was that was handed out */
	int64_t retry_ms;      /* when to open it once more */
};

/* Begins at the end of the log; without a lock there is nothing to come. */
void tail_open(struct tail *tail, const struct mosaic *mosaic);
void tail_close(struct tail *tail);

/* The next line, valid until the next call; NULL if there is none yet. */
char *tail_next(struct tail *tail);

#endif
