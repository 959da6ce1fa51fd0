/* The kernel's side of FUSE: requests on their way, and what becomes of the answers. */
#ifndef TESTS_SIM_KERNEL_H
#define TESTS_SIM_KERNEL_H

#include "world.h"

/* Mounts: a new connection, whose first request is INIT. */
void kernel_mount(void);

/* The connection is gone: every call on it fails, and every open file of it is dead. */
void kernel_unmount(void);

bool kernel_has_request(void);

/* What the server reads, and what it writes: read(2) and writev(2) of /dev/fuse. */
struct iovec;
ssize_t kernel_read(void *data, size_t room);
ssize_t kernel_write(const struct iovec *parts, int count);

/* Sends a request for a thread, or for nobody (NULL). */
struct request *kernel_send(uint32_t opcode, uint64_t node, struct process *process,
	struct thread *thread, const void *body, size_t len);

/* A signal for who waits for this request: one that kills, or another. */
void kernel_interrupt(struct request *request, bool kills);

/* One reference less; the last sends RELEASE. */
void kfile_put(struct file *file);
struct file *kfile_create(void);

/* The file that the kernel remembers by this name, or NULL; by this number. */
struct node *node_find(enum place place, const char *text);
struct node *node_of(uint64_t number);

/* An entry for another. */
struct node *node_free(void);

/* Has the server forget what nobody uses. */
void kernel_forget(void);

/* The word for a request. */
const char *opcode_word(uint32_t opcode);

#endif
