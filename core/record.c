/* See record.h. One table says how every member is written and read. */
#include "record.h"

#include <stddef.h>
#include <string.h>

#include "err.h"

static const char *const kind_words[RECORD_KINDS] = {
	[RECORD_ACQUIRE] = "acquire",
	[RECORD_RELEASE] = "release",
	[RECORD_RENEW] = "renew",
	[RECORD_DENY] = "deny",
	[RECORD_STALE_BREAK] = "stale-break",
	[RECORD_AUTO_PRUNE] = "auto-prune",
	[RECORD_FORCE_BREAK] = "force-break",
	[RECORD_CORRUPT_BREAK] = "corrupt-break",
	[RECORD_FREEZE] = "freeze",
	[RECORD_UNFREEZE] = "unfreeze",
	[RECORD_THAW] = "thaw",
	[RECORD_START] = "start",
	[RECORD_STOP] = "stop",
	[RECORD_RECOVER] = "recover",
	[RECORD_CHECKPOINT] = "checkpoint",
};

static const char *const reason_words[REASONS] = {
	[REASON_NONE] = "none",
	[REASON_HELD] = "held",
	[REASON_TIMEOUT] = "timeout",
	[REASON_FROZEN] = "frozen",
	[REASON_DEADLOCK] = "deadlock",
	[REASON_LIMIT] = "limit",
	[REASON_PERMISSION] = "permission",
	[REASON_CANCELLED] = "cancelled",
	[REASON_KILLED] = "killed",
	[REASON_EXITED] = "exited",
	[REASON_REBOOT] = "reboot",
	[REASON_UNKNOWN] = "unknown",
};

static const char *const mode_words[] = {"exclusive", "shared"};
static const char *const hold_words[] = {"open", "lease"};
static const char *const bind_words[] = {"fd", "pid"};

/* TYPE_NAMES: an array, in the place of the member before it where there are several names. */
enum type {
	TYPE_U64,
	TYPE_U32,
	TYPE_TIME,
	TYPE_STRING,
	TYPE_NAME,
	TYPE_NAMES,
	TYPE_WORD,
	TYPE_HOST
};

#define BIT(kind) (1U << (kind))
#define ALL (BIT(RECORD_KINDS) - 1)
#define LOCKING                                                                                    \
	(BIT(RECORD_ACQUIRE) | BIT(RECORD_RELEASE) | BIT(RECORD_STALE_BREAK) |                     \
		BIT(RECORD_AUTO_PRUNE) | BIT(RECORD_FORCE_BREAK))
#define ENDING (LOCKING & ~BIT(RECORD_ACQUIRE))
#define COMING (BIT(RECORD_START) | BIT(RECORD_RECOVER) | BIT(RECORD_CHECKPOINT)) /* of a daemon */
#define HOLD BIT(30)   /* an object of a checkpoint rather than a line: a hold … */
#define FREEZE BIT(31) /* … a freeze */
#define PART (HOLD | FREEZE)
#define WORDS(table) .word = table, .words = sizeof(table) / sizeof((table)[0])
#define AT(member) offsetof(struct record, member)
#define KEY(word) word, ",\"" word "\":", sizeof(",\"" word "\":") - 1

