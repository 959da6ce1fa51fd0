/* See restarts.h. */
#include "restarts.h"

#include <signal.h>

#include "core/timer.h"

#define MS_NS 1000000ULL
#define MINUTE_NS (60000 * MS_NS)
#define STARVED_NS (50 * MS_NS)
#define STILLBORN_MAX 5 /* servers in a row that died before they served … */
#define CRASHES_MAX 30  /* … and in a minute such as died of themselves, though they served */
#define DELAY_MS 20     /* at first */
#define DELAY_REFUSING_MS 1000
#define TRYING_NS (10 * MINUTE_NS)

static bool dies_too_often(struct restarts *restarts, bool served, int signal, uint64_t now_ns)
{
	if (!served)
		return ++restarts->stillborn > STILLBORN_MAX;
	restarts->stillborn = 0;
	if (signal == SIGKILL)
		return false;
	if (restarts->crashes == 0 || now_ns - restarts->crashes_ns > MINUTE_NS) {
		restarts->crashes = 0;
		restarts->crashes_ns = now_ns;
	}
	return ++restarts->crashes > CRASHES_MAX;
}

/* One that came to nothing. Whether another is ever tried. */
static bool put_off(struct restarts *restarts, uint64_t now_ns)
{
	const unsigned least = restarts->refusing ? DELAY_REFUSING_MS : DELAY_MS;
	const unsigned most = RESTARTS_RARELY_S * 1000;

	restarts->delay_ms *= 2;
	if (restarts->delay_ms < least)
		restarts->delay_ms = least;
	if (restarts->delay_ms > most)
		restarts->delay_ms = most;
	restarts->next_ns = now_ns + restarts->delay_ms * MS_NS;
	if (!restarts->refusing || restarts->next_ns < restarts->refusing_ns + TRYING_NS)
		return true;
	restarts->next_ns = NEVER;
	return false;
}

enum restarts_news restarts_died(
	struct restarts *restarts, bool served, int signal, uint64_t now_ns)
{
	const bool too_often = dies_too_often(restarts, served, signal, now_ns);
	const bool begins = too_often && !restarts->refusing;

	if (served && now_ns - restarts->served_ns > MINUTE_NS)
		restarts->refusing_ns = 0;
	if (begins && !restarts->refusing_ns)
		restarts->refusing_ns = now_ns;
	restarts->refusing |= too_often;
	if (served && !too_often)
		restarts->delay_ms = 0;
	else if (!put_off(restarts, now_ns))
		return RESTARTS_END;
	if (begins)
		return RESTARTS_REFUSE;
	return restarts->refusing ? RESTARTS_REFUSING : RESTARTS_GO_ON;
}

bool restarts_served(struct restarts *restarts, uint64_t now_ns)
{
	const bool refusing = restarts->refusing;

	restarts->served_ns = now_ns;
	restarts->refusing = false;
	return refusing;
}

void restarts_starved(struct restarts *restarts, uint64_t now_ns)
{
	restarts->next_ns = now_ns + STARVED_NS;
}

void restarts_anew(struct restarts *restarts)
{
	*restarts = (struct restarts){.refusing = restarts->refusing};
}
