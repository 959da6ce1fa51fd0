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

/* Gives a file this name, or none ("") any more. */
void vfile_name(struct vfile *vfile, const char *name);

/* The offset of the log where its last file ends; 0: there is none. */
uint64_t vdisk_log_end(void);

#endif
