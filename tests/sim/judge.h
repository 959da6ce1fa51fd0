/* The judge: knows the contract of the mount and not its code. It reads the log as it is written, sees
 * every call and its answer, and fails the run at the first that the contract does not allow. */
#ifndef TESTS_SIM_JUDGE_H
#define TESTS_SIM_JUDGE_H

#include "world.h"

/* Reads what is new in the log, and judges each line of it. */
void judge_log(void);

/* Judges a line of the log that follows from the one before. */
struct entry;
void line_judge(const struct entry *entry);

/* A checkpoint must have just the holds that there are. After a failure of the log the lines of those that ended
 * meanwhile may be missing: it is what the checkpoint says. */
void judge_checkpoint(const struct entry *entry);

/* The server rests: whatever it could do by now must be done. */
void judge_rest(void);

/* The server has ended as it was told to, with this code. */
void judge_end(int code);

/* The machine lost its power: what only it had is gone. */
void judge_power(void);

/* What is left of leases and freezes counts from now on. */
void judge_boot(void);

/* A thread has asked for a lock; begins to use a descriptor; its call is answered; it is given a file. */
void judge_asked(struct process *process, struct thread *thread);
void judge_used(struct thread *thread);
void judge_answered(struct process *process, struct thread *thread, const struct request *request,
	int err, const char *data, size_t len);
void judge_opened(struct process *process, struct thread *thread, struct file *file);

/* The last descriptor of a file was closed. */
void judge_released(struct file *file);

/* The mount is gone: who was not told of his hold by now never will be. */
void judge_unmounted(void);

/* A reader of `audit` has got these bytes. */
void judge_stream(struct file *file, const char *data, size_t len);

/* Whether two cannot have the same name at once; whether a hold is in the way of a wish; a freeze is. */
bool wishes_meet(const struct wish *a, const struct wish *b);
bool hold_bars(const struct hold *hold, const struct wish *wish);
bool holds_bar(const struct wish *wish);
bool freezes_bar(const struct wish *wish);

/* Whether the log cannot be written, or could not since then (CLOCK_MONOTONIC). */
bool log_failed(uint64_t since_ns);

/* Whether somebody has asked for the end of a hold. */
bool asked_to_break(const struct hold *hold);

/* Whether somebody who asked for this, as this user, has the label of the hold. */
bool same_label(uint32_t uid, const struct wish *wish, const struct hold *hold);

/* Whether a descriptor of this file may be of that hold, as far as can be told from its name. */
bool may_be_of(const struct file *file, const struct hold *hold);

/* Whether two ask for the same. */
bool same_wish(const struct wish *a, const struct wish *b);

/* The hold with this token, or that was granted by this line; or NULL. */
struct hold *hold_of_token(uint64_t token);
struct hold *hold_of_line(uint64_t seq);

/* How a hold is called in a story. */
const char *hold_shown(const struct hold *hold);

#endif
