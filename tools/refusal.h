/* Why the mount refused something, in words that name who is in the way. */
#ifndef TOOLS_REFUSAL_H
#define TOOLS_REFUSAL_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

struct mount;

#define REFUSAL_TEXT 512 /* room for what the functions below write */

/* What was refused: it decides which limit can have been reached. */
enum deed { DEED_HOLD, DEED_LEASE, DEED_FREEZE, DEED_READ };

/* "held by ada (pid 4123, 41 s, expires in 19 s)" of a holder as status/<name>.json has it. */
void holder_spell(char out[REFUSAL_TEXT], const cJSON *holder);

/* "from a mount that is gone, process 77 still has it" of a holder that is an orphan; "" of another. */
void orphan_spell(char out[REFUSAL_TEXT], const cJSON *holder);

/* The same of a lock: "… and 2 more" when it has several holders, and of one that is free but
 * waited for, who goes first. False if there is neither. */
bool obstacle_spell(char out[REFUSAL_TEXT], const cJSON *status);

/* "frozen by ada, thaws in 7 s" of a freeze as status/<name>.json has it; with `scope`, it says so
 * when that is a freeze of the whole mount. */
void freeze_spell(char out[REFUSAL_TEXT], const cJSON *freeze, bool scope);

/* "pid 12 waits for a, pid 17 waits for b": the cycle of a denial for a deadlock. False if the
 * event has none. */
bool cycle_spell(char out[REFUSAL_TEXT], const cJSON *event);

/* Says why the mount did not do the deed on `names` (one name, or several joined by '+'), and
 * returns the exit code for it. `err` is the errno, `waited_ms` how long it was waited for. */
int refusal_say(
	const struct mount *mount, enum deed deed, const char *names, int err, int64_t waited_ms);

/* Says what is in the way of `names`, and that it is waited for. */
void waiting_say(const struct mount *mount, const char *names);

#endif
