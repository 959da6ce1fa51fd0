/* See event.h: the lists of what a step wants done. */
#include "event.h"

#include <assert.h>

struct record *effects_record(struct effects *fx, enum record_kind kind, int64_t wall_ms)
{
	assert(fx->n_records < EFFECTS_MAX);
	struct record *record = &fx->records[fx->n_records++];

	record_init(record, kind, wall_ms);
	return record;
}

void effects_answer(struct effects *fx, void *request, uint64_t id, enum err err)
{
	assert(fx->n_answers < EFFECTS_MAX);
	fx->answers[fx->n_answers++] = (struct answer){request, id, err, -1};
}

void effects_answer_logged(struct effects *fx, void *request, uint64_t id, enum err err)
{
	effects_answer(fx, request, id, err);
	fx->answers[fx->n_answers - 1].record = (int)fx->n_records - 1;
}
