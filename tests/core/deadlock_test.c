/* Deadlocks against the truth: random people, each a single thread, and who among them can never go
 * on, told naively: as if all who do not wait gave back all they hold. */
#include <stdlib.h>
#include <string.h>

#include "core/timer.h"
#include "story.h"

#define PEOPLE 6
#define STEPS 3000

static const char *const specs[] = {"a", "b", "c", "d", "a+b", "c+b", "a+d", "b+c+d", "a@shared",
	"b@shared", "a+c@shared", "d@shared", "s@slots=2", "s@slots=2", "t@slots=2", "s+t@slots=2"};

/* What somebody holds or waits for. */
struct want {
	uint64_t id, place; /* the first request that had it */
	char who[16], names[16];
	bool shared, holds;
	int slots;
};

struct scene {
	struct want wants[PEOPLE * 20];
	int count;
};

/* The places of those who came back after an interrupt. */
static uint64_t places[STEPS * 2];

/* Puts the last one before those who came after him. */
static void scene_sort(struct scene *scene)
{
	const struct want last = scene->wants[scene->count - 1];
	int i = scene->count - 1;

	for (; i > 0 && scene->wants[i - 1].place > last.place; i--)
		scene->wants[i] = scene->wants[i - 1];
	scene->wants[i] = last;
}

/* How things stand in the world: first come first. */
static struct scene scene_of(const struct world *w)
{
	struct scene scene = {0};

	for (uint64_t id = 1; id <= w->n_requests; id++) {
		const struct request *request = &w->requests[id - 1];
		struct want *want = &scene.wants[scene.count];

		if (request->closed || (request->answered && request->err != OK))
			continue;
		CHECK(++scene.count < PEOPLE * 20);
		*want = (struct want){.id = id, .holds = request->answered};
		want->place = places[id] ? places[id] : id;
		want->slots = strstr(request->spec, "@slots=2") ? 2 : 1;
		strcpy(want->who, request->who);
		strcpy(want->names, request->name);
		want->shared = strstr(request->spec, "@shared") != NULL;
		scene_sort(&scene);
	}
	return scene;
}

static void scene_remove(struct scene *scene, int i)
{
	scene->count--;
	memmove(&scene->wants[i], &scene->wants[i + 1],
		(size_t)(scene->count - i) * sizeof(scene->wants[0]));
}

static bool waits(const struct scene *scene, const char *who)
{
	for (int i = 0; i < scene->count; i++)
		if (!scene->wants[i].holds && strcmp(scene->wants[i].who, who) == 0)
			return true;
	return false;
}

/* Names are single letters. */
static bool meet(const struct want *a, const struct want *b)
{
	for (const char *c = a->names; *c; c++)
		if (*c != '+' && strchr(b->names, *c))
			return true;
	return false;
}

/* Whether the one name has room for him, and nobody waits for it who came before. */
static bool has_room(const struct scene *scene, int i, char name)
{
	const struct want *want = &scene->wants[i];
	int held = 0;

	for (int j = 0; j < scene->count; j++) {
		const struct want *other = &scene->wants[j];

		if (j == i || !strchr(other->names, name))
			continue;
		if (other->holds ? want->shared != other->shared : j < i)
			return false;
		held += other->holds;
	}
	return want->shared || held < want->slots;
}

static bool may_have(const struct scene *scene, int i)
{
	for (const char *c = scene->wants[i].names; *c; c++)
		if (*c != '+' && !has_room(scene, i, *c))
			return false;
	return true;
}

/* Leaves those who can never go on. */
static void scene_play(struct scene *scene)
{
	for (bool moved = true; moved;) {
		moved = false;
		for (int i = 0; i < scene->count && !moved; i++) {
			struct want *want = &scene->wants[i];

			if (want->holds && !waits(scene, want->who)) {
				scene_remove(scene, i);
				moved = true;
			} else if (!want->holds && may_have(scene, i)) {
				moved = want->holds = true;
			}
		}
	}
}

static bool is_stuck(struct scene scene, uint64_t id)
{
	scene_play(&scene);
	for (int i = 0; i < scene.count; i++)
		if (scene.wants[i].id == id && !scene.wants[i].holds)
			return true;
	return false;
}

