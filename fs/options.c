/* See options.h. */
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "core/duration.h"
#include "core/err.h"
#include "message.h"

#define USAGE 64
#define AUDIT_MAX_DEFAULT (256ULL << 20)
#define AUDIT_MAX_LEAST (32ULL << 10)
#define FREEZE_TTL_DEFAULT_MS (15 * 60 * 1000)
#define LEASE_TTL_DEFAULT_MS (15 * 60 * 1000)
#define DEADLOCK_DEFAULT_MS 500
#define TOTAL_DEFAULT 4 /* users at their limit whom all together leave room for */

const char options_usage[] =
	"usage: loktfs [-f] [-d] [-o OPTIONS] [SOURCE] MOUNTPOINT\n"
	"       loktfs --upgrade MOUNTPOINT\n"
	"\n"
	"Mounts a Lokt lock service. It returns once the mount serves; SOURCE is ignored.\n"
	"\n"
	"  -f, --foreground  do not go into the background; messages go to standard error\n"
	"  -d, --debug       the same, and print every request\n"
	"      --upgrade     put this program behind a mount that is there, while it is in use\n"
	"  -h, --help        print this\n"
	"  -V, --version     print the version\n"
	"  -o OPTIONS        separated by commas:\n"
	"      state=DIR       where the log is kept (default: /var/lib/lokt for root, else\n"
	"                      $XDG_STATE_HOME/lokt or ~/.local/state/lokt)\n"
	"      ttl=DUR         TTL of holds whose spec says none (default: none)\n"
	"      timeout=DUR     limit of waits whose spec says none (default: none)\n"
	"      freeze_ttl=DUR  length of a freeze when none is written (default: 15m)\n"
	"      lease_ttl=DUR   TTL of a lease when none is written (default: 15m)\n"
	"      deadlock_timeout=DUR  how long somebody waits before a deadlock is looked for;\n"
	"                      none: never (default: 500ms)\n"
	"      audit_max=SIZE  how much history to keep (default: 256M)\n"
	"      no_resend       act as on a kernel before 6.9, which sends no request again\n"
	"      allow_other     let other users use the mount\n"
	"      admins=GROUP    its members may break, freeze and remove as the mount's owner may\n"
	"      max_holds=N     what one user may have, or N/TOTAL with all users' together\n"
	"      max_waiters=, max_leases=, max_freezes=, max_readers=, max_names=,\n"
	"      max_views=      likewise; views: KiB of status and directories kept open\n"
	"                      (default: 16384, 16384, 1024, 1024, 64, 32768, 65536; TOTAL: 4 "
	"times)\n"
	"  The options of mount(8) are accepted and ignored: rw, dev, suid, nofail, x-*, ...\n"
	"\n"
	"DUR is 500ms, 2s, 10m, 1h, 1h30m or a number of seconds, at most 30 days.\n"
	"To stop: fusermount3 -u MOUNTPOINT, or SIGTERM.\n";

/* What mount(8) and fstab pass, and what is on anyway. */
static const char *const ignored[] = {"rw", "dev", "nodev", "suid", "nosuid", "exec", "noexec",
	"atime", "noatime", "diratime", "nodiratime", "relatime", "norelatime", "async", "sync",
	"auto", "noauto", "user", "nouser", "users", "owner", "group", "defaults", "nofail",
	"_netdev"};

static bool is_ignored(const char *word)
{
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		if (strcmp(word, ignored[i]) == 0)
			return true;
	return strncmp(word, "x-", 2) == 0;
}

/* Bytes with an optional K, M or G. */
static bool size_parse(const char *text, uint64_t *size)
{
	char *end;

	errno = 0;
	unsigned long long number = strtoull(text, &end, 10);
	unsigned shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;

	if (end == text || *text == '-' || errno || end[shift != 0] != '\0' || number > 1ULL << 32)
		return false;
	*size = number << shift;
	return *size >= AUDIT_MAX_LEAST;
}

/* A duration that may be "none" where `none` is allowed, and zero where `zero` is. */
static bool duration_option(const char *text, bool none, bool zero, uint64_t *ms)
{
	if (none && strcmp(text, "none") == 0) {
		*ms = TIME_NONE;
		return true;
	}
	return duration_parse(text, strlen(text), ms) == OK && (zero || *ms > 0);
}

static bool text_option(const char *value, char **text)
{
	free(*text);
	*text = strdup(value);
	return *text && *value;
}

/* A group's name or number. */
static bool group_option(const char *text, struct options *options)
{
	const struct group *group = getgrnam(text);
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	options->has_admins =
		group || (*text >= '0' && *text <= '9' && !*end && number < UINT32_MAX);
	options->admins = group ? group->gr_gid : (uint32_t)number;
	return options->has_admins;
}

