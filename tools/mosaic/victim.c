/* See victim.h. */
#include "mosaic/victim.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "mosaic/crew.h"
#include "mosaic/mosaic.h"

#define HEAD 2048 /* bytes of a status that have the holder in them: the waiters come later */

struct holder {
	pid_t pid; /* 0: nobody */
	uint64_t token;
};

static struct holder holder_find(const struct mosaic *mosaic, const char *name)
{
	char path[PATH_MAX], text[HEAD + 1], *at;
	int fd = mount_status_path(&mosaic->mount, name, path) == 0
		? open(path, O_RDONLY | O_CLOEXEC)
		: -1;
	ssize_t n = fd < 0 ? -1 : read(fd, text, HEAD);
	struct holder holder = {0};
	uint64_t pid;

	if (fd >= 0)
		close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, "\"holder\":{");
	if (at && json_u64(at, "pid", &pid) && json_u64(at, "token", &holder.token))
		holder.pid = (pid_t)pid;
	return holder;
}

/* The name of the lock that somebody is to die with. False if there is none now. */
static bool name_choose(const struct mosaic *mosaic, char name[NAME_MAX])
{
	char *claims = NULL, *at;
	char path[PATH_MAX];

	snprintf(name, NAME_MAX, "%s", mosaic->name);
	if (!mosaic->two_phase)
		return true;
	snprintf(path, sizeof(path), "%.4000s/" MOSAIC_CLAIMS, mosaic->dir);
	claims = json_slurp(path);
	at = claims ? strchr(claims, 'c') : NULL;
	if (at)
		snprintf(name, NAME_MAX, "%s.tile-%td", mosaic->name, at - claims);
	free(claims);
	return at;
}

pid_t victim_kill(const struct mosaic *mosaic, const struct crew *crew)
{
	char name[NAME_MAX];
	struct holder holder, still;

	if (!name_choose(mosaic, name))
		return 0;
	holder = holder_find(mosaic, name);
	if (!holder.pid)
		return 0;
	if (!crew_has(crew, holder.pid))
		return -1;
	if (kill(holder.pid, SIGSTOP) < 0)
		return 0;
	still = holder_find(mosaic, name);
	if (still.pid == holder.pid && still.token == holder.token) {
		kill(holder.pid, SIGKILL);
		return holder.pid;
	}
	kill(holder.pid, SIGCONT);
	return 0;
}
