/* Stories about numbers that are used again: a process or a thread that has the number of one that is
 * gone is somebody else. */
#include <string.h>

#include "core/timer.h"
#include "story.h"

/* How whoever asks now differs from who had the same name in the story before. */
static struct {
	uint32_t uid;
	int32_t pid;
	uint64_t start_ns;
} other;

static void step(struct engine *engine, const struct event *event, struct effects *fx)
{
	struct event changed = *event;
	struct process_id family[4] = {{0}};

	changed.who.uid += other.uid;
	changed.who.process.pid += other.pid;
	changed.who.process.start_ns += other.start_ns;
	CHECK(event->relatives <= 4);
	for (size_t i = 0; i < event->relatives; i++) {
		family[i] = event->family[i];
		family[i].pid += other.pid;
		family[i].start_ns += other.start_ns;
	}
	changed.family = family;
	engine_step(engine, &changed, fx);
}

static struct world *world_of_strangers(void)
{
	struct world *w = world_create();

	memset(&other, 0, sizeof(other));
	w->step = step;
	return w;
}

static void a_place_is_not_inherited(void)
{
	struct world *w = world_of_strangers();

	opens(w, "alice", "deploy");
	opens(w, "bob", "deploy");
	interrupted(w, "bob", "deploy");
	other.uid = 1;
	opens(w, "bob", "deploy");
	other.uid = 0;
	other.pid = 1;
	opens(w, "bob", "deploy");
	other.pid = 0;
	other.start_ns = 1;
	opens(w, "bob", "deploy");
	CHECK_EQUAL(engine_totals(w->engine).waiters, 4);
	other.start_ns = 0;
	opens(w, "bob", "deploy");
	CHECK_EQUAL(engine_totals(w->engine).waiters, 4);
	closes(w, "alice", "deploy");
	CHECK(w->requests[w->n_requests - 1].err == OK && w->requests[w->n_requests - 1].answered);
	world_destroy(w);
}

static void a_hold_is_not_a_strangers(void)
{
	struct world *w = world_of_strangers();

	opens(w, "alice", "deploy@ttl=5s");
	other.start_ns = 1;
	renews_name(
		w, "bob", "alice", "deploy", NULL); /* the number of her process, after its end */
	other.start_ns = 0;
	renews_name(w, "bob", "alice", "deploy", NULL);
	expect(w,
		"[     0] alice > acquire deploy@ttl=5s\n"
		"[     0] deploy: granted to alice, token 1\n"
		"[     0] bob, child of alice > renew by name deploy\n"
		"[     0] bob < ERR_PERMISSION\n"
		"[     0] bob, child of alice > renew by name deploy\n"
		"[     0] deploy: renewed by alice for 5000\n");
	world_destroy(w);
}

/* A lease is the user's, whichever process took it. */
static void a_lease_is_the_users(void)
{
	struct world *w = world_of_strangers();

	takes(w, "alice", "deploy", "5s");
	other.start_ns = 1;
	renews_name(w, "alice", "init", "deploy", NULL);
	other.uid = 1;
	renews_name(w, "alice", "init", "deploy", NULL);
	expect(w,
		"[     0] alice > take deploy 5s\n"
		"[     0] deploy: leased to alice, token 1\n"
		"[     0] alice, child of init > renew by name deploy\n"
		"[     0] deploy: renewed by alice for 5000\n"
		"[     0] alice, child of init > renew by name deploy\n"
		"[     0] alice < ERR_PERMISSION\n");
	other.uid = 0;
	world_destroy(w);
}

int main(void)
{
	static const struct check_case cases[] = {
		{"a place in the queue is not inherited with a number", a_place_is_not_inherited},
		{"a hold is not that of a stranger with the number", a_hold_is_not_a_strangers},
		{"a lease is its user's, whichever process took it", a_lease_is_the_users},
	};

	return CHECK_RUN(cases);
}
