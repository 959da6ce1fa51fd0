/* See memory.h. These functions stand in the place of the C library's, for the server's libraries
 * too; glibc allows that ("Replacing malloc" in its manual). Under the address sanitizer they do not: there a
 * dead server's memory is lost, and the sanitizer looks at all of it. */
#include "memory.h"

#if !defined(__SANITIZE_ADDRESS__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#endif

#ifdef __SANITIZE_ADDRESS__

void memory_clear(void)
{
}

void memory_keep(void)
{
}

struct span memory_state(void)
{
	return (struct span){0};
}

#else

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "world.h"

#define ROOM (1UL << 30)
#define CLASSES 128 /* of 16 bytes each */

struct arena {
	char *start, *at; /* start: of what is taken back */
	struct block *freed[CLASSES];
};

struct block {
	size_t size;
	struct block *next; /* while it is free */
};

#define HEAD 16

extern void *__libc_malloc(size_t size);
extern void *__libc_realloc(void *old, size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void __libc_free(void *old);

/* In a page of its own: the program's variables are put back at every birth. */
static struct arena *arena;

static void arena_open(void)
{
	char *start = mmap(NULL, ROOM, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	arena = (struct arena *)start;
	arena->start = start + 4096;
	arena->at = arena->start;
}

void memory_clear(void)
{
	if (!arena)
		arena_open();
	arena->at = arena->start;
	memset(arena->freed, 0, sizeof(arena->freed));
}

void memory_keep(void)
{
	arena->start = arena->at;
}

struct span memory_state(void)
{
	return (struct span){(char *)arena, sizeof(*arena)};
}

static bool is_ours(const void *memory)
{
	return arena && (const char *)memory >= (const char *)arena &&
		(const char *)memory < (const char *)arena + ROOM;
}

static void *take(size_t size)
{
	size = (size + 15) & ~(size_t)15;
	if (size == 0)
		size = 16;
	if (size / 16 < CLASSES && arena->freed[size / 16]) {
		struct block *block = arena->freed[size / 16];

		arena->freed[size / 16] = block->next;
		return (char *)block + HEAD;
	}
	struct block *block = (struct block *)arena->at;

	arena->at += size + HEAD;
	block->size = size;
	return (char *)block + HEAD;
}

void *malloc(size_t size)
{
	return world && world->in_server ? take(size) : __libc_malloc(size);
}

void free(void *old)
{
	struct block *block = (struct block *)((char *)old - HEAD);

	if (!old)
		return;
	if (!is_ours(old)) {
		__libc_free(old);
		return;
	}
	if (block->size / 16 >= CLASSES)
		return;
	block->next = arena->freed[block->size / 16];
	arena->freed[block->size / 16] = block;
}

void *calloc(size_t count, size_t size)
{
	if (!world || !world->in_server)
		return __libc_calloc(count, size);
	return memset(take(count * size), 0, count * size);
}

void *realloc(void *old, size_t size)
{
	const struct block *block = (struct block *)((char *)old - HEAD);
	void *fresh;

	if (!old)
		return malloc(size);
	if (!is_ours(old))
		return __libc_realloc(old, size);
	if (block->size >= size)
		return old;
	fresh = take(size);
	memcpy(fresh, old, block->size);
	free(old);
	return fresh;
}

#endif
