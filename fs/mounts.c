/* See mounts.h. */
#include "mounts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "mountpoint.h"

bool device_read(const char *text, dev_t *device)
{
	unsigned major, minor;

	if (sscanf(text, "%u:%u", &major, &minor) != 2)
		return false;
	*device = makedev(major, minor);
	return true;
}

/* The next word. False at the end. */
static bool word_next(const char **words, char word[MOUNT_TEXT])
{
	size_t len;

	*words += strspn(*words, " ");
	len = strcspn(*words, " ");
	snprintf(word, MOUNT_TEXT, "%.*s", (int)len, *words);
	*words += len;
	return len > 0;
}

/* Whether nobody has anything of the mount that a word is about: its device is gone, or somebody
 * else's since. That is not known where /sys does not even show our own. */
static bool is_gone(const char *word, const char *own)
{
	const size_t len = strcspn(word, "/");
	const uint64_t number = word[len] ? strtoull(word + len + 1, NULL, 10) : 0;
	char device[MOUNT_TEXT], ours[MOUNT_TEXT];

	snprintf(device, sizeof(device), "%.*s", (int)len, word);
	snprintf(ours, sizeof(ours), "%.*s", (int)strcspn(own, "/"), own);
	if (strcmp(device, ours) == 0) /* it is our own, or its device has become that */
		return true;
	return number != 0 && mountpoint_number(ours) != 0 && mountpoint_number(device) != number;
}

void mounts_join(char *words, size_t room, const char *own, const char *old)
{
	size_t len = (size_t)snprintf(words, room, "%s", own);
	char word[MOUNT_TEXT];

	while (word_next(&old, word)) {
		if (is_gone(word, own))
			continue;
		if (len + 1 + strlen(word) >= room) {
			snprintf(words, room, "%s *", own);
			return;
		}
		len += (size_t)snprintf(words + len, room - len, " %s", word);
	}
}

void mounts_forget(char *words)
{
	words[strcspn(words, " ")] = '\0';
}

/* Whether the daemon of a mount was in another pid namespace, and ours is not the first, which sees
 * all. */
static bool is_foreign(const char *word, uint32_t ours)
{
	const char *at = strchr(word, '@');

	return ours != 0 && (!at || strtoul(at + 1, NULL, 16) != ours);
}

void mounts_read(struct mounts *mounts, const char *words, const char *own)
{
	const uint32_t namespace = mountpoint_namespace();
	char word[MOUNT_TEXT];

	*mounts = (struct mounts){.any = false};
	device_read(own, &mounts->own);
	while (word_next(&words, word)) {
		if (is_gone(word, own))
			continue;
		mounts->foreign |= is_foreign(word, namespace);
		if (mounts->count < MOUNTS_MAX &&
			device_read(word, &mounts->devices[mounts->count]))
			mounts->count++;
		else
			mounts->any = true;
	}
}

bool mounts_have(const struct mounts *mounts, dev_t device)
{
	for (int i = 0; i < mounts->count; i++)
		if (mounts->devices[i] == device)
			return true;
	/* File systems without a disk have the major number 0. */
	return mounts->any && major(device) == 0 && device != mounts->own;
}

bool mounts_gone(const struct mounts *mounts)
{
	return mounts->count == 0 && !mounts->any;
}
