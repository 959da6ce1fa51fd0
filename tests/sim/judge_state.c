/* See judge.h: what the judge knows of holds and freezes. */
#include <stdio.h>
#include <string.h>

#include "judge.h"
#include "people.h"

struct hold *hold_of_token(uint64_t token)
{
	for (unsigned i = world->judge.n_holds; i-- > 0;)
		if (world->judge.holds[i].token == token)
			return &world->judge.holds[i];
	return NULL;
}

struct hold *hold_of_line(uint64_t seq)
{
	for (unsigned i = world->judge.n_holds; i-- > 0;)
		if (seq && world->judge.holds[i].seq == seq)
			return &world->judge.holds[i];
	return NULL;
}

const char *hold_shown(const struct hold *hold)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s of %s%s%s by %d (token %llu)",
		hold->lease ? "lease" : "hold", hold->wish.names[0],
		hold->wish.n_names > 1 ? "+" : "",
		hold->wish.n_names > 1 ? hold->wish.names[1] : "", hold->pid,
		(unsigned long long)hold->token);
	return text;
}

bool wishes_meet(const struct wish *a, const struct wish *b)
{
	for (unsigned i = 0; i < a->n_names; i++)
		for (unsigned j = 0; j < b->n_names; j++)
			if (strcmp(a->names[i], b->names[j]) == 0)
				return true;
	return false;
}

bool hold_bars(const struct hold *hold, const struct wish *wish)
{
	unsigned others = 0;

	if (hold->ended || !wishes_meet(&hold->wish, wish) || (hold->wish.shared && wish->shared))
		return false;
	for (unsigned i = 0; i < world->judge.n_holds; i++)
		others += !world->judge.holds[i].ended &&
			wishes_meet(&world->judge.holds[i].wish, wish);
	return hold->wish.shared || wish->shared || hold->lease || others >= wish->slots;
}

bool holds_bar(const struct wish *wish)
{
	for (unsigned i = 0; i < world->judge.n_holds; i++)
		if (hold_bars(&world->judge.holds[i], wish))
			return true;
	return false;
}

bool freezes_bar(const struct wish *wish)
{
	for (unsigned i = 0; i < world->judge.n_freezes; i++) {
		const struct freeze_seen *freeze = &world->judge.freezes[i];

		if (freeze->ended)
			continue;
		if (strcmp(freeze->name, "@all") == 0)
			return true;
		for (unsigned n = 0; n < wish->n_names; n++)
			if (strcmp(freeze->name, wish->names[n]) == 0)
				return true;
	}
	return false;
}

bool same_label(uint32_t uid, const struct wish *wish, const struct hold *hold)
{
	return strcmp(wish->owner[0] ? wish->owner : user_of(uid), hold->wish.owner) == 0;
}

bool same_wish(const struct wish *a, const struct wish *b)
{
	if (a->n_names != b->n_names || a->shared != b->shared || a->slots != b->slots)
		return false;
	for (unsigned i = 0; i < a->n_names; i++)
		if (strcmp(a->names[i], b->names[i]) != 0)
			return false;
	return true;
}

bool may_be_of(const struct file *file, const struct hold *hold)
{
	struct wish wish;

	if (file->place != AT_LOCKS)
		return false;
	wish_parse(file->text, &wish);
	return same_wish(&wish, &hold->wish) && wish.bind == hold->wish.bind &&
		(!wish.owner[0] || strcmp(wish.owner, hold->wish.owner) == 0);
}
