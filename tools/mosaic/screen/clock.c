/* See clock.h. */
#include "mosaic/screen/clock.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include "when.h"

static struct timespec spell(int64_t us)
{
	return (struct timespec){us / 1000000, us % 1000000 * 1000};
}

void clock_start(struct clock *clock, uint64_t fps)
{
	struct itimerspec times;

	clock->period_us = 1000000 / (int64_t)fps;
	clock->due_us = when_us();
	clock->drawn_us = 0;
	times.it_interval = spell(clock->period_us);
	times.it_value = spell(clock->due_us + clock->period_us);
	timerfd_settime(clock->fd, TFD_TIMER_ABSTIME, &times, NULL);
}

bool clock_open(struct clock *clock, uint64_t fps)
{
	*clock = (struct clock){.fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)};
	if (clock->fd < 0)
		return false;
	clock_start(clock, fps);
	return true;
}

bool clock_tick(struct clock *clock)
{
	uint64_t ticks;

	if (read(clock->fd, &ticks, sizeof(ticks)) != sizeof(ticks))
		return false;
	clock->due_us += (int64_t)ticks * clock->period_us;
	clock->late += (uint32_t)ticks - 1;
	return true;
}

void clock_drawn(struct clock *clock)
{
	int64_t now = when_us(), since_ms = (now - clock->drawn_us) / 1000;

	clock->late += now - clock->due_us > clock->period_us / 2;
	if (clock->drawn_us && since_ms > clock->slowest_ms)
		clock->slowest_ms = (uint32_t)since_ms;
	clock->drawn_us = now;
	clock->frames++;
}
