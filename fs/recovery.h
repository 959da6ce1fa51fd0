/* The way back from the log: which lines count, and what they say. */
#ifndef FS_RECOVERY_H
#define FS_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "core/chain.h"
#include "core/engine.h"
#include "disk.h"

/* What recovery found. */
struct recovery {
	char boot[DETAIL_MAX + 1];  /* of the daemon that wrote last; empty: there was none */
	bool running;               /* it did not say that it stopped */
	uint64_t holds;             /* that were open when it went */
	char aside[DETAIL_MAX + 1]; /* the file that the damaged end went to; empty: none */
	uint64_t aside_bytes;
	bool no_memory;
};

/* Reads the newest segment into `engine` and `chain`. What fails its check is set aside, and an
 * older segment is read if nothing is left of it. False after a message. */
bool recover(
	struct disk *disk, struct engine **engine, struct chain *chain, struct recovery *recovery);

#endif