static const struct member {
	const char *key;
	const char *written; /* the key as it stands in a line */
	size_t written_len;
	enum type type;
	size_t offset;
	unsigned kinds; /* in which it stands */
	bool optional;  /* left out when zero, empty or TIME_NONE */
	const char *const *word;
	size_t words;
} members[] = {
	{KEY("ts"), TYPE_TIME, AT(wall_ms), ALL | PART},
	{KEY("event"), TYPE_WORD, AT(kind), ALL, false, WORDS(kind_words)},
	{KEY("name"), TYPE_NAME, AT(names), ALL | PART, true},
	{KEY("names"), TYPE_NAMES, AT(names), ALL | PART, true},
	{KEY("token"), TYPE_U64, AT(token),
		LOCKING | BIT(RECORD_RENEW) | BIT(RECORD_RECOVER) | HOLD, true},
	{KEY("owner"), TYPE_STRING, AT(owner), ALL | PART, true},
	{KEY("uid"), TYPE_U32, AT(uid), ALL | PART},
	{KEY("host"), TYPE_HOST, 0, ALL},
	{KEY("pid"), TYPE_U32, AT(pid), ALL | PART},
	{KEY("waited_ms"), TYPE_U64, AT(waited_ms), BIT(RECORD_ACQUIRE)},
	{KEY("held_ms"), TYPE_U64, AT(held_ms), ENDING},
	{KEY("mode"), TYPE_WORD, AT(mode), BIT(RECORD_ACQUIRE) | HOLD, false, WORDS(mode_words)},
	{KEY("kind"), TYPE_WORD, AT(hold), BIT(RECORD_ACQUIRE) | HOLD, false, WORDS(hold_words)},
	{KEY("bind"), TYPE_WORD, AT(bind), BIT(RECORD_ACQUIRE) | HOLD, true, WORDS(bind_words)},
	{KEY("slots"), TYPE_U32, AT(slots), BIT(RECORD_ACQUIRE) | HOLD, true},
	{KEY("reason"), TYPE_WORD, AT(reason), BIT(RECORD_DENY) | BIT(RECORD_AUTO_PRUNE), true,
		WORDS(reason_words)},
	{KEY("signal"), TYPE_U32, AT(signal), BIT(RECORD_AUTO_PRUNE) | BIT(RECORD_RECOVER), true},
	{KEY("count"), TYPE_U64, AT(count), ALL, true},
	{KEY("by_uid"), TYPE_U32, AT(by_uid), BIT(RECORD_FORCE_BREAK)},
	{KEY("by_pid"), TYPE_U32, AT(by_pid), BIT(RECORD_FORCE_BREAK)},
	{KEY("ttl_ms"), TYPE_U64, AT(ttl_ms),
		BIT(RECORD_ACQUIRE) | BIT(RECORD_RENEW) | BIT(RECORD_FREEZE) | PART, true},
	{KEY("at_ns"), TYPE_U64, AT(at_ns), BIT(RECORD_ACQUIRE) | BIT(RECORD_RENEW) | HOLD, true},
	{KEY("pid_start_ns"), TYPE_U64, AT(start_ns), BIT(RECORD_ACQUIRE) | HOLD, true},
	{KEY("renewals"), TYPE_U32, AT(renewals), HOLD, true},
	{KEY("lost"), TYPE_U32, AT(lost), HOLD, true},
	{KEY("expires_at"), TYPE_TIME, AT(until_wall_ms), BIT(RECORD_FREEZE) | PART, true},
	{KEY("until_ns"), TYPE_U64, AT(until_ns), BIT(RECORD_FREEZE) | PART, true},
	{KEY("boot"), TYPE_STRING, AT(boot), COMING, true},
	{KEY("mount"), TYPE_STRING, AT(mount), COMING, true},
	{KEY("detail"), TYPE_STRING, AT(detail), ALL, true},
	{KEY("next_token"), TYPE_U64, AT(next_token), BIT(RECORD_CHECKPOINT)},
	{KEY("token_limit"), TYPE_U64, AT(token_limit), BIT(RECORD_CHECKPOINT)},
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

void record_init(struct record *record, enum record_kind kind, int64_t wall_ms)
{
	memset(record, 0, offsetof(struct record, names));
	record->kind = kind;
	record->wall_ms = wall_ms;
	record->ttl_ms = TIME_NONE;
	record->until_ns = TIME_NONE;
	record->names[0] = record->owner[0] = record->boot[0] = record->mount[0] = '\0';
	record->detail[0] = record->old_owner[0] = '\0';
}

static bool member_is_none(const struct member *member, const void *at)
{
	switch (member->type) {
	case TYPE_U64: return *(const uint64_t *)at == 0 || *(const uint64_t *)at == TIME_NONE;
	case TYPE_TIME: return *(const int64_t *)at == 0;
	case TYPE_STRING: return *(const char *)at == '\0';
	case TYPE_NAME: return *(const char *)at == '\0' || strchr(at, '+');
	case TYPE_NAMES: return !strchr(at, '+');
	default: return *(const uint32_t *)at == 0;
	}
}

/* Names joined by '+' as an array. */
static void names_write(const char *names, struct text *text)
{
	char name[NAME_MAX_LEN + 1];
	const char *separator = "[";

	while (names_next(&names, name)) {
		text_put(text, separator);
		text_string(text, name);
		separator = ",";
	}
	text_put(text, "]");
}

/* A word of ours: nothing in it has to be escaped. */
static void word_write(const char *word, struct text *text)
{
	text_put(text, "\"");
	text_put(text, word);
	text_put(text, "\"");
}

static void member_write(
	const struct member *member, const void *at, const char *host, struct text *text)
{
	text_add(text, member->written, member->written_len);
	switch (member->type) {
	case TYPE_U64: text_u64(text, *(const uint64_t *)at); break;
	case TYPE_U32: text_u64(text, *(const uint32_t *)at); break;
	case TYPE_TIME: text_time(text, *(const int64_t *)at); break;
	case TYPE_STRING:
	case TYPE_NAME: text_string(text, at); break;
	case TYPE_NAMES: names_write(at, text); break;
	case TYPE_WORD: word_write(member->word[*(const uint32_t *)at], text); break;
	case TYPE_HOST: text_string(text, host); break;
	}
}

static void members_write(
	const struct record *record, unsigned kinds, const char *host, struct text *text)
{
	for (size_t i = 0; i < MEMBERS; i++) {
		const void *at = (const char *)record + members[i].offset;

		if ((members[i].kinds & kinds) &&
			!(members[i].optional && member_is_none(&members[i], at)))
			member_write(&members[i], at, host, text);
	}
}

void record_write(const struct record *record, const char *host, struct text *text)
{
	members_write(record, BIT(record->kind), host, text);
	if (record->more)
		text_put(text, record->more);
}

void record_write_part(const struct record *record, struct text *text)
{
	const size_t start = text->len;

	members_write(record, record->kind == RECORD_FREEZE ? FREEZE : HOLD, "", text);
	text_put(text, "}");
	if (!text->failed)
		text->data[start] = '{'; /* over the comma of the first member */
}

static uint32_t word_read(struct scan *scan, const struct member *member)
{
	char word[32];

	scan_string(scan, word, sizeof(word));
	for (uint32_t i = 0; i < member->words; i++)
		if (strcmp(word, member->word[i]) == 0)
			return i;
	scan->bad = true;
	return 0;
}

/* Reads an array of names and joins them by '+'. */
static void names_read(struct scan *scan, char names[SPEC_MAX + 1])
{
	size_t len = 0;

	scan_expect(scan, '[');
	for (bool first = true; scan_element(scan); first = false) {
		if (!first && len < SPEC_MAX)
			names[len++] = '+';
		scan_string(scan, names + len, SPEC_MAX + 1 - len);
		len += strlen(names + len);
	}
}

static size_t string_room(const struct member *member)
{
	if (member->offset == AT(names))
		return sizeof(((struct record *)0)->names);
	if (member->offset == AT(owner))
		return sizeof(((struct record *)0)->owner);
	return DETAIL_MAX + 1;
}

static void member_read(struct scan *scan, const struct member *member, void *at)
{
	uint64_t number;

	switch (member->type) {
	case TYPE_U64: *(uint64_t *)at = scan_u64(scan); break;
	case TYPE_TIME: *(int64_t *)at = scan_time(scan); break;
	case TYPE_STRING:
	case TYPE_NAME: scan_string(scan, at, string_room(member)); break;
	case TYPE_NAMES: names_read(scan, at); break;
	case TYPE_WORD: *(uint32_t *)at = word_read(scan, member); break;
	case TYPE_HOST: scan_skip(scan); break;
	case TYPE_U32:
		number = scan_u64(scan);
		scan->bad |= number > UINT32_MAX;
		*(uint32_t *)at = (uint32_t)number;
		break;
	}
}

static const struct member *member_find(const char *key)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (members[i].key[0] == key[0] && strcmp(members[i].key, key) == 0)
			return &members[i];
	return NULL;
}

static int parts_read(struct scan *scan, enum record_kind kind, record_part *part, void *context)
{
	int err = OK;

	scan_expect(scan, '[');
	while (err == OK && scan_element(scan)) {
		struct record one;

		record_init(&one, kind, 0);
		err = record_read(scan, &one, NULL, NULL);
		if (err == OK)
			err = part(context, &one);
	}
	return err;
}

int record_read(struct scan *scan, struct record *record, record_part *part, void *context)
{
	int err = OK;
	char key[32];

	scan_expect(scan, '{');
	while (err == OK && scan_member(scan, key, sizeof(key))) {
		const struct member *member = member_find(key);

		if (member)
			member_read(scan, member, (char *)record + member->offset);
		else if (part && strcmp(key, "holds") == 0)
			err = parts_read(scan, RECORD_ACQUIRE, part, context);
		else if (part && strcmp(key, "freezes") == 0)
			err = parts_read(scan, RECORD_FREEZE, part, context);
		else
			scan_skip(scan);
	}
	return scan->bad ? ERR_CORRUPT : err;
}

const char *record_kind_word(enum record_kind kind)
{
	return kind_words[kind];
}

const char *reason_word(enum reason reason)
{
	return reason_words[reason];
}
