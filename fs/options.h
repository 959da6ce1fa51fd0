/* The command line of loktfs. */
#ifndef FS_OPTIONS_H
#define FS_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/engine.h"
#include "core/spec.h"

struct options {
	char *state;      /* the state directory, absolute; owned */
	char *mountpoint; /* absolute; owned */
	char **flags;     /* the arguments before SOURCE and MOUNTPOINT; of main()'s */
	int n_flags;
	struct spec_defaults defaults;
	uint64_t freeze_ttl_ms, lease_ttl_ms;
	struct settings settings; /* of the engine */
	bool has_admins;
	uint32_t admins;       /* the group whose members may do what the mount's owner may */
	bool admins_handed_on; /* and it is not to be looked for */
	uint64_t audit_max;    /* bytes of history kept */
	bool allow_other, foreground, debug;
	bool no_resend;     /* as if the kernel were older than 6.9 */
	bool upgrade;       /* asked for, of the mount that is there */
	bool help, version; /* asked for: nothing else counts */
};

/* Reads the arguments. 0, or the exit code after a message: 64 for what is no usage, 1 for what
 * cannot be. */
int options_parse(struct options *options, int argc, char **argv);
void options_finish(struct options *options);

/* Writes the mount point as the list of mounts has it, if it can be found: without links, dots and the like. Whatever
 * is mounted there is not asked, and may be dead. */
void options_resolve(struct options *options);

/* The arguments that say the same wherever a process stands, for one in `role`: NULL-terminated. NULL when there
 * is no memory. */
char **options_argv(const struct options *options, const char *role);

/* What --help prints. */
extern const char options_usage[];

#endif
