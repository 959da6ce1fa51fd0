/* A line of the ledger, read as strictly as it is written. */
#ifndef MOSAIC_VERIFY_ENTRY_H
#define MOSAIC_VERIFY_ENTRY_H

#include <stddef.h>
#include <stdint.h>

struct entry {
	uint64_t i, x, y, rgb[3], pid, token;
};

/* Reads a line without its newline, NUL-terminated. The chain hashes bytes, so there is one way to
 * write a line (ledger_compose): whatever differs by a byte from it is none, be it good JSON.
 * Returns NULL, or the word for what is not as it should be. */
const char *entry_parse(struct entry *entry, const char *line, size_t len);

#endif
