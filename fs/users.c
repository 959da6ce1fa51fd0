/* See users.h. */
#include "users.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/list.h"
#include "core/spec.h"
#include "core/tree.h"

struct user {
	struct tree_node by_uid;
	uint32_t uid;
	char name[OWNER_MAX + 1];
};

static int uid_compare(const void *key, const struct tree_node *node)
{
	uint32_t a = *(const uint32_t *)key, b = container_of(node, const struct user, by_uid)->uid;

	return a < b ? -1 : a > b;
}

static struct tree users = {.compare = uid_compare};

static void name_ask(struct user *user)
{
	char buffer[4096];
	struct passwd entry, *found = NULL;

	if (getpwuid_r(user->uid, &entry, buffer, sizeof(buffer), &found) == 0 && found &&
		found->pw_name[0] && strlen(found->pw_name) <= OWNER_MAX)
		strcpy(user->name, found->pw_name);
	else
		snprintf(user->name, sizeof(user->name), "%u", user->uid);
}

const char *user_name(uint32_t uid)
{
	struct tree_node *node = tree_find(&users, &uid);
	struct user *user;

	if (node)
		return container_of(node, struct user, by_uid)->name;
	user = calloc(1, sizeof(*user));
	if (!user)
		return "unknown";
	user->uid = uid;
	name_ask(user);
	tree_insert(&users, &uid, &user->by_uid);
	return user->name;
}

void users_finish(void)
{
	struct tree_node *node;

	while ((node = tree_first(&users))) {
		tree_remove(&users, node);
		free(container_of(node, struct user, by_uid));
	}
}
