/* See rlimits.h. */
#include "rlimits.h"

#include <stddef.h>
#include <sys/resource.h>
#include <syslog.h>

#include "message.h"

/* What it takes to begin: spawn.c puts descriptors aside, and a carry is large, though most of it is never touched. */
static const struct least {
	int resource;
	rlim_t least;
	const char *what, *flag; /* of ulimit */
} leasts[] = {
	{RLIMIT_NOFILE, 128, "open files", "-n"},
	{RLIMIT_FSIZE, 2ULL << 30, "bytes of a file", "-f"},
	{RLIMIT_AS, 3ULL << 30, "bytes of address space", "-v"},
};

unsigned rlimits_files(void)
{
	struct rlimit limit = {1024, 1024};

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur > 1000000 ? 1000000 : (unsigned)limit.rlim_cur;
}

bool rlimits_suffice(void)
{
	struct rlimit limit;

	rlimits_files();
	for (size_t i = 0; i < sizeof(leasts) / sizeof(leasts[0]); i++)
		if (getrlimit(leasts[i].resource, &limit) == 0 &&
			limit.rlim_cur < leasts[i].least) {
			message(LOG_ERR,
				"cannot begin with at most %llu %s: it takes %llu: see ulimit %s",
				(unsigned long long)limit.rlim_cur, leasts[i].what,
				(unsigned long long)leasts[i].least, leasts[i].flag);
			return false;
		}
	return true;
}
