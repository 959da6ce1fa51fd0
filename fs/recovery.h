/* The way back from the log: which lines count, and what they say. */
#ifndef FS_RECOVERY_H
#define FS_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/chain.h"
#include "core/engine.h"
#include "disk.h"

/* What recovery found.
 *
 * A line counts if its hash, its place in the chain and its content all agree; the first that does not
 * ends what is believed, and the rest is set aside. The newest file that begins with a line that counts
 * has the state; newer ones are set aside as a whole, and so are older ones that do not lead up to it.
 *
 * A last line that was cut short is no damage on the same boot: the daemon was killed while it wrote,
 * and nobody had been answered. The tokens of as much as it may have been writing are left out. Whatever else is
 * set aside or missing is damage: then nothing here says which tokens were granted, and the next one
 * is above the limit that the last checkpoint gave, and above what the file `tokens` says. */
struct recovery {
	char boot[DETAIL_MAX + 1];  /* of the daemon that wrote last; empty: there was none */
	char mount[DETAIL_MAX + 1]; /* of that daemon; empty: it did not say */
	bool running;               /* it did not say that it stopped */
	bool torn;                  /* its last line is cut short, and that is all */
	bool damaged;               /* more than that is missing, or was changed */
	bool another;               /* a line that was seen is another by now */
	uint64_t lines;             /* that were read */
	uint64_t events;            /* that the log has had in all */
	uint64_t holds, leases, freezes;
	uint64_t missing;  /* lines at the end that somebody had seen */
	uint64_t ahead_ms; /* how far the last line's time lies ahead of this machine's clock */
	uint64_t took_ms;
	bool no_memory;
};

/* What is known without the log: whose boot this is, and the last line that was seen in it; `seq` is
 * 0 if that is not known. */
struct known {
	const char *boot;
	struct chain_head head;
};

/* Reads the newest segment into `engine` and `chain`; disk::damage says what was set aside. False after
 * a message, for what may be read another time or by another version. */
bool recover(struct disk *disk, const struct known *known, struct engine **engine,
	struct chain *chain, struct recovery *recovery);

/* Says what was found in a word without blanks. */
void recovery_text(const struct recovery *recovery, char text[DETAIL_MAX + 1]);

/* Whether this program could go on from the log in that directory, which another daemon is writing:
 * changes nothing. False after a message. */
bool recovery_try(const char *state);

#endif
