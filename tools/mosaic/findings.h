/* The verdict of a scenario: what was to be seen of it, and whether it was. */
#ifndef MOSAIC_FINDINGS_H
#define MOSAIC_FINDINGS_H

#include <stdbool.h>
#include <sys/types.h>

struct evidence;
struct hooks;
struct mosaic;
struct plan;
struct reports;
struct verdict;

/* What a run has left to judge. */
struct findings {
	const struct mosaic *mosaic;
	const struct plan *plan;
	const struct hooks *hooks;
	const struct evidence *evidence;
	const struct reports *reports;
	const pid_t *impatient;        /* mosaic->impatient pids */
	const struct verdict *verdict; /* NULL: it could not be judged */
};

/* Prints a line for each thing that plan and scenario wanted to be seen. True if all of them were;
 * without any wish: true, and nothing is printed. */
bool findings_print(const struct findings *findings);

#endif
