/* See clock.h. */
#include "clock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SLEPT_NS 1000000000ULL /* less may be the time between two readings */
#define BACK_MS 2000           /* less is what a time service does */

static uint64_t read_ns(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

struct now clock_now(void)
{
	return (struct now){
		.mono_ns = read_ns(CLOCK_MONOTONIC),
		.boot_ns = read_ns(CLOCK_BOOTTIME),
		.wall_ms = (int64_t)(read_ns(CLOCK_REALTIME) / 1000000),
	};
}

static struct clock_watch watch_at(const struct now *now)
{
	return (struct clock_watch){
		now->boot_ns - now->mono_ns, now->wall_ms - (int64_t)(now->boot_ns / 1000000)};
}

static struct clock_jump jump_between(const struct clock_watch *from, const struct clock_watch *to)
{
	struct clock_jump jump = {0};

	if (from->wall_ms == 0) /* the first look */
		return jump;
	if (to->slept_ns >= from->slept_ns + SLEPT_NS)
		jump.slept_s = (to->slept_ns - from->slept_ns + 500000000) / 1000000000;
	if (from->wall_ms - to->wall_ms >= BACK_MS)
		jump.back_s = (uint64_t)(from->wall_ms - to->wall_ms + 500) / 1000;
	return jump;
}

struct clock_jump clock_look(struct clock_watch *watch, const struct now *now)
{
	struct clock_watch at = watch_at(now);
	struct clock_jump jump = jump_between(watch, &at);

	if (jump.slept_s || jump.back_s) { /* or we stood still between one clock and the next */
		const struct now again = clock_now();

		at = watch_at(&again);
		jump = jump_between(watch, &at);
	}
	*watch = at;
	return jump;
}

uint64_t clock_mono(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_mono_coarse(void)
{
	return read_ns(CLOCK_MONOTONIC_COARSE);
}

bool clock_boot_id(char id[DETAIL_MAX + 1])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t len = 0;

	if (fd < 0 && errno != ENOENT && errno != EACCES)
		return false;
	if (fd >= 0) {
		len = read(fd, id, DETAIL_MAX);
		close(fd);
	}
	id[len > 0 ? len : 0] = '\0';
	id[strcspn(id, "\n")] = '\0';
	if (!*id)
		strcpy(id, "unknown");
	return len >= 0;
}
