/* See kernel.h: open files, and the files that the kernel remembers by name. */
#include <linux/fuse.h>
#include <string.h>

#include "judge.h"
#include "kernel.h"
#include "story.h"

struct file *kfile_create(void)
{
	size_t i = 0;

	while (i < world->n_files && world->files[i].used)
		i++;
	if (i == FILES) {
		fail("more than %d files are open", FILES);
		return NULL;
	}
	if (i == world->n_files)
		world->n_files++;
	world->files[i] = (struct file){.used = true,
		.refs = 1,
		.kh = ++world->kernel.kh,
		.mount_id = world->kernel.mount_id,
		.part = world->parts[i]};
	return &world->files[i];
}

void kfile_put(struct file *file)
{
	struct fuse_release_in in = {.fh = file->fh, .flags = (uint32_t)file->flags};

	if (--file->refs > 0)
		return;
	if (!file->dead && world->kernel.up) {
		struct request *request =
			kernel_send(FUSE_RELEASE, file->node, NULL, NULL, &in, sizeof(in));

		say("kernel: RELEASE %llu of %s", (unsigned long long)request->order, file->text);
	}
	for (size_t i = 0; i < WATCHED; i++)
		if (world->watched[i].node == file->node &&
			world->watched[i].mount_id == file->mount_id)
			world->watched[i].closed = true;
	file->released = true;
	judge_released(file);
	file->used = false;
}

struct node *node_find(enum place place, const char *text)
{
	for (size_t i = 0; i < world->kernel.n_nodes; i++) {
		struct node *node = &world->kernel.nodes[i];

		if (node->used && node->place == place && strcmp(node->text, text) == 0)
			return node;
	}
	return NULL;
}

struct node *node_of(uint64_t number)
{
	for (size_t i = 0; i < world->kernel.n_nodes; i++)
		if (world->kernel.nodes[i].used && world->kernel.nodes[i].number == number)
			return &world->kernel.nodes[i];
	return NULL;
}

struct node *node_free(void)
{
	struct kernel *kernel = &world->kernel;

	for (size_t i = 0; i < kernel->n_nodes; i++)
		if (!kernel->nodes[i].used)
			return &kernel->nodes[i];
	if (kernel->n_nodes == NODES)
		fail("more than %d files are remembered", NODES);
	return &kernel->nodes[kernel->n_nodes++];
}

static bool node_in_use(const struct node *node)
{
	for (size_t i = 0; i < world->n_files; i++)
		if (world->files[i].used && !world->files[i].dead &&
			world->files[i].node == node->number)
			return true;
	for (size_t i = 0; i < world->kernel.n_requests; i++)
		if (world->kernel.requests[i].used &&
			world->kernel.requests[i].node == node->number)
			return true;
	return false;
}

void kernel_forget(void)
{
	for (size_t i = 0; i < world->kernel.n_nodes; i++) {
		struct node *node = &world->kernel.nodes[i];
		struct fuse_forget_in in = {.nlookup = node->lookups};

		if (!node->used || node->place == AT_ROOT || node_in_use(node))
			continue;
		kernel_send(FUSE_FORGET, node->number, NULL, NULL, &in, sizeof(in));
		node->used = false;
	}
}
