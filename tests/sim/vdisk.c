/* See vdisk.h: the files. What the server calls is in vcalls.c.
 *
 * After a death of the server alone every byte that it wrote is there. After a loss of power, a file has what was synced;
 * of what was appended since, a part of any length, some of it zeros; and where bytes were changed or cut,
 * all of the old or all of the new. A name is where it was when the directory was synced, or where it
 * was last. */
#include "vdisk.h"

#include <stdlib.h>
#include <string.h>

#include "story.h"

#define VFD_FIRST 10000

struct vfile *vfile_find(const char *name)
{
	for (size_t i = 0; i < world->n_vfiles; i++)
		if (world->vfiles[i].used && strcmp(world->vfiles[i].name, name) == 0)
			return &world->vfiles[i];
	return NULL;
}

struct vfd *vfd_of(int fd)
{
	if (fd < VFD_FIRST || fd >= VFD_FIRST + (int)world->n_vfds)
		return NULL;
	struct vfd *vfd = &world->vfds[fd - VFD_FIRST];

	return vfd->kind == VFD_NONE ? NULL : vfd;
}

int vfd_open(enum vfd_kind kind, struct vfd **opened)
{
	unsigned i = 0;

	while (i < world->n_vfds && world->vfds[i].kind != VFD_NONE)
		i++;
	if (i == VFDS) {
		fail("the server has %d descriptors open", VFDS);
		return -1;
	}
	if (i == world->n_vfds)
		world->n_vfds++;
	world->vfds[i] = (struct vfd){.kind = kind, .timer_ns = NONE};
	*opened = &world->vfds[i];
	return VFD_FIRST + (int)i;
}

void vfile_name(struct vfile *vfile, const char *name)
{
	const size_t len = strnlen(name, sizeof(vfile->name) - 1);
	char *end;

	memmove(vfile->name, name, len);
	vfile->name[len] = '\0';
	vfile->log_start = NONE;
	if (strncmp(vfile->name, "log.", 4) != 0)
		return;
	vfile->log_start = strtoull(vfile->name + 4, &end, 10);
	if (strcmp(end, ".jsonl") != 0)
		vfile->log_start = NONE;
}

uint64_t vdisk_log_end(void)
{
	const struct vfile *last = NULL;

	for (size_t i = 0; i < world->n_vfiles; i++) {
		const struct vfile *vfile = &world->vfiles[i];

		if (vfile->log_start != NONE && (!last || vfile->log_start > last->log_start))
			last = vfile;
	}
	return last ? last->log_start + last->len : 0;
}

/* Some of what was appended since the last sync. */
static void tail_tear(struct vfile *vfile, struct dice *dice)
{
	const uint32_t fresh = vfile->len - vfile->durable_len;
	const uint32_t kept = dice_below(dice, fresh + 1);

	vfile->len = vfile->durable_len + kept;
	if (kept > 0 && dice_once(dice, 3)) {
		uint32_t from = dice_below(dice, kept), count = dice_below(dice, kept - from) + 1;

		memset(vfile->data + vfile->durable_len + from, 0, count);
		say("of %s %u bytes are left, %u of them zeros", vfile->name, vfile->len, count);
		return;
	}
	say("of %s %u bytes are left", vfile->name, vfile->len);
}

static void contents_lose(struct vfile *vfile, struct dice *dice)
{
	if (vfile->clean == vfile->durable_len && vfile->len == vfile->durable_len)
		return;
	if (dice_once(dice, 3))
		return; /* all of it got there */
	if (vfile->clean >= vfile->durable_len && vfile->len > vfile->durable_len) {
		tail_tear(vfile, dice);
		return;
	}
	memcpy(vfile->data, vfile->durable, vfile->durable_len);
	vfile->len = vfile->durable_len;
	say("%s is as it was synced", vfile->name);
}

void vdisk_lose_power(struct dice *dice)
{
	for (size_t i = 0; i < world->n_vfiles; i++) {
		struct vfile *vfile = &world->vfiles[i];

		if (!vfile->used)
			continue;
		if (strcmp(vfile->name, vfile->durable_name) != 0 && dice_once(dice, 2)) {
			say("the name %s is %s again", vfile->name, vfile->durable_name);
			vfile_name(vfile, vfile->durable_name);
		}
		if (!vfile->name[0]) {
			vfile->used = false;
			continue;
		}
		contents_lose(vfile, dice);
		strcpy(vfile->durable_name, vfile->name);
		memcpy(vfile->durable, vfile->data, vfile->len);
		vfile->durable_len = vfile->clean = vfile->len;
	}
}
