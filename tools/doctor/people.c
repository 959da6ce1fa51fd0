/* Holders and freezes that somebody may want to know of. */
#include "doctor/doctor.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "refusal.h"
#include "when.h"

#define DAY_MS (24LL * 3600 * 1000)
#define SOON_MS 60000
#define EACH 8 /* at most so many lines */

/* What is odd about a hold; NULL: nothing. `text` has room for it. */
static const char *hold_odd(const cJSON *holder, char text[REFUSAL_TEXT])
{
	const char *process = json_text(holder, "pid_status");
	bool lease = strcmp(json_text(holder, "kind"), "lease") == 0;

	orphan_spell(text, holder);
	if (*text)
		return text;
	if (!lease && strcmp(process, "dead") == 0)
		return "its process has ended, somebody inherited the descriptor";
	if (!lease && strcmp(process, "unknown") == 0)
		return "its process is not to be seen from the daemon";
	if (json_int(holder, "age_ms", 0) > DAY_MS && json_int(holder, "ttl_ms", -1) < 0)
		return "for over a day, without a TTL";
	return NULL;
}

/* One line for a hold that is odd. */
static void hold_note(struct doctor *doctor, const char *name, const cJSON *holder, const char *odd)
{
	char text[REFUSAL_TEXT], todo[FINDING_TEXT];

	holder_spell(text, holder);
	snprintf(todo, sizeof(todo),
		"if that is wrong: lokt unlock --force %.128s, or rm "
		"'%.128s/locks/%.128s@token=%" PRId64 "'",
		name, doctor->mount.root, name, json_int(holder, "token", 0));
	doctor_add(doctor, LEVEL_NOTE, "holders", todo, "%.128s is %.256s: %s", name, text, odd);
}

static void holders_check(struct doctor *doctor)
{
	const cJSON *lock, *holder;
	int odd = 0, all = 0;

	cJSON_ArrayForEach(lock, cJSON_GetObjectItemCaseSensitive(doctor->status, "locks"))
	{
		cJSON_ArrayForEach(holder, cJSON_GetObjectItemCaseSensitive(lock, "holders"))
		{
			char text[REFUSAL_TEXT];
			const char *what = hold_odd(holder, text);

			all++;
			if (what && odd++ < EACH)
				hold_note(doctor, json_text(lock, "name"), holder, what);
		}
	}
	if (odd > EACH)
		doctor_add(doctor, LEVEL_NOTE, "holders", "lokt status lists all",
			"%d more like these", odd - EACH);
	else if (odd == 0)
		doctor_add(doctor, LEVEL_OK, "holders", "", "%d, and nothing odd about them", all);
}

static void freezes_check(struct doctor *doctor)
{
	const cJSON *freezes = cJSON_GetObjectItemCaseSensitive(doctor->status, "freezes"), *freeze;
	char text[REFUSAL_TEXT];
	int count = 0;

	cJSON_ArrayForEach(freeze, freezes)
	{
		const char *name = json_text(freeze, "name");
		bool all = strcmp(name, "@all") == 0;

		if (!all && json_int(freeze, "remaining_ms", SOON_MS) >= SOON_MS)
			continue;
		freeze_spell(text, freeze, false);
		if (count++ < EACH)
			doctor_add(doctor, LEVEL_NOTE, "freezes",
				all ? "lokt unfreeze @all lifts it"
				    : "lokt freeze again, if it should last",
				"%.128s is %.300s", all ? "the whole mount" : name, text);
	}
}

void people_check(struct doctor *doctor)
{
	if (!doctor->status)
		return;
	holders_check(doctor);
	freezes_check(doctor);
}