/* The number of the group that the process before us found: it may not be found any more. */
static bool admins_handed_on(const char *number, struct options *options)
{
	char *end;

	options->admins = (uint32_t)strtoul(number, &end, 10);
	options->has_admins = options->admins_handed_on = end != number && !*end;
	return options->has_admins;
}

static bool count_parse(const char *text, char **end, uint32_t *count)
{
	unsigned long long number = strtoull(text, end, 10);

	*count = (uint32_t)number;
	return *text >= '1' && *text <= '9' && number <= UINT32_MAX;
}

/* `N` for one user, or `N/TOTAL`. */
static bool limit_option(const char *text, enum limit limit, struct limits *limits)
{
	uint32_t user, total;
	char *end;

	if (!count_parse(text, &end, &user))
		return false;
	total = user < UINT32_MAX / TOTAL_DEFAULT ? user * TOTAL_DEFAULT : UINT32_MAX;
	if (*end == '/' && !count_parse(end + 1, &end, &total))
		return false;
	limits->user[limit] = user;
	limits->total[limit] = total;
	return *end == '\0';
}

static const struct limit_name {
	const char *word, *standard;
} limit_names[LIMITS] = {
	[LIMIT_HOLDS] = {"max_holds", "16384"},
	[LIMIT_WAITERS] = {"max_waiters", "16384"},
	[LIMIT_LEASES] = {"max_leases", "1024"},
	[LIMIT_FREEZES] = {"max_freezes", "1024"},
	[LIMIT_READERS] = {"max_readers", "64"},
	[LIMIT_VIEWS] = {"max_views", "65536"},
	[LIMIT_NAMES] = {"max_names", "32768"},
};

/* The limit that this option sets, or LIMITS. */
static enum limit limit_find(const char *word)
{
	enum limit limit = 0;

	while (limit < LIMITS && strcmp(word, limit_names[limit].word) != 0)
		limit++;
	return limit;
}

/* An option with a value. 1: there is no such option; 0, or -1 for a bad value. */
static int value_parse(struct options *options, const char *word, const char *value)
{
	const enum limit limit = limit_find(word);
	bool ok;

	if (strcmp(word, "state") == 0)
		ok = text_option(value, &options->state);
	else if (strcmp(word, "ttl") == 0)
		ok = duration_option(value, true, false, &options->defaults.ttl_ms);
	else if (strcmp(word, "timeout") == 0)
		ok = duration_option(value, true, true, &options->defaults.timeout_ms);
	else if (strcmp(word, "freeze_ttl") == 0)
		ok = duration_option(value, false, false, &options->freeze_ttl_ms);
	else if (strcmp(word, "lease_ttl") == 0)
		ok = duration_option(value, false, false, &options->lease_ttl_ms);
	else if (strcmp(word, "deadlock_timeout") == 0)
		ok = duration_option(value, true, false, &options->settings.deadlock_ms);
	else if (strcmp(word, "audit_max") == 0)
		ok = size_parse(value, &options->audit_max);
	else if (strcmp(word, "admins") == 0)
		ok = options->admins_handed_on || group_option(value, options);
	else if (limit != LIMITS)
		ok = limit_option(value, limit, &options->settings.limits);
	else
		return 1;
	return ok ? 0 : -1;
}

/* One option of -o. 0 or an exit code. */
static int option_parse(struct options *options, char *word)
{
	char *equals = strchr(word, '=');
	const char *value = equals ? equals + 1 : "";
	int known;

	if (is_ignored(word) || !*word)
		return 0;
	if (strcmp(word, "ro") == 0) {
		message(LOG_ERR, "a lock service cannot be mounted read-only");
		return USAGE;
	}
	if (strcmp(word, "allow_other") == 0)
		return options->allow_other = true, 0;
	if (strcmp(word, "no_resend") == 0)
		return options->no_resend = true, 0;
	if (equals)
		*equals = '\0';
	if ((known = value_parse(options, word, value)) == 0)
		return 0;
	if (known == 1)
		message(LOG_ERR, "unknown option '%s': loktfs --help lists them", word);
	else
		message(LOG_ERR, "'%s' is no value for the option %s: see loktfs --help", value,
			word);
	return USAGE;
}

/* All of an -o. The text stays as it is: ps(1) shows it. */
static int options_list(struct options *options, const char *text)
{
	char *list = strdup(text), *rest = list, *word;
	int code = list ? 0 : 1;

	if (!list)
		message(LOG_ERR, "not enough memory");
	while (code == 0 && (word = strsep(&rest, ",")))
		code = option_parse(options, word);
	free(list);
	return code;
}

