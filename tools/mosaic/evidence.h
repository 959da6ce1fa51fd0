/* What the audit says of the mosaic's lock while it is painted: what a verdict is made of. */
#ifndef MOSAIC_EVIDENCE_H
#define MOSAIC_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "mosaic/tail.h"
#include "when.h"

struct mosaic;

struct evidence {
	const struct mosaic *mosaic;
	struct tail tail;
	uint64_t renewals;
	uint64_t denied; /* refusals because of a freeze */
	uint64_t events; /* of every kind and name */
	bool freezing;   /* the planned freeze was begun: look for it */
	pid_t victim;    /* whose end is looked for; 0: nobody's */
	bool lifted;     /* the freeze did not run out: somebody lifted it */
	/* When the lock was frozen, when that was over, when the victim's hold was ended, and when
	 * damage of the log was found, as the audit has it; "": not yet. */
	char frozen[WHEN_STAMP], thawed[WHEN_STAMP], recovered[WHEN_STAMP], corrupt[WHEN_STAMP];
};

/* Begins with what happens from now on; without a lock there is nothing to see. */
void evidence_open(struct evidence *evidence, const struct mosaic *mosaic);
void evidence_close(struct evidence *evidence);

/* Takes in what came since the last time. */
void evidence_pull(struct evidence *evidence);

#endif
