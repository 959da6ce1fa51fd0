/* See carry.h. One sparse file; each table has a fixed place in it, and pages that were never touched cost
 * nothing. Entry 0 of a table is never used, so that 0 can mean none. */
#include "carry.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/spec.h"
#include "inode.h"

#define MAGIC 0x344b4b4f4cULL /* raised with every change of the layout */

#define HEAD_SIZE (64ULL << 10)
#define WAITS_MAX (1ULL << 22)
#define FILES_MAX (1ULL << 22)
#define NAMES_MAX (1ULL << 22)

#define NAME_SHORT (sizeof(struct carry_name) + CARRY_TEXT_SHORT)
#define NAME_LONG (sizeof(struct carry_name) + CARRY_TEXT_LONG)

/* Where the tables stand. */
#define WAITS_AT HEAD_SIZE
#define FILES_AT (WAITS_AT + WAITS_MAX * sizeof(struct carry_wait))
#define PAUSES_AT (FILES_AT + FILES_MAX * sizeof(struct carry_file))
#define SHORT_AT (PAUSES_AT + CARRY_PAUSES * sizeof(struct carry_pause))
#define LONG_AT (SHORT_AT + NAMES_MAX * NAME_SHORT)
#define SIZE (LONG_AT + NAMES_MAX * NAME_LONG)

_Static_assert(sizeof(struct carry_head) <= HEAD_SIZE, "the first pages are too few");
_Static_assert(CARRY_TEXT_LONG > SPEC_MAX + 5, "the longest file name must fit");

static size_t name_size(int table)
{
	return table ? NAME_LONG : NAME_SHORT;
}

int carry_create(void)
{
	int fd = memfd_create("lokt", MFD_CLOEXEC);
	const struct carry_head head = {.magic = MAGIC,
		.next_inode = INODE_FIRST,
		.next_generation = 1,
		.n_files = 1,
		.n_waits = 1,
		.n_names = {1, 1}};

	if (fd >= 0 &&
		(ftruncate(fd, (off_t)SIZE) != 0 ||
			pwrite(fd, &head, sizeof(head), 0) != sizeof(head))) {
		close(fd);
		return -1;
	}
	return fd;
}

bool carry_fits(int fd)
{
	uint64_t magic;

	return pread(fd, &magic, sizeof(magic), 0) == sizeof(magic) && magic == MAGIC;
}

struct carry_name *carry_name_at(const struct carry *carry, int table, uint64_t i)
{
	return (struct carry_name *)(void *)(carry->names[table] + i * name_size(table));
}

/* Whether a name is one that a server can have written. */
static bool name_ok(const struct carry_name *name, int table, uint64_t next_inode)
{
	const size_t room = table ? CARRY_TEXT_LONG : CARRY_TEXT_SHORT;

	return name->number >= INODE_FIRST && name->number < next_inode &&
		name->dir >= INODE_LOCKS && name->dir <= INODE_STATUS &&
		memchr(name->text, '\0', room);
}

static void names_check(struct carry *carry, int table)
{
	for (uint64_t i = carry->head->n_names[table]; i-- > 1;) {
		struct carry_name *name = carry_name_at(carry, table, i);

		if (name->number && name_ok(name, table, carry->head->next_inode))
			continue;
		carry_name_remove(carry, name);
	}
}

/* Takes out what no server can have written, and finds the free entries, the lowest first. */
static bool tables_check(struct carry *carry)
{
	struct carry_head *head = carry->head;

	if (head->magic != MAGIC || head->n_files > FILES_MAX || head->n_waits > WAITS_MAX ||
		head->n_names[0] > NAMES_MAX || head->n_names[1] > NAMES_MAX ||
		head->init_len > CARRY_INIT_MAX || head->n_requests > CARRY_REQUESTS_MAX ||
		head->n_promises > CARRY_PROMISES_MAX)
		return false;
	for (uint64_t i = head->n_files; i-- > 1;) {
		struct carry_file *file = &carry->files[i];

		file->handle = NULL;
		if (file->kind == CARRY_NONE || file->kind > CARRY_DIR)
			carry_file_remove(carry, file);
	}
	for (uint64_t i = head->n_waits; i-- > 1;)
		if (carry->waits[i].unique == 0)
			carry_wait_remove(carry, (uint32_t)i);
	names_check(carry, 0);
	names_check(carry, 1);
	return true;
}

