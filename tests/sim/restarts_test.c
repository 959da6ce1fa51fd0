/* When another server is started in the place of one that died: by a clock that the test moves. */
#include <signal.h>

#include "core/timer.h"
#include "fs/restarts.h"
#include "tests/core/check.h"

#define MS 1000000ULL
#define SECOND (1000 * MS)

static uint64_t now_ns;

static enum restarts_news dies(struct restarts *restarts, bool served, int signal)
{
	return restarts_died(restarts, served, signal, now_ns);
}

/* How long the next one is put off, in milliseconds. */
static uint64_t delay(const struct restarts *restarts)
{
	return restarts->next_ns > now_ns ? (restarts->next_ns - now_ns) / MS : 0;
}

static void one_that_is_killed_is_replaced_at_once(void)
{
	struct restarts restarts = {0};

	for (int i = 0; i < 10000; i++) {
		restarts_served(&restarts, now_ns);
		CHECK_EQUAL(dies(&restarts, true, SIGKILL), RESTARTS_GO_ON);
		CHECK_EQUAL(delay(&restarts), 0);
		now_ns += MS;
	}
}

static void those_that_come_to_nothing_are_put_off(void)
{
	static const uint64_t delays[] = {20, 40, 80, 160, 320};
	struct restarts restarts = {0};

	for (size_t i = 0; i < 5; i++) {
		CHECK_EQUAL(dies(&restarts, false, 0), RESTARTS_GO_ON);
		CHECK_EQUAL(delay(&restarts), delays[i]);
		now_ns = restarts.next_ns;
	}
	CHECK_EQUAL(dies(&restarts, false, 0), RESTARTS_REFUSE);
	CHECK_EQUAL(delay(&restarts), 1000);
}

static void it_is_tried_for_ten_minutes(void)
{
	struct restarts restarts = {0};
	uint64_t begun_ns, tries = 0;

	while (dies(&restarts, false, 0) != RESTARTS_REFUSE)
		now_ns = restarts.next_ns;
	begun_ns = now_ns;
	now_ns = restarts.next_ns;
	for (; dies(&restarts, false, 0) == RESTARTS_REFUSING; tries++) {
		CHECK(delay(&restarts) <= RESTARTS_RARELY_S * 1000);
		now_ns = restarts.next_ns;
	}
	CHECK_EQUAL(restarts.next_ns, NEVER);
	CHECK(now_ns - begun_ns <= 600 * SECOND && now_ns - begun_ns > 580 * SECOND);
	CHECK(tries > 50 && tries < 70);

	restarts_anew(&restarts); /* by an upgrade */
	CHECK_EQUAL(delay(&restarts), 0);
	CHECK(restarts_served(&restarts, now_ns));
	CHECK(!restarts_served(&restarts, now_ns));
}

static void those_that_serve_and_die_of_themselves(void)
{
	struct restarts restarts = {0};

	for (int i = 0; i < 30; i++) {
		restarts_served(&restarts, now_ns);
		now_ns += SECOND;
		CHECK_EQUAL(dies(&restarts, true, SIGSEGV), RESTARTS_GO_ON);
		CHECK_EQUAL(delay(&restarts), 0);
	}
	restarts_served(&restarts, now_ns);
	CHECK_EQUAL(dies(&restarts, true, SIGSEGV), RESTARTS_REFUSE);
	CHECK_EQUAL(delay(&restarts), 1000);

	now_ns += 3600 * SECOND; /* once a minute is no cause */
	restarts = (struct restarts){0};
	for (int i = 0; i < 1000; i++) {
		restarts_served(&restarts, now_ns);
		now_ns += 2 * SECOND + MS;
		CHECK_EQUAL(dies(&restarts, true, SIGSEGV), RESTARTS_GO_ON);
	}
}

int main(void)
{
	static const struct check_case cases[] = {
		{"one that is killed is replaced at once, always",
			one_that_is_killed_is_replaced_at_once},
		{"those that come to nothing are put off, and then every request is refused",
			those_that_come_to_nothing_are_put_off},
		{"it is tried ever more rarely, for ten minutes", it_is_tried_for_ten_minutes},
		{"those that serve and die of themselves are too many in a minute",
			those_that_serve_and_die_of_themselves},
	};

	return CHECK_RUN(cases);
}
