/* lokt doctor: what is wrong with a mount, and what to do about it. */
#include "doctor/doctor.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "args.h"
#include "commands.h"
#include "say.h"

static const struct {
	const char *word, *colour;
} levels[LEVELS] = {
	[LEVEL_OK] = {"ok", "\033[32m"},
	[LEVEL_NOTE] = {"note", "\033[36m"},
	[LEVEL_WARN] = {"warn", "\033[33m"},
	[LEVEL_FAIL] = {"fail", "\033[31m"},
};

void doctor_add(struct doctor *doctor, enum level level, const char *about, const char *todo,
	const char *format, ...)
{
	size_t room = (doctor->count + 1) * sizeof(struct finding);
	struct finding *findings = realloc(doctor->findings, room), *finding;
	va_list args;

	if (!findings) {
		say("out of memory");
		exit(CODE_ERROR);
	}
	doctor->findings = findings;
	finding = &findings[doctor->count++];
	*finding = (struct finding){.level = level, .about = about};
	snprintf(finding->todo, sizeof(finding->todo), "%s", todo);
	va_start(args, format);
	vsnprintf(finding->what, sizeof(finding->what), format, args);
	va_end(args);
	text_clean(finding->what);
	text_clean(finding->todo);
}

static size_t level_count(const struct doctor *doctor, enum level level)
{
	size_t count = 0;

	for (size_t i = 0; i < doctor->count; i++)
		count += doctor->findings[i].level == level;
	return count;
}

static void lines_print(const struct doctor *doctor)
{
	bool colour = say_colour(stdout);

	for (size_t i = 0; i < doctor->count; i++) {
		const struct finding *finding = &doctor->findings[i];

		printf("%s%-4s%s  %-11s  %s%s%s\n", colour ? levels[finding->level].colour : "",
			levels[finding->level].word, colour ? "\033[0m" : "", finding->about,
			finding->what, *finding->todo ? " — " : "", finding->todo);
	}
	printf("%zu ok, %zu noted, %zu warned of, %zu failed\n", level_count(doctor, LEVEL_OK),
		level_count(doctor, LEVEL_NOTE), level_count(doctor, LEVEL_WARN),
		level_count(doctor, LEVEL_FAIL));
}

static void json_print(const struct doctor *doctor)
{
	cJSON *all = cJSON_CreateObject(), *list;
	char *text;

	cJSON_AddNumberToObject(all, "version", 1);
	cJSON_AddStringToObject(all, "mount", doctor->mount.root);
	for (int i = 0; i < LEVELS; i++)
		cJSON_AddNumberToObject(
			all, levels[i].word, (double)level_count(doctor, (enum level)i));
	list = cJSON_AddArrayToObject(all, "findings");
	for (size_t i = 0; i < doctor->count; i++) {
		const struct finding *finding = &doctor->findings[i];
		cJSON *item = cJSON_CreateObject();

		cJSON_AddStringToObject(item, "level", levels[finding->level].word);
		cJSON_AddStringToObject(item, "about", finding->about);
		cJSON_AddStringToObject(item, "what", finding->what);
		cJSON_AddStringToObject(item, "todo", finding->todo);
		cJSON_AddItemToArray(list, item);
	}
	text = cJSON_PrintUnformatted(all);
	puts(text ? text : "");
	free(text);
	cJSON_Delete(all);
}

int doctor_main(int argc, char **argv)
{
	const char *where = NULL;
	bool json = false;
	const struct flag flags[] = {
		{"json", FLAG_ON, &json, NULL, "the same as one JSON object"},
		FLAG_MOUNT(&where),
	};
	struct args args = {"doctor", "[--json]",
		"Checks the mount, its daemon and its log, this machine and what you may do, and\n"
		"says what to do about what is wrong: a line each, ok, note, warn or fail. "
		"Changes\n"
		"nothing. 0: nothing failed, 1: something did.\n",
		flags, 2};
	static struct doctor doctor;
	int code;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	if (args.noperands > 0)
		return args_refuse(&args, "there is nothing to do with '%s'", args.operands[0]);
	mounted_check(&doctor, where);
	machine_check(&doctor);
	daemon_check(&doctor);
	state_check(&doctor);
	log_check(&doctor);
	people_check(&doctor);
	rights_check(&doctor);
	if (json)
		json_print(&doctor);
	else
		lines_print(&doctor);
	code = level_count(&doctor, LEVEL_FAIL) > 0 ? CODE_ERROR : CODE_OK;
	cJSON_Delete(doctor.status);
	free(doctor.findings);
	return code;
}
