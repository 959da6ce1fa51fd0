/* See shape.h. */
#include "shape.h"

#include <fcntl.h>
#include <string.h>

/* The body of each request, a letter a member:
 *	4, 8  so many bytes as they come		z, Z  so many zeros, four and eight
 *	f  flags of an open	h  an open file		o, s  where and how much to read
 *	k  a poll's handle	q  an earlier request	n  a name	c  a command, its length before it at w
 *	N  an inode		g  how often it was looked up */
static const struct shape {
	uint32_t opcode;
	const char *body;
} shapes[] = {
	{FUSE_LOOKUP, "n"},
	{FUSE_OPEN, "fz"},
	{FUSE_READ, "hoszZfz"},
	{FUSE_WRITE, "hZwzZfzc"},
	{FUSE_RELEASE, "hzzZ"},
	{FUSE_POLL, "hk44"},
	{FUSE_INTERRUPT, "q"},
	{FUSE_UNLINK, "n"},
	{FUSE_CREATE, "fzzzn"},
	{FUSE_FORGET, "g"},
	{FUSE_GETATTR, "4zh"},
	{FUSE_SETATTR, "4zhoZZZZzzzzzzzz"},
	{FUSE_OPENDIR, "fz"},
	{FUSE_READDIR, "hoszZfz"},
	{FUSE_RELEASEDIR, "hzzZ"},
	{FUSE_ACCESS, "4z"},
	{FUSE_STATFS, ""},
	{FUSE_BATCH_FORGET, "4zNgNg"},
	{FUSE_MKDIR, "zzn"},
	{FUSE_RMDIR, "n"},
	{FUSE_MKNOD, "4zzzn"},
	{FUSE_SYMLINK, "nn"},
	{FUSE_LINK, "Nn"},
	{FUSE_RENAME, "Nnn"},
	{FUSE_RENAME2, "N4znn"},
	{FUSE_FLUSH, "hzzZ"},
	{FUSE_FSYNC, "hzz"},
	{FUSE_IOCTL, "h48444"},
	{FUSE_GETXATTR, "szn"},
	{FUSE_LISTXATTR, "sz"},
	{FUSE_SETLKW, "hZ8844zz"},
	{FUSE_LSEEK, "ho4z"},
	{FUSE_FALLOCATE, "hoo4z"},
	{FUSE_READDIRPLUS, "hoszZfz"},
	{FUSE_COPY_FILE_RANGE, "hoNho88"},
	{FUSE_NOTIFY_REPLY, "8osZZ"},
	{FUSE_INIT, "44444444444444448"},
	{FUSE_DESTROY, ""},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const names[] = {"a", "b", "c", "a+b", "b+c", "a@try", "b@try", "a@shared",
	"b@shared", "a@slots=2", "a@ttl=1s", "b@ttl=500ms,timeout=2s", "a@timeout=1s", "a@bind=pid",
	"a@frozen=wait", "a@owner=x", "a@token=1", "a+b@token=2", "@all", "a.json", "b.json",
	"locks", "status", "status.json", "audit", "renew", "metrics", "", ".", "..", "-a", "a/b",
	"a@", "a,b",
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
static const char *const commands[] = {
	"renew\n", "renew 1s\n", "renew 30d", "\n", "1s\n", "10m", "a\n", "a 2s\n", "b", "0", ""};
static const uint32_t flags[] = {O_RDONLY | O_LARGEFILE, O_RDWR | 0100000, O_WRONLY | 0100000,
	O_WRONLY | O_TRUNC | 0100000, O_RDWR | O_TRUNC | O_CREAT | O_EXCL | 0100000, O_RDONLY,
	O_RDONLY | O_NONBLOCK | 0100000, O_WRONLY | O_APPEND | 0100000};

/* A body that is being made. */
struct body {
	struct kernel *kernel;
	struct input *input;
	uint32_t opcode;
	bool rude;     /* it may say what no kernel says */
	bool nonsense; /* it does, though it may not */
	char data[1024];
	size_t len, size_at; /* where the length of what follows stands */
};

static void body_add(struct body *body, const void *data, size_t len)
{
	if (len > sizeof(body->data) - body->len)
		len = sizeof(body->data) - body->len;
	memcpy(body->data + body->len, data, len);
	body->len += len;
}

static void body_number(struct body *body, uint64_t number, size_t len)
{
	body_add(body, &number, len);
}

/* A text of the table, or of the input: its length, then its bytes. */
static size_t text_pick(struct input *input, const char *const *table, size_t count, char text[256])
{
	size_t choice = input_byte(input);

	if (choice < count)
		return strlen(strcpy(text, table[choice]));
	for (size_t i = 0; i < choice - count; i++)
		text[i] = (char)input_byte(input);
	return choice - count;
}

uint64_t node_pick(struct kernel *kernel, struct input *input)
{
	unsigned choice = input_byte(input);
	size_t known = kernel->n_nodes < KNOWN_MAX ? kernel->n_nodes : KNOWN_MAX;

	if (choice == 255)
		return input_number(input, 8);
	if (choice <= INODE_METRICS + 1 || known == 0)
		return choice;
	return kernel->nodes[(choice - INODE_METRICS - 2) % known];
}

/* An open file, one that was closed, or none at all. */
static uint64_t fh_pick(struct body *body)
{
	struct kernel *kernel = body->kernel;
	unsigned choice = input_byte(body->input);
	bool closes = body->opcode == FUSE_RELEASE || body->opcode == FUSE_RELEASEDIR;
	struct opened *opened = &kernel->opened[kernel->n_opened ? choice % kernel->n_opened : 0];

	if (!body->rude &&
		(choice == 255 || !kernel->n_opened || !opened->open ||
			opened->directory !=
				(body->opcode == FUSE_RELEASEDIR ||
					body->opcode == FUSE_READDIR))) {
		body->nonsense = body->opcode != FUSE_GETATTR && body->opcode != FUSE_SETATTR;
		return 0;
	}
	if (choice == 255)
		return input_number(body->input, 8);
	if (closes && kernel->n_opened)
		opened->open = false;
	return kernel->n_opened ? opened->fh : choice;
}

/* Small, large or any. */
static uint64_t number_pick(struct input *input)
{
	unsigned choice = input_byte(input);

	if (choice < 128)
		return choice;
	return choice == 255 ? input_number(input, 8) : 1ULL << (choice & 63);
}

static uint64_t poll_pick(struct kernel *kernel, struct input *input)
{
	uint64_t choice = input_byte(input);

	if (kernel->polls < choice)
		kernel->polls = choice;
	return choice;
}

static uint64_t unique_pick(const struct kernel *kernel, struct input *input)
{
	unsigned choice = input_byte(input);

	return choice > 0 && choice <= kernel->n_asked ? kernel->asked[choice - 1].unique
						       : 2ULL * choice;
}

static uint32_t flags_pick(struct input *input)
{
	unsigned choice = input_byte(input);

	return choice < COUNT(flags) ? flags[choice] : (uint32_t)input_number(input, 3);
}

static void member_add(struct body *body, char member)
{
	struct input *input = body->input;
	char text[256] = "";
	size_t len;

	switch (member) {
	case '4': body_number(body, input_number(input, 4), 4); break;
	case '8': body_number(body, input_number(input, 8), 8); break;
	case 'z': body_number(body, 0, 4); break;
	case 'Z': body_number(body, 0, 8); break;
	case 'f': body_number(body, flags_pick(input), 4); break;
	case 'h': body_number(body, fh_pick(body), 8); break;
	case 'o': body_number(body, number_pick(input), 8); break;
	case 's': body_number(body, number_pick(input), 4); break;
	case 'k': body_number(body, poll_pick(body->kernel, input), 8); break;
	case 'q': body_number(body, unique_pick(body->kernel, input), 8); break;
	case 'g': body_number(body, number_pick(input), 8); break;
	case 'N': body_number(body, node_pick(body->kernel, input), 8); break;
	case 'n':
		len = text_pick(input, names, COUNT(names), text);
		body_add(body, text, len + 1);
		break;
	case 'w':
		body->size_at = body->len;
		body_number(body, 0, 4);
		break;
	case 'c':
		len = text_pick(input, commands, COUNT(commands), text);
		memcpy(body->data + body->size_at, &(uint32_t){(uint32_t)len}, 4);
		body_add(body, text, len);
		break;
	}
}

bool is_shape(unsigned number)
{
	return number < COUNT(shapes);
}

struct asked *shape_ask(struct kernel *kernel, struct input *input, unsigned number, bool rude)
{
	const struct shape *shape = &shapes[number];
	struct body body = {
		.kernel = kernel, .input = input, .opcode = shape->opcode, .rude = rude};
	uint64_t node = node_pick(kernel, input);

	for (const char *member = shape->body; *member; member++)
		member_add(&body, *member);
	return body.nonsense ? NULL : kernel_ask(kernel, shape->opcode, node, body.data, body.len);
}
