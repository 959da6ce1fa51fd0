/* Why the mount refused something, in words that name who is in the way. */
#ifndef TOOLS_REFUSAL_H
#define TOOLS_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

struct mount;

#define REFUSAL_TEXT 512 /* room for the two below */

/* "held by ada (pid 4123, 41 s, expires in 19 s)" of a holder as status/<name>.json has it. */
void holder_spell(char out[REFUSAL_TEXT], const cJSON *holder);

/* "frozen by ada, thaws in 7 s" of a freeze as status/<name>.json has it; with `scope`, it says so
 * when that is a freeze of the whole mount. */
void freeze_spell(char out[REFUSAL_TEXT], const cJSON *freeze, bool scope);

/* Says why the mount did not grant `names` (one name, or several joined by '+'), and returns the
 * exit code for it. `err` is the errno, `waited_ms` how long it was waited for. */
int refusal_say(const struct mount *mount, const char *names, int err, int64_t waited_ms);

#endif
