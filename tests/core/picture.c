/* See story.h: what can be read of a world. */
#include <stdlib.h>
#include <string.h>

#include "core/timer.h"
#include "story.h"

static const char *alive(struct process_id process)
{
	return process.pid ? "alive" : "unknown";
}

struct view world_view(const struct world *world, const struct engine *engine)
{
	return (struct view){
		.engine = engine, .now = world->now, .host = "box", .pid_status = alive};
}

static struct text views(const struct world *world, const struct engine *engine)
{
	const struct view view = world_view(world, engine);
	struct text text = {0};

	view_locks(&view, &text);
	text_put(&text, "\n");
	view_freezes(&view, &text);
	text_put(&text, "\n");
	return text;
}

char *world_views(const struct world *world, const struct engine *engine)
{
	struct text text = views(world, engine);

	text_add(&text, "", 1);
	CHECK(!text.failed);
	return text.data;
}

char *world_picture(const struct world *world, const struct engine *engine)
{
	struct record record = record_new(RECORD_CHECKPOINT, world->now.wall_ms);
	struct text text = views(world, engine);

	engine_checkpoint(engine, &record);
	record_write(&record, "box", &text);
	engine_write_parts(engine, &text);
	text_add(&text, "", 1);
	CHECK(!text.failed);
	return text.data;
}

void expect(struct world *world, const char *lines)
{
	size_t len = world->story.len - world->told;
	char *told = strndup(world->story.data + world->told, len);

	CHECK(told);
	if (strcmp(told, lines) != 0) {
		size_t same = 0, start = 0;

		for (; told[same] == lines[same]; same++)
			if (told[same] == '\n')
				start = same + 1;
		check_fail(__FILE__, __LINE__, "expected from here on\n%s\nbut it was\n%s",
			lines + start, told + start);
	}
	free(told);
	world->told += len;
}

uint64_t world_deadline_ms(const struct world *world)
{
	uint64_t deadline = engine_deadline(world->engine);

	return deadline == NEVER ? NEVER : (deadline - world->start.mono_ns) / 1000000;
}

size_t world_answers(const struct world *world, enum err err)
{
	size_t count = 0;

	for (size_t i = 0; i < world->n_requests; i++)
		count += world->requests[i].answered && world->requests[i].err == err;
	return count;
}
