/* The names of status.json as rows of a table: which, and in what order. */
#ifndef TOOLS_TOP_ROWS_H
#define TOOLS_TOP_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

struct row {
	const cJSON *lock, *holder, *freeze; /* in rows::status; the first holder; NULL: none */
	const char *name;
	size_t holders, waiters;
	int64_t age_ms, longest_ms; /* of the first hold and the longest wait; -1: none */
};

enum order { ORDER_NAME, ORDER_AGE, ORDER_WAITERS, ORDERS };

struct rows {
	cJSON *status;                             /* owned; NULL before the first */
	struct row *all;                           /* those that pass the filter; owned */
	size_t count, names, held, waited, frozen; /* `count` of `names` pass; the rest count all */
	const cJSON *frozen_all;                   /* the freeze of the whole mount; NULL: none */
};

void rows_finish(struct rows *rows);

/* Takes over a status, and makes rows of what passes `filter`: "" or a part of a name or a label,
 * in whatever case. False: out of memory, and nothing changed but that `status` is deleted. */
bool rows_set(struct rows *rows, cJSON *status, const char *filter, enum order order);

/* The same status by another filter or in another order. */
bool rows_again(struct rows *rows, const char *filter, enum order order);

/* "held", "shared ×3", "slots 2/4", "lease", "group", "frozen", "waited": what a row's name is. */
#define ROW_STATE 32
void row_state(char out[ROW_STATE], const struct row *row);

/* "deploy", or "a+b" of a holder or waiter that is of a group. */
#define ROW_NAMES 256
void row_names(char out[ROW_NAMES], const struct row *row, const cJSON *person);

/* "pid 4123", "pid unknown" or "lease". */
#define ROW_PROCESS 32
void row_process(char out[ROW_PROCESS], const cJSON *person);

#endif
