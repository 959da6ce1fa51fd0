/* See mosaic.h. */
#include "mosaic/mosaic.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "event.h"
#include "json.h"
#include "mosaic/paint/claims.h"
#include "mosaic/paint/picture.h"
#include "say.h"
#include "when.h"

#define STATE_ROOM 512
#define PATIENCE_MS 2000

uint64_t mosaic_total(const struct mosaic *mosaic)
{
	return mosaic->gx * mosaic->gy;
}

/* Writes the path of a file. Returns 0, or -1 with errno. */
static int file_path(char path[PATH_MAX], const char *dir, const char *file)
{
	int len = snprintf(path, PATH_MAX, "%s/%s", dir, file);

	if (len >= 0 && len < PATH_MAX)
		return 0;
	errno = ENAMETOOLONG;
	return -1;
}

static bool file_is_ours(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1 &&
		st.st_uid == geteuid();
}

int mosaic_open(const char *dir, const char *file, int flags)
{
	char path[PATH_MAX];
	int fd;

	if (file_path(path, dir, file) < 0)
		return -1;
	fd = open(path, flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	if (fd < 0 && errno == ELOOP)
		errno = EPERM;
	if (fd < 0 || (flags & O_ACCMODE) == O_RDONLY || file_is_ours(fd))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

int mosaic_make(const char *dir, const char *file)
{
	char path[PATH_MAX];

	if (file_path(path, dir, file) < 0 || (unlink(path) < 0 && errno != ENOENT))
		return -1;
	return mosaic_open(dir, file, O_WRONLY | O_CREAT | O_EXCL);
}

bool mosaic_locked(const struct mosaic *mosaic)
{
	return mosaic->mode != MODE_NOLOCK;
}

bool mosaic_concerned(const struct mosaic *mosaic, const cJSON *event)
{
	const char *name = json_text(event, "name");
	size_t len = strlen(mosaic->name);

	return strcmp(json_text(event, "event"), "corrupt-break") == 0 ||
		event_concerns(event, mosaic->name) || event_concerns(event, "@all") ||
		(strncmp(name, mosaic->name, len) == 0 && name[len] == '.');
}

static const char *const modes[MODES] = {"lokt", "nolock", "broken"};

const char *mode_word(enum mode mode)
{
	return modes[mode];
}

enum mode mode_parse(const char *word)
{
	int mode = 0;

	while (mode < MODES && strcmp(modes[mode], word) != 0)
		mode++;
	return (enum mode)mode;
}

/* mkdir -p. Returns 0 or -1 with errno. */
static int directories_make(const char *dir)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s", dir);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

/* Makes the directory, if it is not there. Returns 0, or -1 with errno: EPERM, it is another user's, who
 * could do with the files what he likes. */
static int dir_make(const char *dir)
{
	struct stat st;

	if (directories_make(dir) < 0 || stat(dir, &st) < 0)
		return -1;
	if (st.st_uid == geteuid() || st.st_uid == 0)
		return 0;
	errno = EPERM;
	return -1;
}

/* Makes `file` anew with `text` in it. Returns 0 or -1 with errno. */
static int file_make(const char *dir, const char *file, const char *text)
{
	int fd = mosaic_make(dir, file);
	ssize_t len = (ssize_t)strlen(text), n;

	if (fd < 0)
		return -1;
	n = write(fd, text, (size_t)len);
	close(fd);
	if (n >= 0 && n < len)
		errno = ENOSPC;
	return n == len ? 0 : -1;
}

/* Writes what mosaic.state.json says, its name and time given. */
static int state_spell(
	char out[STATE_ROOM], const struct mosaic *mosaic, const char *name, const char *stamp)
{
	return snprintf(out, STATE_ROOM,
		"{\"version\":1,\"name\":\"%s\",\"mode\":\"%s\",\"gx\":%" PRIu64 ",\"gy\":%" PRIu64
		",\"total\":%" PRIu64 ",\"order\":\"%s\",\"seed\":%" PRIu64 ",\"tile\":%" PRIu64
		",\"two_phase\":%s,\"check_token\":%s,\"workers\":%" PRIu64
		",\"started_ts\":\"%s\"}\n",
		name, mode_word(mosaic->mode), mosaic->gx, mosaic->gy, mosaic_total(mosaic),
		order_word(mosaic->order), mosaic->seed, mosaic->tile,
		mosaic->two_phase ? "true" : "false", mosaic->check_token ? "true" : "false",
		mosaic->workers, stamp);
}

static int state_write(const struct mosaic *mosaic, int fd)
{
	char text[STATE_ROOM], stamp[WHEN_STAMP];
	int len;

	when_stamp(stamp, 0);
	len = state_spell(text, mosaic, mosaic->name, stamp);
	return ftruncate(fd, 0) == 0 && write(fd, text, (size_t)len) == len ? 0 : -1;
}

/* Makes what the workers write to, and takes away what another mosaic here had besides. Returns 0 or
 * -1 with errno. */
static int files_make(const struct mosaic *mosaic)
{
	static const char *const empty[] = {MOSAIC_LEDGER, MOSAIC_REPORTS, MOSAIC_STATS};
	static const char *const extra[] = {MOSAIC_CLAIMS, MOSAIC_FENCE};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++)
		if (file_make(mosaic->dir, empty[i], "") < 0)
			return -1;
	for (size_t i = 0; i < sizeof(extra) / sizeof(*extra); i++) {
		snprintf(path, sizeof(path), "%.4000s/%s", mosaic->dir, extra[i]);
		if (unlink(path) < 0 && errno != ENOENT)
			return -1;
	}
	if (mosaic->two_phase && claims_create(mosaic) < 0)
		return -1;
	if (mosaic->check_token && file_make(mosaic->dir, MOSAIC_FENCE, "0\n") < 0)
		return -1;
	return file_make(mosaic->dir, MOSAIC_NEXT, "0\n") < 0 ? -1 : picture_create(mosaic);
}

/* Keeps others out. Workers of a run that was killed have the lock for a moment still. */
static bool lock_take(int fd)
{
	int64_t start = when_ms();
	int err;

	while ((err = flock(fd, LOCK_EX | LOCK_NB)) < 0 && when_ms() - start < PATIENCE_MS)
		usleep(10000);
	return err == 0;
}

int mosaic_create(const struct mosaic *mosaic)
{
	int fd = dir_make(mosaic->dir) < 0
		? -1
		: mosaic_open(mosaic->dir, MOSAIC_STATE, O_RDWR | O_CREAT);

	if (fd < 0 && errno == EPERM)
		say("%s is another user's, or its files are: choose one of yours with --dir",
			mosaic->dir);
	else if (fd < 0)
		say("%s: %s", mosaic->dir, strerror(errno));
	if (fd < 0)
		return -1;
	if (!lock_take(fd)) {
		say("another mosaic is being painted in %s", mosaic->dir);
	} else if (files_make(mosaic) < 0 || state_write(mosaic, fd) < 0) {
		say("%s: %s", mosaic->dir, strerror(errno));
	} else {
		return fd;
	}
	close(fd);
	return -1;
}

bool mosaic_is_busy(const char *dir)
{
	int fd = mosaic_open(dir, MOSAIC_STATE, O_RDONLY);
	bool busy = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return busy;
}

/* The word that the state has for `key`, cut off at `room`; "" if it has none. */
static const char *state_word(const char *text, const char *key, char *out, size_t room)
{
	char pattern[32], *at;

	snprintf(pattern, sizeof(pattern), "\"%s\":\"", key);
	at = strstr(text, pattern);
	*out = '\0';
	if (at)
		snprintf(out, room, "%.*s", (int)strcspn(at + strlen(pattern), "\""),
			at + strlen(pattern));
	return out;
}

/* Reads what the state says, and whether it says just that: written anew it must be the same. */
static bool state_read(struct mosaic *mosaic, const char *text)
{
	char word[16], name[NAME_MAX], stamp[WHEN_STAMP], again[STATE_ROOM];
	bool all = json_u64(text, "gx", &mosaic->gx) && json_u64(text, "gy", &mosaic->gy) &&
		json_u64(text, "seed", &mosaic->seed) && json_u64(text, "tile", &mosaic->tile) &&
		json_u64(text, "workers", &mosaic->workers) && mosaic->gx - 1 < GRID_MAX &&
		mosaic->gy - 1 < GRID_MAX && mosaic->tile - 1 < TILE_MAX;

	mosaic->mode = mode_parse(state_word(text, "mode", word, sizeof(word)));
	mosaic->order = order_parse(state_word(text, "order", word, sizeof(word)));
	mosaic->two_phase = strstr(text, "\"two_phase\":true");
	mosaic->check_token = strstr(text, "\"check_token\":true");
	if (!all || mosaic->mode == MODES || mosaic->order == ORDERS)
		return false;
	state_spell(again, mosaic, state_word(text, "name", name, sizeof(name)),
		state_word(text, "started_ts", stamp, sizeof(stamp)));
	return strcmp(text, again) == 0;
}

int mosaic_load(struct mosaic *mosaic, const char *dir)
{
	char path[PATH_MAX], *text;
	bool sound;

	snprintf(mosaic->dir, sizeof(mosaic->dir), "%s", dir);
	snprintf(path, sizeof(path), "%.4000s/" MOSAIC_STATE, dir);
	text = json_slurp(path);
	if (!text) {
		say("there is no mosaic in %s: %s: %s", dir, MOSAIC_STATE, strerror(errno));
		return -1;
	}
	sound = state_read(mosaic, text);
	free(text);
	if (!sound) {
		say("%s does not say what is to be painted: it is damaged", path);
		return -1;
	}
	mosaic->places = order_lay(mosaic->order, mosaic->gx, mosaic->gy);
	if (!mosaic->places)
		say("%s: %s", path, strerror(ENOMEM));
	return mosaic->places ? 0 : -1;
}
