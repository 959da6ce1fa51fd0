/* The ledger: one chained line for every tile, and the truth about what is painted. */
#ifndef MOSAIC_PAINT_LEDGER_H
#define MOSAIC_PAINT_LEDGER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "chain.h"

/* Where the ledger ends. */
struct ledger_end {
	uint64_t next;      /* one more than the last line's index; 0 if there is none */
	char h[CHAIN_HASH]; /* of the last line, or GENESIS */
	off_t size;         /* bytes up to and with the last whole line */
	bool cut;           /* behind it is a torn line, to be cut off */
};

/* What a line says, but for its chain. */
struct ledger_entry {
	uint64_t i, x, y;
	uint8_t rgb[3];
	const char *owner; /* user@host, needing no escapes in JSON */
	pid_t pid;
	uint64_t token; /* of the hold it is written under; 0: no lock */
};

/* Finds the end from the file's last few bytes. A torn last line is passed over; with `repair`,
 * which only the lock's holder may ask for, ledger_append() cuts it off. Returns 0 or an errno;
 * EBADMSG if the last line is not one of a ledger. */
int ledger_find_end(int fd, bool repair, struct ledger_end *end);

/* Whether the ledger has a line of tile `i`: reads all of it. 0 or an errno. */
int ledger_find(int fd, uint64_t i, bool *there);

struct ledger_line {
	char text[1024];
	size_t len;
};

/* Writes an entry as a line, stamped with the time and chained to `end`: all that takes its time,
 * so that little is left between the last look at the hold and the append. 0 or an errno. */
int ledger_compose(
	struct ledger_line *line, const struct ledger_end *end, const struct ledger_entry *entry);

/* Appends the line by one write(2) to a descriptor opened with O_APPEND, and syncs it. Returns 0
 * or an errno, and then nothing was appended, or it may not outlive the machine. */
int ledger_append(int fd, const struct ledger_end *end, const struct ledger_line *line);

#endif
