/* Memory that fails when a test says so. Linked with --wrap, so that each call of core/ and of the test
 * comes through here. */
#ifndef TESTS_CORE_MEMORY_H
#define TESTS_CORE_MEMORY_H

#include "story.h"

#define ENOUGH 1000000000 /* of allocations before one fails */

extern struct memory {
	bool inside;   /* only what core/ allocates may fail */
	long left;     /* until one fails */
	bool for_good; /* all after it fail too; else none */
	long failed;
	long blocks;  /* that are not yet freed */
	size_t bytes; /* that core/ asked for */
} memory;

/* The n-th allocation of core/ from now on fails; and, if `for_good`, every one after it. */
void memory_fail(long n, bool for_good);

/* Has memory fail in the steps of this world from now on, and checks in each that who is denied for it
 * has changed nothing. */
void memory_watch(struct world *world);

#endif
