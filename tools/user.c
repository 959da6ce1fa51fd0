/* See user.h. */
#include "user.h"

#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>

#include "say.h"

void user_spell(char out[USER_TEXT], int64_t uid)
{
	const struct passwd *user = uid >= 0 && uid < UINT32_MAX ? getpwuid((uid_t)uid) : NULL;

	if (user)
		snprintf(out, USER_TEXT, "%s", user->pw_name);
	else
		snprintf(out, USER_TEXT, "%" PRId64, uid);
	text_clean(out);
}
