/* See state.h. Saved is the world up to its tables and of each table what was ever in use, the files of the disk, what the
 * supervisor keeps, and of the server its variables and where its memory ends: see memory_keep(). */
#include "state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "life.h"
#include "memory.h"
#include "vmount.h"
#include "world.h"

#define ROOM (64UL << 20) /* of addresses */

void state_prepare(void)
{
	world->saved = mmap(NULL, ROOM, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (world->saved == MAP_FAILED)
		abort();
}

/* Where the piece behind this one is saved. */
static size_t behind(struct span span)
{
	return sizeof(span) + ((span.len + 15) & ~(size_t)15);
}

static void save(struct span span)
{
	char *to = world->saved + world->saved_len;

	if (span.len == 0)
		return;
	memcpy(to, &span, sizeof(span));
	life_copy(to + sizeof(span), span.at, span.len);
	world->saved_len += behind(span);
}

#define SAVE(table, count) save((struct span){(char *)(table), (count) * sizeof(*(table))})
#define SAVE_UNTIL(thing, member)                                                                  \
	save((struct span){(char *)(thing), (size_t)((char *)(thing)->member - (char *)(thing))})

static void tables_save(void)
{
	const struct kernel *kernel = &world->kernel;
	const struct judge *judge = &world->judge;

	SAVE(world->files, world->n_files);
	SAVE(world->vfiles, world->n_vfiles);
	SAVE(world->vfds, world->n_vfds);
	SAVE(kernel->nodes, kernel->n_nodes);
	SAVE(kernel->requests, kernel->n_requests);
	SAVE(judge->freezes, judge->n_freezes);
	SAVE(judge->renewals, judge->n_renewals);
	SAVE(judge->holds, judge->n_holds);
	SAVE(world->lines, judge->seq + 1 < LINES ? judge->seq + 1 : LINES);
}

void state_save(void)
{
	if (world->saved_len)
		return;
	SAVE_UNTIL(world, files);
	SAVE_UNTIL(&world->kernel, nodes);
	SAVE_UNTIL(&world->judge, freezes);
	tables_save();
	for (unsigned i = 0; i < world->n_files; i++)
		if (world->files[i].used)
			SAVE(world->files[i].part, world->files[i].part_len);
	for (unsigned i = 0; i < world->n_vfiles; i++) {
		SAVE(world->vfiles[i].data, world->vfiles[i].len);
		SAVE(world->vfiles[i].durable, world->vfiles[i].durable_len);
	}
	carry_each(save);
	save(life_variables());
	save(memory_state());
}

void state_restore(void)
{
	carry_clear();
	for (size_t at = 0; at < world->saved_len;) {
		struct span span;

		memcpy(&span, world->saved + at, sizeof(span));
		life_copy(span.at, world->saved + at + sizeof(span), span.len);
		at += behind(span);
	}
	world->saved_len = 0;
}