/* Whether waiter `i` waits for `who`, who holds what he wants too, or stands before him there. */
static bool leads_to(const struct scene *scene, int i, const char *who, bool seen[PEOPLE * 20])
{
	if (seen[i])
		return false;
	seen[i] = true;
	for (int j = 0; j < scene->count; j++) {
		const struct want *want = &scene->wants[i], *other = &scene->wants[j];

		if (j == i || !meet(want, other) || (!other->holds && j > i) ||
			(other->holds && want->shared && other->shared))
			continue;
		if (strcmp(other->who, who) == 0)
			return true;
		for (int k = 0; k < scene->count; k++)
			if (!scene->wants[k].holds &&
				strcmp(scene->wants[k].who, other->who) == 0 &&
				leads_to(scene, k, who, seen))
				return true;
	}
	return false;
}

static bool waits_for_himself(const struct scene *scene, uint64_t id)
{
	for (int i = 0; i < scene->count; i++)
		if (scene->wants[i].id == id)
			return leads_to(scene, i, scene->wants[i].who, (bool[PEOPLE * 20]){0});
	return false;
}

static const struct world *world; /* whose step it is */

/* Whoever is told of a deadlock can never go on, and is himself in the way. */
static void step(struct engine *engine, const struct event *event, struct effects *fx)
{
	const struct scene scene = scene_of(world);

	engine_step(engine, event, fx);
	if (fx->n_answers == 0 || fx->answers[0].err != ERR_DEADLOCK)
		return;
	CHECK(event->kind == EVENT_SUSPECT && fx->answers[0].id == event->id);
	CHECK(is_stuck(scene, event->id) && waits_for_himself(&scene, event->id));
}

/* One of what he holds; 0: he holds nothing. */
static uint64_t hold_of(const struct scene *scene, const char *who, uint64_t dice)
{
	for (int i = 0; i < scene->count; i++) {
		const struct want *want = &scene->wants[(i + (int)(dice % 97)) % scene->count];

		if (want->holds && strcmp(want->who, who) == 0)
			return want->id;
	}
	return 0;
}

/* He is interrupted, and comes back in time to his place. */
static void falter(struct world *w, const struct scene *scene, const char *who, uint64_t ms)
{
	int i = 0;

	while (scene->wants[i].holds || strcmp(scene->wants[i].who, who) != 0)
		i++;
	const struct want *want = &scene->wants[i];
	const struct request request = w->requests[want->id - 1];

	interrupted_id(w, want->id);
	advance(w, ms);
	places[w->n_requests + 1] = want->place;
	opens(w, who, request.spec);
}

static void act(struct world *w, uint64_t *seed, bool interrupts)
{
	const struct scene scene = scene_of(w);
	const char who[] = {'u', (char)('0' + check_random(seed) % PEOPLE), '\0'};
	const uint64_t dice = check_random(seed), hold = hold_of(&scene, who, dice);

	if (waits(&scene, who)) {
		if (interrupts && dice % 4 == 0)
			falter(w, &scene, who, dice / 4 % 999);
		return;
	}
	if (hold && dice % 100 < 40)
		closes_id(w, hold);
	else
		opens(w, who, specs[check_random(seed) % (sizeof(specs) / sizeof(specs[0]))]);
}

/* Long enough for everybody's first look; or, where one look may come too early, for their last. */
static void let_all_be_looked_at(struct world *w, bool to_the_end)
{
	advance(w, 700);
	for (int i = 0; to_the_end && engine_deadline(w->engine) != NEVER; i++) {
		CHECK(i < 2000);
		advance(w, 10000);
	}
}

static void live(uint64_t seed, bool interrupts)
{
	struct world *w = world_suspicious();

	world = w;
	w->step = step;
	memset(places, 0, sizeof(places));
	for (int i = 0; i < STEPS; i++) {
		act(w, &seed, interrupts);
		if (check_random(&seed) % 4)
			continue;
		let_all_be_looked_at(w, interrupts);
		struct scene scene = scene_of(w);

		scene_play(&scene);
		CHECK_EQUAL(scene.count, 0);
	}
	CHECK(world_answers(w, ERR_DEADLOCK) > STEPS / 50);
	world_destroy(w);
}

static void lives(void)
{
	for (uint64_t seed = 1; seed <= 10; seed++)
		live(seed, false);
}

static void restless_lives(void)
{
	for (uint64_t seed = 11; seed <= 20; seed++)
		live(seed, true);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"who is in a deadlock is told, and nobody else", lives},
		{"the same with interrupts", restless_lives},
	};

	return CHECK_RUN(cases);
}
