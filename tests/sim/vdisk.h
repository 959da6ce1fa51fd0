/* The state directory, in memory. */
#ifndef TESTS_SIM_VDISK_H
#define TESTS_SIM_VDISK_H

#include "world.h"

/* The file of this name, or NULL. */
struct vfile *vfile_find(const char *name);

/* The descriptor that this number is of the server's, or NULL. */
struct vfd *vfd_of(int fd);

/* A new descriptor; its number. */
int vfd_open(enum vfd_kind kind, struct vfd **opened);

/* The machine lost its power: what was not synced is there, or not, or torn. */
void vdisk_lose_power(struct dice *dice);

/* The offset of the log where a file of it begins; NONE if it is none. */
uint64_t vfile_log_start(const struct vfile *vfile);

/* The last file of the log, or NULL. */
const struct vfile *vdisk_log(void);

#endif
