/* lokt prime: the paragraph that teaches a coding agent to use the mount. */
#include "commands.h"

#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "args.h"
#include "say.h"

#define MOUNT_USUAL "/mnt/lokt"
#define SAFE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+:@%,"

/* What each tool's rules file looks like around the paragraph. */
static const struct format {
	const char *name, *head;
} formats[] = {
	{"claude-md", "## "},
	{"cursorrules",
		"---\n"
		"description: Locks for whatever other agents, people or jobs may use too\n"
		"globs:\n"
		"alwaysApply: true\n"
		"---\n\n# "},
	{"windsurfrules", "---\ntrigger: always_on\n---\n\n# "},
	{"copilot", "## "},
	{"clinerules", "# "},
	{"aider", "## "},
};

#define FORMATS (sizeof(formats) / sizeof(*formats))

static const char before[] =
	"Locks\n\n"
	"Other agents, people and jobs work here too. Before you change or run what another\n"
	"could use at the same time (a checkout, a branch, a database, a deployment, a port, a\n"
	"device), take its lock; give it back when you are done, also when you failed. One name\n"
	"for one thing: letters, digits, `.`, `_`, `-`. Reading needs no lock.\n\n"
	"```sh\n";

static const char after[] =
	"```\n\n"
	"- `guard` is for one command: the lock lasts as long as the command, and `--ttl` is\n"
	"  renewed for you. `lock` and `unlock` are for work over several commands: a lease, "
	"which\n"
	"  ends by itself when its time passes. Keep that short (10 minutes) and renew it before\n"
	"  half of it is gone.\n"
	"- `LOKT_AGENT_ID` is who you are: the same in each of your commands, another for every\n"
	"  other agent. If your shell forgets variables, set both in front of each command.\n"
	"- Exit 2: somebody has it, or it is frozen; the message says who and until when. Do\n"
	"  something else, or wait with `--timeout`. Do not work around it.\n"
	"- Exit 3, or \"No such file\" from a renewal: your lease is over. Another may have been\n"
	"  there: take it again, and look at what changed before you go on.\n"
	"- Exit 4, or \"Operation not permitted\": it is another's. Leave it alone.\n"
	"- Exit 1: the lock service is in trouble (`lokt doctor` says why). Stop and ask; never "
	"go\n"
	"  on without the lock. `guard` ends its command when the lock is lost.\n"
	"- Never use `lokt unlock --force` or `lokt unfreeze`, and delete nothing under the "
	"mount,\n"
	"  unless your user tells you to.\n"
	"- Two things at once: `lokt guard a+b`, never one lock inside another.\n";

/* A path as a word of the shell. */
static void word_print(const char *path)
{
	if (strspn(path, SAFE) == strlen(path)) {
		fputs(path, stdout);
		return;
	}
	putchar('\'');
	for (; *path; path++)
		fputs(*path == '\'' ? "'\\''" : (char[]){*path, '\0'}, stdout);
	putchar('\'');
}

static void block_print(const char *root)
{
	printf("export LOKT_AGENT_ID=agent-1 LOKT_MOUNT=");
	word_print(root);
	puts("\n"
	     "lokt why checkout                           # who has it, or that it is free\n"
	     "lokt guard checkout --ttl 1m --timeout 5m -- ./deploy.sh # one command under the "
	     "lock\n"
	     "lokt lock checkout --ttl 10m --timeout 5m   # from here on it is yours\n"
	     "echo 10m >> \"$LOKT_MOUNT/leases/checkout@owner=$LOKT_AGENT_ID\" # 10 more minutes\n"
	     "lokt unlock checkout                        # done");
}

/* An agent may work elsewhere. */
static void absolute_make(char path[PATH_MAX])
{
	char here[PATH_MAX], whole[PATH_MAX];
	int len = getcwd(here, sizeof(here)) ? snprintf(whole, sizeof(whole), "%s/%s", here, path)
					     : PATH_MAX;

	if (len < PATH_MAX)
		strcpy(path, whole);
}

/* The mount that the caller means, or the only one there is, without touching it. */
static void root_find(char root[PATH_MAX], const char *flag)
{
	const char *from = flag ? flag : getenv("LOKT_MOUNT");
	FILE *mounts = from && *from ? NULL : setmntent("/proc/self/mounts", "re");
	const struct mntent *entry;
	int found = 0;

	snprintf(root, PATH_MAX, "%s", from && *from ? from : MOUNT_USUAL);
	if (*root != '/')
		absolute_make(root);
	while (mounts && (entry = getmntent(mounts)))
		if (strcmp(entry->mnt_type, "fuse.loktfs") == 0 && found++ == 0)
			snprintf(root, PATH_MAX, "%s", entry->mnt_dir);
	if (mounts)
		endmntent(mounts);
	if (mounts && found == 0)
		say("there is no lokt mount: this is for one at " MOUNT_USUAL);
	if (found > 1)
		say("there are several lokt mounts: this is for %s (choose with --mount DIR)",
			root);
	text_clean(root);
}

static const struct format *format_find(const char *name)
{
	for (size_t i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

int prime_main(int argc, char **argv)
{
	const char *where = NULL, *name = "claude-md";
	const struct flag flags[] = {
		{"format", FLAG_TEXT, &name, "FORMAT", "one of those above (default: claude-md)"},
		FLAG_MOUNT(&where),
	};
	struct args args = {"prime", "[--format FORMAT]",
		"Prints what a coding agent must know to use the mount, for the file that its\n"
		"tool reads:\n\n"
		"  claude-md      add it to CLAUDE.md (or AGENTS.md)\n"
		"  cursorrules    .cursor/rules/lokt.mdc; for .cursorrules take claude-md\n"
		"  windsurfrules  .windsurf/rules/lokt.md; for .windsurfrules take claude-md\n"
		"  copilot        add it to .github/copilot-instructions.md\n"
		"  clinerules     .clinerules/lokt.md\n"
		"  aider          add it to CONVENTIONS.md, which .aider.conf.yml reads by\n"
		"                 `read: CONVENTIONS.md`\n",
		flags, 2};
	const struct format *format;
	char root[PATH_MAX];
	int code;

	if (!args_parse(&args, argc, argv, &code))
		return code;
	if (args.noperands > 0)
		return args_refuse(&args, "there is nothing to do with '%s'", args.operands[0]);
	format = format_find(name);
	if (!format)
		return args_refuse(&args, "there is no format '%s'", name);
	root_find(root, where);
	fputs(format->head, stdout);
	fputs(before, stdout);
	block_print(root);
	fputs(after, stdout);
	return CODE_OK;
}
