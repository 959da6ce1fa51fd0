/* Recovery: the input is the files of a state directory, and the real fs/ finds its way back from it.
 *
 * The input is read by lines. Each is sealed into the chain, whatever it says of `seq`, `prev` and `h`: no
 * fuzzer guesses a hash, and a log as it is can be an input. But these say something:
 *
 *	#file [N]       the next lines are of another file of the log, which begins at N (the end of the last)
 *	#raw, #sealed   lines are put down as they are; as before
 *	#tokens TEXT    what the file `tokens` has in it; so do #end and #new.jsonl */
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/param.h>
#include <sys/stat.h>
#include <unistd.h>
#include <dirent.h>

#include "core/err.h"
#include "fs/directory.h"
#include "fs/host.h"
#include "fs/recovery.h"
#include "fuzz.h"

#define FILES_MAX 8
#define KEEP (1ULL << 40) /* no history is trimmed */

/* A file of the log as it was put there. */
struct file {
	uint64_t start;
	struct text text;
};

/* The other files of the directory. */
static const char *const others[] = {"tokens", "end", "new.jsonl"};
#define OTHERS (sizeof(others) / sizeof(others[0]))

struct state {
	struct file files[FILES_MAX];
	size_t count;
	struct text other[OTHERS];
	struct chain chain;
	bool raw;
};

