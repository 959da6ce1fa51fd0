/* See judge.h: the log. Each line must follow from the one before, and a loss of power takes lines back. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "judge.h"
#include "story.h"
#include "vcalls.h"
#include "vdisk.h"

/* The hash of a line as the contract has it, in one run of several: it takes time. */
static void hash_check(const char *line, size_t len, const struct entry *entry)
{
	unsigned char digest[32];
	char text[65];
	EVP_MD_CTX *context;
	unsigned room = sizeof(digest);
	const size_t tail = strlen(",\"h\":\"\"}") + 64;
	const bool in_server = world->in_server;

	if (!world->told && world->seed % 16 != 0)
		return;
	world->in_server = false; /* or its memory is the server's */
	context = EVP_MD_CTX_new();
	EVP_DigestInit_ex(context, EVP_sha256(), NULL);
	EVP_DigestUpdate(context, entry->prev, strlen(entry->prev));
	EVP_DigestUpdate(context, line, len - tail);
	EVP_DigestUpdate(context, "}", 1);
	EVP_DigestFinal_ex(context, digest, &room);
	EVP_MD_CTX_free(context);
	world->in_server = in_server;
	for (int i = 0; i < 32; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	if (strcmp(text, entry->h) != 0)
		fail("line %llu does not have its hash", (unsigned long long)entry->seq);
}

static void line_read(const char *line, size_t len, uint64_t end, bool gap)
{
	struct judge *judge = &world->judge;
	struct entry entry;

	if (!entry_read(line, len, &entry)) {
		fail("this is no line of a log: %s", shown(line, len));
		return;
	}
	say("  log: %llu %s %s%s%s%s %s", (unsigned long long)entry.seq, entry.event,
		entry.wish.n_names ? entry.wish.names[0] : "", entry.wish.n_names > 1 ? "+" : "",
		entry.wish.n_names > 1 ? entry.wish.names[1] : "", entry.token ? " token" : "",
		entry.reason);
	if (!gap && (entry.seq != judge->seq + 1 || strcmp(entry.prev, judge->h) != 0))
		fail("line %llu does not follow line %llu", (unsigned long long)entry.seq,
			(unsigned long long)judge->seq);
	hash_check(line, len, &entry);
	judge->seq = entry.seq;
	strcpy(judge->h, entry.h);
	if (entry.seq < LINES) {
		world->lines[entry.seq].end = end;
		strcpy(world->lines[entry.seq].h, entry.h);
	}
	world->lines_seen++;
	line_judge(&entry);
}

/* Takes back what the lines after the last that ends at `end` or before had said. */
static void roll_back(uint64_t end)
{
	struct judge *judge = &world->judge;
	uint64_t seq = judge->seq;

	while (seq > 0 && world->lines[seq].end > end)
		seq--;
	say("the log ends at line %llu, not at %llu", (unsigned long long)seq,
		(unsigned long long)judge->seq);
	if (!judge->power_lost)
		fail("line %llu is gone from the log", (unsigned long long)judge->seq);
	if (seq < judge->acked)
		fail("line %llu, which was to outlive the machine, is gone",
			(unsigned long long)judge->acked);
	while (judge->n_renewals > 0 && judge->renewals[judge->n_renewals - 1].seq > seq) {
		const struct renewal *renewal = &judge->renewals[--judge->n_renewals];

		renewal->hold->term = renewal->before;
	}
	while (judge->n_holds > 0 && judge->holds[judge->n_holds - 1].seq > seq)
		judge->n_holds--;
	for (unsigned i = 0; i < judge->n_holds; i++) {
		struct hold *hold = &judge->holds[i];

		if (hold->ended && hold->ended_seq > seq)
			hold->ended = false;
	}
	while (judge->n_freezes > 0 && judge->freezes[judge->n_freezes - 1].seq > seq)
		judge->n_freezes--;
	for (unsigned i = 0; i < judge->n_freezes; i++)
		if (judge->freezes[i].ended && judge->freezes[i].ended_seq > seq)
			judge->freezes[i].ended = false;
	judge->token = judge->token_told; /* what nobody was told of never was */
	judge->seq = seq;
	judge->known = seq ? world->lines[seq].end : 0;
	strcpy(judge->h, seq ? world->lines[seq].h : "GENESIS");
}

void log_was_cut(void)
{
	const uint64_t end = vdisk_log_end();

	if (end < world->judge.known)
		roll_back(end);
}

/* The file of the log that has this byte: the last such, for the end of one before may be torn. Or the first that begins
 * after it. */
static const struct vfile *file_with(uint64_t offset)
{
	const struct vfile *best = NULL, *after = NULL;

	for (size_t i = 0; i < world->n_vfiles; i++) {
		const struct vfile *vfile = &world->vfiles[i];
		const uint64_t start = vfile->log_start;

		if (start == NONE)
			continue;
		if (start > offset && (!after || start < after->log_start))
			after = vfile;
		if (start <= offset && (!best || start > best->log_start))
			best = vfile;
	}
	if (best && offset < best->log_start + best->len)
		return best;
	return after;
}

void judge_log(void)
{
	struct judge *judge = &world->judge;
	const struct vfile *vfile;

	if (judge->seq == 0 && !judge->h[0])
		strcpy(judge->h, "GENESIS");
	log_was_cut();
	while ((vfile = file_with(judge->known))) {
		uint64_t start = vfile->log_start;
		bool gap = start > judge->known;
		uint32_t at = gap ? 0 : (uint32_t)(judge->known - start);
		const char *line = vfile->data + at;
		const char *end = memchr(line, '\n', vfile->len - at);

		if (gap && !judge->power_lost)
			fail("there is a gap in the log before byte %llu",
				(unsigned long long)start);
		if (!end)
			return;
		judge->known = start + (uint64_t)(end + 1 - vfile->data);
		line_read(line, (size_t)(end - line), judge->known, gap);
	}
	judge->power_lost = false;
}

/* Over a reboot time is told by the wall, but no TTL gets longer by that. */
static void by_wall(struct term *term)
{
	int64_t left = term->until_wall_ms - world->wall_ns / (int64_t)MS;

	if (left > (int64_t)term->ttl_ms)
		left = (int64_t)term->ttl_ms;
	term->until_ns = world->boot_ns + (left > 0 ? (uint64_t)left * MS : 0);
	term->by_wall = true;
}

void judge_boot(void)
{
	struct judge *judge = &world->judge;

	for (unsigned i = 0; i < judge->n_holds; i++)
		if (judge->holds[i].lease)
			by_wall(&judge->holds[i].term);
	for (unsigned i = 0; i < judge->n_renewals; i++)
		if (judge->renewals[i].hold->lease)
			by_wall(&judge->renewals[i].before);
	for (unsigned i = 0; i < judge->n_freezes; i++)
		by_wall(&judge->freezes[i].term);
}

static bool has_token(const struct entry *entry, uint64_t token)
{
	for (unsigned i = 0; i < entry->n_tokens; i++)
		if (entry->tokens[i] == token)
			return true;
	return false;
}

void judge_checkpoint(const struct entry *entry)
{
	if (world->judge.booting)
		judge_boot();
	world->judge.booting = false;
	for (unsigned i = 0; i < entry->n_tokens; i++) {
		const struct hold *hold = hold_of_token(entry->tokens[i]);

		if (!hold || hold->ended)
			fail("a checkpoint has token %llu, which is not held",
				(unsigned long long)entry->tokens[i]);
	}
	for (unsigned i = 0; i < world->judge.n_holds && entry->n_tokens < 64; i++) {
		struct hold *hold = &world->judge.holds[i];

		if (hold->ended || has_token(entry, hold->token))
			continue;
		if (!world->judge.failed_ns)
			fail("a checkpoint has not the %s", hold_shown(hold));
		hold->ended = true;
		hold->ended_seq = entry->seq;
		hold->ended_ns = world->mono_ns;
	}
}

void judge_power(void)
{
	struct judge *judge = &world->judge;

	judge->power_lost = judge->booting = true;
	log_was_cut();
	judge->log_failed = false;
	for (unsigned i = 0; i < judge->n_holds; i++) {
		judge->holds[i].file = NULL;
		judge->holds[i].released = !judge->holds[i].lease;
	}
	judge_boot();
}
