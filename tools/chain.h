/* The hash chain of the contract: a line ends with the SHA-256 of itself and of the h before. */
#ifndef TOOLS_CHAIN_H
#define TOOLS_CHAIN_H

#include <stdbool.h>
#include <stddef.h>

#define CHAIN_HASH 65         /* room for a hash in hex */
#define CHAIN_FIRST "GENESIS" /* the prev of a first line */

/* Appends the chain's two members to `line`, which holds a JSON object up to and without its last
 * brace, in `room` bytes: `,"prev":"…","h":"…"}` and a newline. `h` gets the new hash. Returns the
 * length of the whole, or 0 if it does not fit. */
size_t chain_seal(char *line, size_t room, const char *prev, char h[CHAIN_HASH]);

/* Checks the h of a line without its newline: true if it is the hash of the line after `prev`, as
 * the line itself names it. Copies both out as far as they are there (else ""). */
bool chain_check(const char *line, size_t len, char prev[CHAIN_HASH], char h[CHAIN_HASH]);

#endif