static bool begins(const char *line, size_t len, const char *word)
{
	return len >= strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

/* text_add(), of nothing too. */
static void bytes_add(struct text *text, const char *data, size_t len)
{
	if (len > 0)
		text_add(text, data, len);
}

static void file_add(struct state *state, const char *start, size_t len)
{
	const struct file *last = &state->files[state->count - 1];
	char number[24] = "";
	uint64_t at;

	memcpy(number, start, len < sizeof(number) ? len : sizeof(number) - 1);
	at = number[0] ? strtoull(number, NULL, 10) : last->start + last->text.len;
	for (size_t i = 0; i < state->count; i++)
		if (state->files[i].start == at)
			return;
	if (state->count < FILES_MAX)
		state->files[state->count++] = (struct file){.start = at};
}

/* What a line says besides its place in the chain. */
static void seal(struct state *state, const char *line, size_t len)
{
	struct text *text = &state->files[state->count - 1].text;
	const size_t start = text->len;

	if (begins(line, len, "{\"seq\":")) {
		const char *comma = memchr(line, ',', len);

		len -= (size_t)((comma ? comma : line) - line);
		line = comma ? comma : line;
	}
	for (size_t i = 0; i + 9 < len; i++)
		if (memcmp(line + i, ",\"prev\":\"", 9) == 0)
			len = i;
	chain_begin(&state->chain, text);
	bytes_add(text, line, len);
	chain_seal(&state->chain, text, start);
}

/* Whether the line says what another file has in it. */
static bool other_add(struct state *state, const char *line, size_t len)
{
	for (size_t i = 0; i < OTHERS; i++) {
		const size_t word = strlen(others[i]) + 2;

		if (len < word || line[0] != '#' || !begins(line + 1, len - 1, others[i]))
			continue;
		state->other[i].len = 0;
		bytes_add(&state->other[i], line + word, len - word);
		text_put(&state->other[i], "\n");
		return true;
	}
	return false;
}

static void line_add(struct state *state, const char *line, size_t len, bool ended)
{
	struct text *text = &state->files[state->count - 1].text;

	if (begins(line, len, "#file")) {
		file_add(state, line + 5, len - 5);
	} else if (begins(line, len, "#raw") || begins(line, len, "#sealed")) {
		state->raw = line[1] == 'r';
	} else if (other_add(state, line, len)) {
		return;
	} else if (state->raw) {
		bytes_add(text, line, len);
		if (ended)
			text_put(text, "\n");
	} else {
		seal(state, line, len);
	}
}

static void state_read(struct state *state, struct input *input)
{
	*state = (struct state){.count = 1};
	chain_init(&state->chain);
	while (input->at < input->end) {
		const char *line;
		size_t len = input_line(input, &line);

		line_add(state, line, len, input->at[-1] == '\n');
	}
}

static void state_finish(struct state *state)
{
	for (size_t i = 0; i < state->count; i++)
		text_finish(&state->files[i].text);
	for (size_t i = 0; i < OTHERS; i++)
		text_finish(&state->other[i]);
}

static void file_write(const char *directory, const char *name, const char *data, size_t len)
{
	char path[4200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	close(fd);
}

static void file_name(uint64_t start, char name[64])
{
	sprintf(name, "log.%020" PRIu64 ".jsonl", start);
}

static const char *state_write(const struct state *state)
{
	const char *directory = fuzz_directory();
	char name[64];

	for (size_t i = 0; i < state->count; i++) {
		file_name(state->files[i].start, name);
		file_write(directory, name, state->files[i].text.data, state->files[i].text.len);
	}
	for (size_t i = 0; i < OTHERS; i++)
		if (state->other[i].len)
			file_write(directory, others[i], state->other[i].data, state->other[i].len);
	return directory;
}

/* All of a file; empty: it is not there. */
static struct text file_read(int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	struct text text = {0};
	char data[65536];
	ssize_t len;

	while (fd >= 0 && (len = read(fd, data, sizeof(data))) > 0)
		text_add(&text, data, (size_t)len);
	if (fd >= 0)
		close(fd);
	return text;
}

#define PIECES_MAX 3 /* that a file is set aside in: its end, and what was left of it */

/* Whether these bytes are what stands in a file that was set aside, or in several one after the other. */
static bool is_aside(const char *directory, const char *data, size_t len, unsigned pieces)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	bool found = len == 0;

	CHECK(dir);
	while (!found && pieces > 0 && (entry = readdir(dir))) {
		struct text text;

		if (!begins(entry->d_name, strlen(entry->d_name), "set-aside."))
			continue;
		text = file_read(dirfd(dir), entry->d_name);
		found = text.len > 0 && text.len <= len && memcmp(text.data, data, text.len) == 0 &&
			is_aside(directory, data + text.len, len - text.len, pieces - 1);
		text_finish(&text);
	}
	closedir(dir);
	return found;
}

/* Every byte is where it was, or from some byte on in a file of its own. */
static void nothing_lost(const struct state *state, const char *directory)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < state->count; i++) {
		const struct text *was = &state->files[i].text;
		char name[64];

		file_name(state->files[i].start, name);
		struct text now = file_read(dir, name);
		size_t same = 0;

		while (same < was->len && same < now.len && was->data[same] == now.data[same])
			same++;
		if (now.len > same) /* lines were added: what was here before them is whole lines */
			while (same > 0 && was->len != same && was->data[same - 1] != '\n')
				same--;
		CHECK(same == was->len ||
			is_aside(directory, was->data + same, was->len - same, PIECES_MAX));
		text_finish(&now);
	}
	close(dir);
}

/* The next token that a text speaks of, from `at` on, which is then behind its name. False: there is none. */
static bool token_next(const struct text *text, size_t *at, uint64_t *token)
{
	static const char key[] = "\"token\":";
	char digits[24] = ""; /* the text is not terminated */
	const char *found =
		text->len ? memmem(text->data + *at, text->len - *at, key, sizeof(key) - 1) : NULL;

	if (!found)
		return false;
	*at = (size_t)(found - text->data) + sizeof(key) - 1;
	memcpy(digits, text->data + *at, MIN(sizeof(digits) - 1, text->len - *at));
	*token = strtoull(digits, NULL, 10);
	return true;
}

static bool speaks_of(const struct text *text, uint64_t token)
{
	uint64_t other;

	for (size_t at = 0; token_next(text, &at, &other);)
		if (other == token)
			return true;
	return false;
}

