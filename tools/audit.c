/* lokt audit: what happened to the locks, or what happens to them from now on. */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "args.h"
#include "event.h"
#include "json.h"
#include "lines.h"
#include "mount.h"
#include "name.h"
#include "refusal.h"
#include "say.h"
#include "verify.h"
#include "when.h"

struct audit {
	struct mount mount;
	const char *name;       /* NULL: all */
	char since[WHEN_STAMP]; /* events with a smaller `ts` are not wanted; "" for all */
	bool tail, json, colour;
	bool verify;      /* check it in place of printing it */
	const char *file; /* and not the mount's log, but this */
};

/* Takes --since: a duration back from now, or a moment in UTC, the end of which may be missing. */
static bool since_parse(struct audit *audit, const char *text)
{
	size_t len = strlen(text);
	int64_t ago;
	struct tm tm;

	if (when_parse(text, &ago) == 0) {
		when_stamp(audit->since, ago);
		return true;
	}
	if (len >= sizeof(audit->since) || !strptime(text, "%Y-%m-%d", &tm) ||
		strspn(text, "0123456789-T:. Z") != len)
		return false;
	strcpy(audit->since, text);
	if (len > 10 && audit->since[10] == ' ')
		audit->since[10] = 'T';
	if (audit->since[len - 1] == 'Z') /* it sorts behind the milliseconds' dot */
		audit->since[len - 1] = '\0';
	return true;
}

/* Takes what is no flag: nothing, or `verify [FILE]`. False, having said why, if it does not fit. */
static bool audit_operands(struct audit *audit, const struct args *args)
{
	bool chosen = audit->tail || audit->name || *audit->since;

	audit->verify = args->noperands > 0 && strcmp(args->operands[0], "verify") == 0;
	audit->file = audit->verify && args->noperands > 1 ? args->operands[1] : NULL;
	if (args->noperands > 0 && !audit->verify)
		args_refuse(args, "there is nothing to do with '%s'", args->operands[0]);
	else if (args->noperands > 2)
		args_refuse(args, "verify takes one FILE at most");
	else if (audit->verify && chosen)
		args_refuse(args, "verify checks all of a log: not with --tail, --since, --name");
	else
		return true;
	return false;
}

static bool audit_parse(struct audit *audit, int argc, char **argv, int *code)
{
	const char *where = NULL, *since = NULL;
	const struct flag flags[] = {
		{"tail", FLAG_ON, &audit->tail, NULL, "follow: events from now on, as they happen"},
		{"since", FLAG_TEXT, &since, "WHEN",
			"from then on: 10m ago, or 2026-01-28T20:15:12Z"},
		{"name", FLAG_TEXT, &audit->name, "NAME", "only of this lock"},
		{"json", FLAG_ON, &audit->json, NULL, "the mount's own lines, unchanged"},
		FLAG_MOUNT(&where),
	};
	struct args args = {"audit",
		"[--tail] [--since WHEN] [--name NAME] [--json]\n"
		"       lokt audit verify [FILE] [--json]",
		"Prints the events that the mount has logged. --tail prints those from now\n"
		"on as they happen, with --since first those since then.\n\n"
		"verify checks the hash chain of the log, or of FILE (- is standard input): no\n"
		"line was changed, is missing or stands elsewhere, and the mount's own log ends "
		"as\n"
		"status.json says. It names the first line that is wrong, and exits with 1.\n",
		flags, sizeof(flags) / sizeof(flags[0])};

	if (!args_parse(&args, argc, argv, code))
		return false;
	*code = CODE_USAGE;
	if (since && !since_parse(audit, since))
		args_refuse(&args,
			"--since takes a duration like 10m, or a moment in UTC like "
			"2026-01-28T20:15, not '%s'",
			since);
	else if (audit_operands(audit, &args) && (!audit->name || name_check(audit->name)))
		*code = !audit->file && mount_find(&audit->mount, where) < 0 ? CODE_ERROR : CODE_OK;
	return *code == CODE_OK;
}

static void line_print(const struct audit *audit, const char *line, size_t len)
{
	cJSON *event = json_parse(line);
	const char *ts = event ? json_text(event, "ts") : "";
	char text[EVENT_TEXT];

	if (!event) {
		say("a line of the log is not JSON");
	} else if ((*ts && strcmp(ts, audit->since) < 0) ||
		(audit->name && !event_concerns(event, audit->name))) {
		/* not asked for */
	} else if (audit->json) {
		fwrite(line, 1, len, stdout);
		putchar('\n');
	} else {
		event_spell(text, event);
		printf("%s  %s%-13s%s %s\n", *ts ? ts : "-",
			audit->colour ? event_colour(json_text(event, "event")) : "",
			json_text(event, "event"), audit->colour ? "\033[0m" : "", text);
	}
	cJSON_Delete(event);
}

/* Prints what there is, and with --tail what comes. Returns 0 or an errno. */
static int audit_follow(const struct audit *audit, int fd)
{
	struct lines lines;
	char *line;
	size_t len;
	int more;

	lines_init(&lines, fd);
	while ((more = lines_next(&lines, &line, &len)) > 0) {
		line_print(audit, line, len);
		if (audit->tail && fflush(stdout) < 0)
			break;
	}
	more = more < 0 ? errno : 0;
	lines_finish(&lines);
	return more;
}

int audit_main(int argc, char **argv)
{
	struct audit audit = {.colour = say_colour(stdout)};
	char path[PATH_MAX];
	int code, fd, err;

	if (!audit_parse(&audit, argc, argv, &code))
		return code;
	if (audit.verify)
		return say_end(verify_log(&audit.mount, audit.file, audit.json));
	err = mount_path(&audit.mount, "", audit.tail ? "audit" : "audit.jsonl", path);
	fd = err ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return refusal_say(&audit.mount, DEED_READ, "audit", err ? err : errno, 0);
	if (audit.tail && !*audit.since)
		lseek(fd, 0, SEEK_END);
	err = audit_follow(&audit, fd);
	close(fd);
	return err ? refusal_say(&audit.mount, DEED_READ, "audit", err, 0) : say_end(CODE_OK);
}
