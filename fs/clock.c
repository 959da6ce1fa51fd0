/* See clock.h. */
#include "clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

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

uint64_t clock_mono(void)
{
	return read_ns(CLOCK_MONOTONIC);
}

uint64_t clock_mono_coarse(void)
{
	return read_ns(CLOCK_MONOTONIC_COARSE);
}

void clock_boot_id(char id[DETAIL_MAX + 1])
{
	FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (!file || !fgets(id, DETAIL_MAX + 1, file))
		strcpy(id, "unknown");
	id[strcspn(id, "\n")] = '\0';
	if (file)
		fclose(file);
}