/* Where the log is kept when nothing else is said. */
static char *state_default(void)
{
	const char *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path = NULL;

	if (geteuid() == 0)
		return strdup("/var/lib/lokt");
	if (xdg && *xdg == '/')
		return asprintf(&path, "%s/lokt", xdg) < 0 ? NULL : path;
	if (home && *home == '/')
		return asprintf(&path, "%s/.local/state/lokt", home) < 0 ? NULL : path;
	return NULL;
}

/* `path` from the root: the daemon leaves the directory it was started in. */
static char *absolute(const char *path)
{
	char *cwd, *whole = NULL;

	if (*path == '/')
		return strdup(path);
	cwd = getcwd(NULL, 0);
	if (cwd && asprintf(&whole, "%s/%s", cwd, path) < 0)
		whole = NULL;
	free(cwd);
	return whole;
}

static int paths_settle(struct options *options, const char *mountpoint)
{
	char *state = options->state ? options->state : state_default();

	options->state = state ? absolute(state) : NULL;
	free(state);
	options->mountpoint = absolute(mountpoint);
	if (options->state && options->mountpoint)
		return 0;
	message(LOG_ERR, "no state directory: give -o state=DIR, or set HOME");
	return 1;
}

int options_parse(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {{"foreground", no_argument, NULL, 'f'},
		{"debug", no_argument, NULL, 'd'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'}, {"upgrade", no_argument, NULL, 'U'},
		{"state", required_argument, NULL, 's'}, {"admins", required_argument, NULL, 'a'},
		{0}};
	int c, code;

	*options = (struct options){.defaults = {TIME_NONE, TIME_NONE},
		.freeze_ttl_ms = FREEZE_TTL_DEFAULT_MS,
		.lease_ttl_ms = LEASE_TTL_DEFAULT_MS,
		.settings.deadlock_ms = DEADLOCK_DEFAULT_MS,
		.audit_max = AUDIT_MAX_DEFAULT};
	for (enum limit limit = 0; limit < LIMITS; limit++)
		limit_option(limit_names[limit].standard, limit, &options->settings.limits);
	opterr = 0;
	while ((c = getopt_long(argc, argv, "fdhVo:", longs, NULL)) != -1) {
		switch (c) {
		case 'd': options->debug = true; /* fall through */
		case 'f': options->foreground = true; break;
		case 'U': options->upgrade = true; break;
		case 'h': options->help = true; return 0;
		case 'V': options->version = true; return 0;
		case 's': /* for ourselves: a path may have a comma in it */
			if (!text_option(optarg, &options->state)) {
				message(LOG_ERR, "not enough memory");
				return USAGE;
			}
			break;
		case 'a': /* for ourselves */
			if (!admins_handed_on(optarg, options))
				return USAGE;
			break;
		case 'o':
			if ((code = options_list(options, optarg)) != 0)
				return code;
			break;
		default:
			message(LOG_ERR, "unknown or incomplete flag '%s': see loktfs --help",
				argv[optind - 1]);
			return USAGE;
		}
	}
	if (argc - optind < 1 || argc - optind > 2) {
		message(LOG_ERR, "%s: loktfs [-f] [-d] [-o OPTIONS] [SOURCE] MOUNTPOINT",
			argc == optind ? "where to mount?" : "too many arguments");
		return USAGE;
	}
	options->flags = argv + 1;
	options->n_flags = optind - 1;
	return paths_settle(options, argv[argc - 1]);
}

void options_resolve(struct options *options)
{
	const int fd = options->mountpoint ? open(options->mountpoint, O_PATH | O_CLOEXEC) : -1;
	char link[32], real[PATH_MAX];
	ssize_t len;

	if (fd < 0)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, real, sizeof(real));
	close(fd);
	if (len <= 0 || len == sizeof(real) || *real != '/')
		return;
	free(options->mountpoint);
	options->mountpoint = strndup(real, (size_t)len);
}

/* Whether a flag is one that is made anew for each process. */
static bool is_ours(const char *flag)
{
	return strcmp(flag, "--") == 0 || strncmp(flag, "--state=", 8) == 0 ||
		strncmp(flag, "--admins=", 9) == 0;
}

char **options_argv(const struct options *options, const char *role)
{
	char **argv = calloc((size_t)options->n_flags + 7, sizeof(*argv)), *state, *admins;
	char **next = argv;

	if (!argv || asprintf(&state, "--state=%s", options->state) < 0 ||
		asprintf(&admins, "--admins=%" PRIu32, options->admins) < 0)
		return NULL;
	*next++ = strdup("loktfs");
	*next++ = strdup(role);
	if (options->has_admins) /* before the -o that names them */
		*next++ = admins;
	for (int i = 0; i < options->n_flags; i++)
		if (!is_ours(options->flags[i]))
			*next++ = options->flags[i];
	*next++ = state;
	*next = options->mountpoint;
	return argv;
}

void options_finish(struct options *options)
{
	free(options->state);
	free(options->mountpoint);
	*options = (struct options){0};
}