bool carry_map(struct carry *carry, int fd)
{
	char *base = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);

	*carry = (struct carry){0};
	if (base == MAP_FAILED)
		return false;
	carry->head = (struct carry_head *)(void *)base;
	carry->waits = (struct carry_wait *)(void *)(base + WAITS_AT);
	carry->files = (struct carry_file *)(void *)(base + FILES_AT);
	carry->pauses = (struct carry_pause *)(void *)(base + PAUSES_AT);
	carry->names[0] = base + SHORT_AT;
	carry->names[1] = base + LONG_AT;
	if (tables_check(carry))
		return true;
	carry_unmap(carry);
	errno = EINVAL;
	return false;
}

struct carry_head *carry_head_map(int fd)
{
	void *head = mmap(NULL, HEAD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return head == MAP_FAILED ? NULL : head;
}

void carry_unmap(struct carry *carry)
{
	if (carry->head)
		munmap(carry->head, SIZE);
	*carry = (struct carry){0};
}

struct carry_file *carry_file_add(
	struct carry *carry, const struct carry_file *filled, uint64_t unique)
{
	struct carry_head *head = carry->head;
	uint64_t index = carry->free_file;
	struct carry_file *file, entry = *filled;

	if (index)
		carry->free_file = carry->files[index].next;
	else if (head->n_files < FILES_MAX)
		index = head->n_files++;
	else
		return NULL;
	file = &carry->files[index];
	entry.kind = CARRY_NONE;
	entry.generation = (uint32_t)head->next_generation++;
	entry.unique = unique;
	*file = entry;
	in_this_order();
	file->kind = filled->kind;
	return file;
}

void carry_file_remove(struct carry *carry, struct carry_file *file)
{
	file->kind = CARRY_NONE;
	in_this_order();
	file->handle = NULL;
	file->next = carry->free_file;
	carry->free_file = (uint64_t)(file - carry->files);
}

uint64_t carry_file_number(const struct carry *carry, const struct carry_file *file)
{
	return (uint64_t)file->generation << 32 | (uint64_t)(file - carry->files);
}

struct carry_file *carry_file_find(const struct carry *carry, uint64_t number)
{
	const uint64_t index = number & UINT32_MAX;
	struct carry_file *file;

	if (index == 0 || index >= carry->head->n_files)
		return NULL;
	file = &carry->files[index];
	return file->kind != CARRY_NONE && file->generation == number >> 32 ? file : NULL;
}

uint32_t carry_wait_add(struct carry *carry, uint64_t unique)
{
	struct carry_head *head = carry->head;
	uint64_t index = carry->free_wait;

	if (index)
		carry->free_wait = carry->waits[index].since_ns;
	else if (head->n_waits < WAITS_MAX)
		index = head->n_waits++;
	else
		return 0;
	carry->waits[index].since_ns = 0;
	in_this_order();
	carry->waits[index].unique = unique;
	return (uint32_t)index;
}

void carry_wait_remove(struct carry *carry, uint32_t index)
{
	if (index == 0)
		return;
	carry->waits[index].unique = 0;
	in_this_order();
	carry->waits[index].since_ns = carry->free_wait;
	carry->free_wait = index;
}

struct carry_name *carry_name_add(
	struct carry *carry, uint64_t number, uint32_t dir, const char *text, size_t len)
{
	struct carry_head *head = carry->head;
	const int table = len >= CARRY_TEXT_SHORT;
	uint64_t index = carry->free_name[table];
	struct carry_name *name;

	if (index)
		carry->free_name[table] = carry_name_at(carry, table, index)->next;
	else if (head->n_names[table] < NAMES_MAX)
		index = head->n_names[table]++;
	else
		return NULL;
	name = carry_name_at(carry, table, index);
	name->dir = dir;
	name->lookups = 1;
	memcpy(name->text, text, len);
	name->text[len] = '\0';
	in_this_order();
	name->number = number;
	return name;
}

void carry_name_remove(struct carry *carry, struct carry_name *name)
{
	const int table = (char *)name >= carry->names[1];

	name->number = 0;
	in_this_order();
	name->next = carry->free_name[table];
	carry->free_name[table] = (uint64_t)((char *)name - carry->names[table]) / name_size(table);
}

struct carry_pause *carry_pause_of(const struct carry *carry, int32_t tid)
{
	return &carry->pauses[(uint32_t)tid % CARRY_PAUSES];
}