/* No hold but those whose tokens the log speaks of. */
static void holds_check(const struct state *state, const struct text *parts)
{
	uint64_t token;

	for (size_t at = 0; token_next(parts, &at, &token);) {
		bool found = false;

		for (size_t i = 0; i < state->count && !found; i++)
			found = speaks_of(&state->files[i].text, token);
		CHECK(found);
	}
}

/* What is recovered from a directory: an engine and its chain, as a checkpoint would say them. */
struct found {
	bool ok;
	bool aside; /* something had to be set aside */
	struct recovery recovery;
	struct record tokens;
	struct text parts;
	struct chain_head head;
};

static struct found find(const char *directory)
{
	struct engine *engine = NULL;
	const struct known known = {.boot = "this"};
	struct found found = {0};
	struct chain chain;
	struct disk disk;

	int lock = directory_claim(directory, "/nowhere");

	CHECK(lock >= 0 && disk_open(&disk, directory, lock, NULL, KEEP));
	found.ok = recover(&disk, &known, &engine, &chain, &found.recovery);
	found.aside = disk.damage.count > 0;
	if (found.ok) {
		record_init(&found.tokens, RECORD_CHECKPOINT, 0);
		engine_checkpoint(engine, &found.tokens);
		text_put(&found.parts, "{"); /* or there is no comma first */
		engine_write_parts(engine, &found.parts);
		found.head = chain.head;
	}
	engine_destroy(engine);
	disk_close(&disk);
	close(lock);
	return found;
}

static void same_check(const struct found *a, const struct found *b)
{
	CHECK(a->tokens.next_token == b->tokens.next_token);
	CHECK(a->parts.len == b->parts.len &&
		memcmp(a->parts.data, b->parts.data, a->parts.len) == 0);
}

/* A log that is nothing but a checkpoint of what was found gives just that again. */
static void checkpoint_check(const struct found *found)
{
	const char *directory = fuzz_directory();
	struct chain chain = {found->head};
	struct text line = {0};
	struct found again;

	chain_begin(&chain, &line);
	record_write(&found->tokens, "box", &line);
	text_put(&line, ",");
	text_add(&line, found->parts.data + 1, found->parts.len - 1);
	chain_seal(&chain, &line, 0);
	file_write(directory, "log.00000000000000000000.jsonl", line.data, line.len);
	again = find(directory);
	CHECK(again.ok && !again.aside);
	same_check(found, &again);
	text_finish(&line);
	text_finish(&again.parts);
}

static void nobody(void *context, const struct answer *answer)
{
	(void)context, (void)answer;
}

static void no_promise(void *context, const struct effects *fx, uint64_t seq)
{
	(void)context, (void)fx, (void)seq;
}

/* A daemon starts on it, stops, and starts again. */
static void starts(const struct state *state)
{
	const char *directory = state_write(state);

	for (int i = 0; i < 2; i++) {
		int lock = directory_claim(directory, "/nowhere");
		struct seen seen = {0};
		struct host host;

		CHECK(lock >= 0 && host_init(&host, directory, lock, KEEP, &seen));
		host.answer = nobody;
		host.promise = no_promise;
		host_start(&host, -1);
		host_stop(&host);
		host_finish(&host);
		close(lock);
		nothing_lost(state, directory);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, data + size};
	struct found found, again;
	const char *directory;
	struct state state;

	fuzz_ns = 0;
	state_read(&state, &input);
	directory = state_write(&state);
	found = find(directory);
	nothing_lost(&state, directory);
	if (found.ok) {
		holds_check(&state, &found.parts);
		again = find(directory);
		CHECK(again.ok && !again.aside);
		same_check(&found, &again);
		CHECK(strcmp(found.head.h, again.head.h) == 0);
		text_finish(&again.parts);
		checkpoint_check(&found);
		starts(&state);
	}
	text_finish(&found.parts);
	state_finish(&state);
	return 0;
}
